//! The roots of the app, the document around them, and which page is where.

use crate::api::account::{Home, load_home};
use crate::error::AppError;
use crate::form::{provide_answer, provide_refused};
use crate::pages;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

/// Who is here, loaded once and shared by all pages. It is read where a page suspends,
/// never at the root.
#[derive(Clone, Copy)]
pub(crate) struct HomeData(pub(crate) Resource<Result<Home, AppError>>);

pub(crate) fn home_data() -> Resource<Result<Home, AppError>> {
    expect_context::<HomeData>().0
}

/// Which of the two halves of the app a document holds.
#[cfg(feature = "ssr")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// [`App`]: pages the wasm takes over.
    Live,
    /// [`Plain`]: pages no wasm is loaded for.
    Plain,
}

/// The document: everything around the app that only the server writes.
#[cfg(feature = "ssr")]
pub fn shell(options: leptos::config::LeptosOptions, half: Half) -> impl IntoView {
    use leptos_meta::{HashedStylesheet, MetaTags};
    let theme = crate::request::theme();
    let (scripts, body) = match half {
        Half::Live => {
            let options = options.clone();
            (
                view! { <HydrationScripts options/> }.into_any(),
                view! { <App/> }.into_any(),
            )
        }
        Half::Plain => (
            view! { <script src="/zone.js" defer></script> }.into_any(),
            view! { <Plain/> }.into_any(),
        ),
    };
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#f5f1e8" media="(prefers-color-scheme: light)"/>
                <meta name="theme-color" content="#1a1714" media="(prefers-color-scheme: dark)"/>
                <meta
                    name="description"
                    content="Did my baby get what matters? Is this food safe? What a child from birth to three eats, in seconds."
                />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                <HashedStylesheet options=options.clone()/>
                <AutoReload options/>
                {scripts}
                <MetaTags/>
            </head>
            <body>{body}</body>
        </html>
    }
}

/// What both halves stand on.
fn provide_common() {
    provide_meta_context();
    provide_refused();
    provide_answer();
    provide_context(HomeData(Resource::new(|| (), |()| load_home())));
}

#[component]
fn DocumentTitle() -> impl IntoView {
    view! {
        <Title formatter=|title: String| if title.is_empty() { "TinyTummy".to_owned() } else { format!("{title} \u{b7} TinyTummy") }/>
    }
}

/// The pages that the wasm takes over: those a parent must reach without the server.
#[component]
pub fn App() -> impl IntoView {
    provide_common();
    #[cfg(feature = "hydrate")]
    {
        crate::browser::provide_foods();
        crate::browser::mark_hydrated();
    }

    view! {
        <DocumentTitle/>
        <Router>
            <Routes fallback=Elsewhere>
                <Route path=path!("/today") view=pages::today::Start/>
                <Route path=path!("/children/:child") view=pages::today::Today/>
                <Route path=path!("/children/:child/days/:date") view=pages::today::Today/>
                <Route path=path!("/children/:child/log") view=pages::meal::Log/>
                <Route path=path!("/children/:child/meals/:meal") view=pages::meal::Mend/>
                <Route path=path!("/children/:child/history") view=pages::history::HistoryPage/>
            </Routes>
        </Router>
    }
}

/// A link out of [`App`], into [`Plain`] or nowhere: the server knows which.
#[component]
fn Elsewhere() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| crate::browser::load_again());
    view! { <p role="status">"One moment\u{2026}"</p> }
}

/// The pages that are text and forms: they are sent whole, work without a script, and cost the
/// wasm nothing. Every page belongs here that is of no use without the server.
#[cfg(feature = "ssr")]
#[component]
pub fn Plain() -> impl IntoView {
    provide_common();
    view! {
        <DocumentTitle/>
        <Router>
            <Routes fallback=pages::trouble::NothingHere>
                <Route path=path!("/") view=pages::welcome::Welcome/>
                <Route path=path!("/sign-up") view=pages::account::SignUpPage/>
                <Route path=path!("/sign-in") view=pages::account::SignInPage/>
                <Route path=path!("/forgot-password") view=pages::password::ForgotPage/>
                <Route path=path!("/reset-password") view=pages::password::ResetPage/>
                <Route path=path!("/new-child") view=pages::child::NewChild/>
                <Route path=path!("/children/:child/profile") view=pages::child::EditChild/>
                <Route path=path!("/children/:child/caregivers") view=pages::caregivers::CaregiversPage/>
                <Route path=path!("/invitations/:token") view=pages::invitation::InvitationPage/>
                <Route path=path!("/settings") view=pages::settings::Settings/>
                <Route path=path!("/settings/account") view=pages::device::OwnAccount/>
                <Route path=path!("/settings/account/delete") view=pages::farewell::FarewellPage/>
                <Route path=path!("/settings/tokens") view=pages::token::TokensPage/>
            </Routes>
        </Router>
    }
}
