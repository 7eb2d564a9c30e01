//! Signing up and signing in.

use super::trouble::Trouble;
use crate::api::account::{SignIn, SignUp};
use crate::components::layout::OpenPage;
use crate::error::AppError;
use crate::form::{ErrorSummary, PostForm, TextField, refused};
use crate::root::home_data;
use domain::account::Password;
use domain::field::Field;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

#[component]
pub(crate) fn SignUpPage() -> impl IntoView {
    let home = home_data();
    view! {
        <OpenPage title="Sign up" narrow=true>
            <Suspense>
                {move || home.get().map(|home| match home {
                    Ok(home) if !home.sign_up_open => view! {
                        <header class="page__header">
                            <h1>"Sign up"</h1>
                            <p class="page__lead">{AppError::SignUpClosed.to_string()}</p>
                        </header>
                    }
                    .into_any(),
                    Ok(_) => view! { <NewAccount/> }.into_any(),
                    Err(error) => view! { <Trouble error/> }.into_any(),
                })}
            </Suspense>
            <p class="fine-print">"Already here? "<a href="/sign-in">"Sign in"</a>"."</p>
        </OpenPage>
    }
}

#[component]
fn NewAccount() -> impl IntoView {
    let back = refused(SignUp::PATH);
    let error = Signal::stored(back.as_ref().map(|back| back.error.clone()));
    let typed = move |name: &str| {
        back.as_ref()
            .and_then(|back| back.value(name))
            .unwrap_or_default()
            .to_owned()
    };
    view! {
        <header class="page__header">
            <h1>"Sign up"</h1>
            <p class="page__lead">"One account for you; your child comes next."</p>
        </header>
        <ErrorSummary error/>
        <PostForm function=SignUp::PATH class="stack">
            <TextField
                field=Field::FirstName
                label="First name"
                hint="Optional. Shown beside the meals you log."
                value=typed("first_name")
                autocomplete="given-name"
                error
            />
            <TextField
                field=Field::Email
                label="E-mail"
                kind="email"
                hint="For signing in. Nothing is sent to it but what you ask for."
                value=typed("email")
                autocomplete="username"
                required=true
                error
            />
            <TextField
                field=Field::Password
                label="Password"
                kind="password"
                hint=password_hint()
                autocomplete="new-password"
                required=true
                error
            />
            <BrowserTimeZone/>
            <button class="button button--primary" type="submit">"Create account"</button>
        </PostForm>
    }
}

pub(crate) const fn password_hint() -> &'static str {
    // Said in words, so that a change of the rule is a change here too.
    const { assert!(Password::LEAST == 10) };
    "10 characters or more. A few words in a row are fine."
}

/// The browser's time zone; empty until it is known, and without JavaScript.
#[component]
fn BrowserTimeZone() -> impl IntoView {
    let zone = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| zone.set(crate::browser::time_zone()));
    view! { <input type="hidden" name="time_zone" prop:value=zone value=""/> }
}

#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let home = home_data();
    let back = refused(SignIn::PATH);
    let error = Signal::stored(back.as_ref().map(|back| back.error.clone()));
    let typed = move |name: &str| back.as_ref().and_then(|back| back.value(name)).map(str::to_owned);
    let next = typed("next").unwrap_or_else(|| use_query_map().read_untracked().get("next").unwrap_or_default());
    view! {
        <OpenPage title="Sign in" narrow=true>
            <header class="page__header">
                <h1>"Sign in"</h1>
            </header>
            <ErrorSummary error/>
            <PostForm function=SignIn::PATH class="stack">
                <input type="hidden" name="next" value=next/>
                <TextField
                    field=Field::Email
                    label="E-mail"
                    kind="email"
                    value=typed("email").unwrap_or_default()
                    autocomplete="username"
                    required=true
                    error
                />
                <TextField
                    field=Field::Password
                    label="Password"
                    kind="password"
                    autocomplete="current-password"
                    required=true
                    error
                />
                <button class="button button--primary" type="submit">"Sign in"</button>
            </PostForm>
            <p class="fine-print"><a href="/forgot-password">"Forgot your password?"</a></p>
            <Suspense>
                {move || home
                    .get()
                    .is_some_and(|home| home.is_ok_and(|home| home.sign_up_open))
                    .then(|| view! {
                        <p class="fine-print">"New here? "<a href="/sign-up">"Create an account"</a>"."</p>
                    })}
            </Suspense>
        </OpenPage>
    }
}
