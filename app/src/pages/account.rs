//! Signing up and signing in.

use super::with_next;
use crate::api::account::{INVITATION, SignIn, SignUp};
use crate::components::layout::OpenPage;
use crate::components::loaded::Loaded;
use crate::error::AppError;
use crate::form::{ErrorSummary, PostForm, Refused, TextField, refused};
use crate::request::asked;
use crate::root::home_data;
use domain::account::Password;
use domain::field::Field;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

#[component]
pub(crate) fn SignUpPage() -> impl IntoView {
    let home = home_data();
    // Whether the invitation is good, signing up finds out.
    let invited = typed_or_asked(refused(SignUp::PATH))("next").starts_with(INVITATION);
    view! {
        <OpenPage title="Sign up" narrow=true>
            <Loaded
                resource=home
                shows=move |home| if home.sign_up_open || invited {
                    view! { <NewAccount/> }.into_any()
                } else {
                    view! {
                        <header class="page__header">
                            <h1>"Sign up"</h1>
                            <p class="page__lead">{AppError::SignUpClosed.to_string()}</p>
                        </header>
                    }
                    .into_any()
                }
            />
        </OpenPage>
    }
}

#[component]
fn NewAccount() -> impl IntoView {
    let back = refused(SignUp::PATH);
    let error = Signal::stored(back.as_ref().map(|back| back.error.clone()));
    let typed = typed_or_asked(back);
    let (next, email) = (typed("next"), typed("email"));
    let sign_in = on_to("/sign-in", &next, &email);
    view! {
        <header class="page__header">
            <h1>"Sign up"</h1>
            <p class="page__lead">"One account for you; your child comes next."</p>
        </header>
        <ErrorSummary error/>
        <PostForm function=SignUp::PATH class="stack">
            <input type="hidden" name="next" value=next/>
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
                value=email
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
            // Filled by zone.js; without it the child's own zone is asked for next.
            <input type="hidden" name="time_zone" value=""/>
            <button class="button button--primary" type="submit">"Create account"</button>
        </PostForm>
        <p class="fine-print">"Already here? "<a class="link-line" href=sign_in>"Sign in"</a>"."</p>
    }
}

/// What was typed into the form that came back, else what the page was asked for with.
fn typed_or_asked(back: Option<Refused>) -> impl Fn(&str) -> String {
    move |name| match &back {
        Some(back) => back.value(name).unwrap_or_default().to_owned(),
        None => asked(name).unwrap_or_default(),
    }
}

/// The other of the two pages, with what this one was asked for with.
fn on_to(page: &'static str, next: &str, email: &str) -> String {
    if next.is_empty() {
        page.to_owned()
    } else {
        with_next(page, next, email)
    }
}

pub(crate) const fn password_hint() -> &'static str {
    // Said in words, so that a change of the rule is a change here too.
    const { assert!(Password::LEAST == 10) };
    "10 characters or more. A few words in a row are fine."
}

#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let home = home_data();
    let back = refused(SignIn::PATH);
    let error = Signal::stored(back.as_ref().map(|back| back.error.clone()));
    let typed = typed_or_asked(back);
    let (next, email) = (typed("next"), typed("email"));
    let sign_up = on_to("/sign-up", &next, &email);
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
                    value=email
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
            <p class="fine-print"><a class="link-line" href="/forgot-password">"Forgot your password?"</a></p>
            <Suspense>
                {move || home.get().and_then(Result::ok).filter(|home| home.sign_up_open).map(|_| view! {
                    <p class="fine-print">"New here? "<a class="link-line" href=sign_up.clone()>"Create an account"</a>"."</p>
                })}
            </Suspense>
        </OpenPage>
    }
}
