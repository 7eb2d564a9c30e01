//! The roots of the app, the document around them, and which page is where.

use crate::api::account::Home;
use crate::components::update_banner::UpdateBanner;
use crate::error::AppError;
use crate::form::provide_refused;
use crate::offline::{self, provide_live};
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

/// What stands in the head of every document, whoever asks.
#[cfg(feature = "ssr")]
fn common_head(options: leptos::config::LeptosOptions) -> impl IntoView {
    use leptos_meta::HashedStylesheet;
    // Written out, since the macro knows no `media` of a `meta`.
    let theme_color = |color: &'static str, scheme: &'static str| {
        leptos::html::meta()
            .name("theme-color")
            .content(color)
            .attr("media", format!("(prefers-color-scheme: {scheme})"))
    };
    view! {
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
        <meta name="color-scheme" content="light dark"/>
        {theme_color("#f5f1e8", "light")}
        {theme_color("#1a1714", "dark")}
        <meta
            name="description"
            content="Did my baby get what matters? Is this food safe? What a child from birth to three eats, in seconds."
        />
        <meta name="mobile-web-app-capable" content="yes"/>
        <meta name="apple-mobile-web-app-capable" content="yes"/>
        <meta name="apple-mobile-web-app-title" content="TinyTummy"/>
        <link rel="manifest" href="/manifest.webmanifest"/>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
        <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
        <HashedStylesheet options/>
    }
}

/// Where the app of this build is. It stands in the head of every document that the wasm draws into or
/// takes over: what a device keeps may be of an older build.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug)]
pub struct Client {
    /// The script that starts it.
    pub script: String,
    pub module: String,
    pub wasm: String,
    /// The food table, and those of older meals after it.
    pub foods: Vec<&'static str>,
}

#[cfg(feature = "ssr")]
impl Client {
    /// `waits`: the script has time until the document is there.
    fn head(self, waits: bool) -> impl IntoView {
        view! {
            <meta name="foods" content=self.foods.join(" ")/>
            <script src=self.script data-module=self.module data-wasm=self.wasm defer=waits></script>
        }
    }
}

/// A document that is the same for everybody: it holds no data and no script of its own, so the
/// service worker may keep it.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug)]
pub enum Document {
    /// What the wasm draws [`App`] into, by `open`.
    Shell(Client),
    /// For a page that cannot be had without a connection. The same script, which knows the look.
    Offline { script: String },
}

#[cfg(feature = "ssr")]
impl Document {
    /// Its text.
    pub fn html(self, options: &leptos::config::LeptosOptions) -> String {
        let options = options.clone();
        let owner = Owner::new_root(None);
        owner.with(|| match self {
            Self::Shell(client) => view! {
                <!DOCTYPE html>
                // `open` writes the address into it that it was opened at.
                <html lang="en" data-shell="">
                    <head>
                        {common_head(options)}
                        <title>"TinyTummy"</title>
                        {client.head(false)}
                    </head>
                    <body>
                        <div class="opening">
                            <svg class="opening__mark" aria-hidden="true" focusable="false">
                                <use href="/icons.svg#mark"></use>
                            </svg>
                            <p class="opening__text" role="status">"Opening TinyTummy\u{2026}"</p>
                            <noscript>
                                <p>"This page needs JavaScript. The others do without: "<a href="/">"TinyTummy"</a>"."</p>
                            </noscript>
                        </div>
                    </body>
                </html>
            }
            .to_html(),
            Self::Offline { script } => view! {
                <!DOCTYPE html>
                <html lang="en">
                    <head>
                        {common_head(options)}
                        <title>"No connection \u{b7} TinyTummy"</title>
                        <script src=script></script>
                    </head>
                    <body><pages::trouble::NeedsConnection/></body>
                </html>
            }
            .to_html(),
        })
    }
}

/// The document: everything around the app that only the server writes.
///
/// `client`: of a page of [`App`]; none of [`Plain`].
#[cfg(feature = "ssr")]
pub fn shell(options: leptos::config::LeptosOptions, client: Option<Client>) -> impl IntoView {
    use leptos_meta::MetaTags;
    let theme = crate::request::theme();
    let visitor = crate::request::session_token().is_none();
    let (scripts, body) = match client {
        Some(client) => (client.head(true).into_any(), view! { <App/> }.into_any()),
        None => (
            view! {
                <script src="/device.js" defer></script>
                <script src="/zone.js" defer></script>
            }
            .into_any(),
            view! { <Plain/> }.into_any(),
        ),
    };
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme data-visitor=visitor.then_some("")>
            <head>
                {common_head(options.clone())}
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
    let live = provide_live();
    let home = Resource::new(move || live.changed.get(), |_| offline::home());
    provide_context(HomeData(home));
    // Whoever is here, what is theirs is kept on this device from now on.
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if let Some(Ok(home)) = home.get() {
            offline::begin(home);
        }
    });
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
                <Route path=path!("/log") view=pages::meal::LogFirst/>
                <Route path=path!("/unsent") view=pages::unsent::Unsent/>
                <Route path=path!("/children/:child") view=pages::today::Today/>
                <Route path=path!("/children/:child/days/:date") view=pages::today::Today/>
                <Route path=path!("/children/:child/log") view=pages::meal::Log/>
                <Route path=path!("/children/:child/meals/:meal") view=pages::meal::Mend/>
                <Route path=path!("/children/:child/history") view=pages::history::HistoryPage/>
            </Routes>
        </Router>
        <UpdateBanner/>
    }
}

/// A link out of [`App`], into [`Plain`] or nowhere: the server knows which.
#[component]
fn Elsewhere() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    {
        // The worker answered with the shell though this is no page of ours: loading it again would
        // bring the same again, for ever.
        if crate::browser::opened_here() {
            return view! {
                <Title text="No connection"/>
                <pages::trouble::NeedsConnection/>
            }
            .into_any();
        }
        Effect::new(|_| crate::browser::load_again());
    }
    view! { <p role="status">"One moment\u{2026}"</p> }.into_any()
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
                <Route path=path!("/children/:child/meals/:meal/past") view=pages::past::PastPage/>
                <Route path=path!("/invitations/:token") view=pages::invitation::InvitationPage/>
                <Route path=path!("/settings") view=pages::settings::Settings/>
                <Route path=path!("/settings/account") view=pages::device::OwnAccount/>
                <Route path=path!("/settings/account/delete") view=pages::farewell::FarewellPage/>
                <Route path=path!("/settings/tokens") view=pages::token::TokensPage/>
            </Routes>
        </Router>
    }
}
