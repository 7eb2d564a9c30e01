//! For whoever forgot their password.

use crate::api::account::Home;
use crate::api::password::{ForgotPassword, ResetPassword};
use crate::components::layout::OpenPage;
use crate::components::loaded::Loaded;
use crate::form::{ErrorSummary, PostForm, TextField, refused};
use crate::pages::account::password_hint;
use crate::root::home_data;
use domain::field::Field;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

#[component]
pub(crate) fn ForgotPage() -> impl IntoView {
    let home = home_data();
    let sent = use_query_map().read_untracked().get("sent").is_some();
    view! {
        <OpenPage title="Forgot your password?" narrow=true>
            <header class="page__header"><h1>"Forgot your password?"</h1></header>
            <Loaded
                resource=home
                shows=move |home| match home {
                    _ if sent => view! {
                        <p>"If that address has an account here, a mail with a link is on its way. The link is good for an hour; have a look among the unwanted mail too."</p>
                    }
                    .into_any(),
                    Home { sends_mail: true, .. } => view! { <Ask/> }.into_any(),
                    _ => view! {
                        <p>"This TinyTummy sends no mail. Ask whoever runs it for a link to choose a new password; everything you logged stays as it is."</p>
                        <p class="fine-print">"For whoever runs it: "<code>"tinytummy reset-password you@example.org"</code></p>
                    }
                    .into_any(),
                }
            />
            <p class="fine-print">"It came back to you? "<a href="/sign-in">"Sign in"</a>"."</p>
        </OpenPage>
    }
}

#[component]
fn Ask() -> impl IntoView {
    let back = refused(ForgotPassword::PATH);
    let error = Signal::stored(back.as_ref().map(|back| back.error.clone()));
    let typed = back
        .as_ref()
        .and_then(|back| back.value("email"))
        .unwrap_or_default()
        .to_owned();
    view! {
        <ErrorSummary error/>
        <PostForm function=ForgotPassword::PATH class="stack">
            <TextField
                field=Field::Email
                label="E-mail"
                kind="email"
                hint="We send a link to it for choosing a new password."
                value=typed
                autocomplete="username"
                required=true
                error
            />
            <button class="button button--primary" type="submit">"Send me a link"</button>
        </PostForm>
    }
}

#[component]
pub(crate) fn ResetPage() -> impl IntoView {
    let back = refused(ResetPassword::PATH);
    let error = Signal::stored(back.as_ref().map(|back| back.error.clone()));
    let token = back
        .as_ref()
        .and_then(|back| back.value("token"))
        .map(str::to_owned)
        .or_else(|| use_query_map().read_untracked().get("token"))
        .unwrap_or_default();
    view! {
        <OpenPage title="Choose a new password" narrow=true>
            <header class="page__header">
                <h1>"Choose a new password"</h1>
                <p class="page__lead">"You are signed in here then, and signed out everywhere else."</p>
            </header>
            <ErrorSummary error/>
            <PostForm function=ResetPassword::PATH class="stack">
                <input type="hidden" name="token" value=token/>
                <TextField
                    field=Field::Password
                    label="New password"
                    kind="password"
                    hint=password_hint()
                    autocomplete="new-password"
                    required=true
                    error
                />
                <button class="button button--primary" type="submit">"Save and sign in"</button>
            </PostForm>
            <p class="fine-print"><a href="/forgot-password">"Ask for another link"</a></p>
        </OpenPage>
    }
}
