//! When a page cannot be shown: nothing there, nobody signed in, or the server in trouble.

use super::{in_its_place, with_next};
#[cfg(feature = "ssr")]
use crate::components::layout::OpenPage;
use crate::error::AppError;
use crate::form::{FUNCTION, Refused, SignInBeside, came_back, textarea_text};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;

/// Says the status of `error` with the page, where the server renders it.
pub(crate) fn set_status(error: &AppError) {
    #[cfg(feature = "ssr")]
    if let (Some(options), Ok(status)) = (
        use_context::<leptos_axum::ResponseOptions>(),
        axum::http::StatusCode::from_u16(error.status()),
    ) {
        options.set_status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = error;
}

/// The page for a path that leads nowhere.
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn NothingHere() -> impl IntoView {
    set_status(&AppError::NotFound);
    view! {
        <OpenPage title="Not found" narrow=true>
            <Missing/>
        </OpenPage>
    }
}

#[component]
fn Missing() -> impl IntoView {
    view! {
        <div class="error-page">
            <svg class="error-page__picture" viewBox="0 0 120 88" aria-hidden="true" focusable="false">
                <path class="bowl__edge" d="M0 76h120M8 76c0-40 22-64 52-64s52 24 52 64M44 6h32M54 48c2-6 10-6 12 0"></path>
            </svg>
            <h1>"There is nothing here"</h1>
            <p>"The page does not exist, or it is not yours to see."</p>
            <a class="button button--primary" href="/today">"Go to today"</a>
        </div>
    }
}

/// Stands where a page would be that cannot be had without a connection. A page of its own, or all
/// of a document.
#[component]
pub(crate) fn NeedsConnection() -> impl IntoView {
    view! {
        <div class="app">
            <main class="page page--narrow" id="main" tabindex="-1">
                <div class="error-page">
                    <svg class="error-page__picture" viewBox="0 0 120 88" aria-hidden="true" focusable="false">
                        <path
                            class="bowl__edge"
                            d="M4 12h112M8 12c0 40 22 64 52 64s52-24 52-64M44 82h32M40 36c12-9 28-9 40 0M48 46c7-5 17-5 24 0M60 57v.1"
                        ></path>
                    </svg>
                    <h1>"This page needs a connection"</h1>
                    <p>"You seem to be offline. Nothing is lost; the page comes as soon as you are connected again."</p>
                    <div class="button-row">
                        <a class="button button--primary" href="" rel="external">"Try again"</a>
                        <a class="button" href="/today" rel="external">"Go to today"</a>
                    </div>
                </div>
            </main>
        </div>
    }
}

/// Stands in for a page that could not be loaded, in the page's own frame.
#[component]
pub(crate) fn Trouble(error: AppError) -> impl IntoView {
    set_status(&error);
    match error {
        AppError::SignedOut => {
            // What the device holds is shown to nobody from here on.
            #[cfg(feature = "hydrate")]
            crate::marker::forget();
            let location = use_location();
            let here = format!("{}{}", location.pathname.get_untracked(), match location.search.get_untracked() {
                search if search.is_empty() => search,
                search => format!("?{search}"),
            });
            // Signed out with a meal half typed: the text stays on the page instead.
            match came_back() {
                Some(kept) => view! { <Kept kept title="You are signed out" why=AppError::SignedOut/> }.into_any(),
                None => view! { <Redirect path=with_next("/sign-in", &here, "") options=in_its_place()/> }.into_any(),
            }
        }
        AppError::NotFound => view! { <Title text="Not found"/><Missing/> }.into_any(),
        error @ (AppError::ReadOnly | AppError::NotOwner) => match came_back() {
            Some(kept) => view! { <Kept kept title="This is not yours to change" why=error/> }.into_any(),
            None => view! {
                <Title text="Not yours to change"/>
                <div class="error-page">
                    <h1>"This is not yours to change"</h1>
                    <p>{error.to_string()}</p>
                    <a class="button button--primary" href="/today">"Go to today"</a>
                </div>
            }
            .into_any(),
        },
        error @ (AppError::Unavailable | AppError::Offline) => match came_back() {
            Some(kept) => view! { <Kept kept title="The notebook is closed for a moment" why=error/> }.into_any(),
            None => view! {
                <Title text="Back in a moment"/>
                <div class="error-page">
                    {if error == AppError::Offline {
                        view! {
                            <h1>"You are offline"</h1>
                            <p>"This page comes as soon as you are connected again."</p>
                        }
                        .into_any()
                    } else {
                        view! {
                            <h1>"The notebook is closed for a moment"</h1>
                            <p>{error.to_string()}</p>
                        }
                        .into_any()
                    }}
                    <a class="button button--primary" href="" rel="external">"Try again"</a>
                </div>
            }
            .into_any(),
        },
        error => view! {
            <Title text="Something broke"/>
            <div class="error-page">
                <svg class="error-page__picture" viewBox="0 0 120 88" aria-hidden="true" focusable="false">
                    <path
                        class="bowl__edge"
                        d="M4 12h112M8 12c0 40 22 64 52 64s52-24 52-64M44 82h32M62 12l-6 14 9 8-7 14 6 10"
                    ></path>
                </svg>
                <h1>"Something broke on our side"</h1>
                <p>"What you saved before is safe. Try again in a moment. If it keeps happening, tell whoever runs this TinyTummy:"</p>
                <p class="error-page__report">{error.to_string()}</p>
                <a class="button button--primary" href="/today" rel="external">"Try again"</a>
            </div>
        }
        .into_any(),
    }
}

/// A form that could neither be saved nor drawn again: everything typed, ready to be sent
/// once more.
#[component]
fn Kept(kept: Refused, title: &'static str, why: AppError) -> impl IntoView {
    let text = kept.value("raw_input").map(str::to_owned);
    let rest: Vec<_> = kept
        .typed
        .iter()
        .filter(|(name, _)| name != "raw_input")
        .cloned()
        .collect();
    let sign_in = why == AppError::SignedOut;
    view! {
        <Title text=title/>
        <div class="error-page">
            <h1>{title}</h1>
            <p>{why.to_string()}</p>
            {sign_in.then(|| view! { <SignInBeside/> })}
            <form class="error-page__kept stack" method="post">
                <input type="hidden" name=FUNCTION value=kept.function.clone()/>
                {rest
                    .into_iter()
                    .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
                    .collect_view()}
                {text.map(|text| view! {
                    <div class="field">
                        <label class="field__label" for="raw_input">"What you wrote"</label>
                        <textarea class="log__text" id="raw_input" name="raw_input" rows="4">{textarea_text(&text)}</textarea>
                    </div>
                })}
                <button class="button button--primary" type="submit">"Try again"</button>
            </form>
        </div>
    }
}
