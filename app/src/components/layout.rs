//! The frame around a page: bottom bar on a phone, side bar on a desktop.

use super::icon::Icon;
use super::status::Status;
use crate::api::account::Home;
use crate::root::home_data;
use chrono::NaiveDate;
use domain::child::Child;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

/// Which part of the app a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Today,
    Log,
    History,
    More,
}

/// The way in: a skip link, which the router cannot swallow since it stays on the page.
#[component]
fn SkipLink() -> impl IntoView {
    view! { <a class="skip-link" href="#main" rel="external">"Skip to content"</a> }
}

/// A page of a signed-in family.
#[component]
pub(crate) fn Page(
    #[prop(into)] title: String,
    part: Part,
    /// Sheets put their own bar where the main one would be.
    #[prop(optional)]
    sheet: bool,
    #[prop(optional)] narrow: bool,
    children: Children,
) -> impl IntoView {
    let frame = if sheet {
        "app app--with-nav app--sheet"
    } else {
        "app app--with-nav"
    };
    let page = if narrow { "page page--narrow" } else { "page" };
    view! {
        <Title text=title/>
        <div class=frame>
            <SkipLink/>
            <MainNav part/>
            <main class=page id="main" tabindex="-1">
                <Status/>
                {children()}
            </main>
        </div>
    }
}

/// A page for whoever comes by.
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn OpenPage(
    #[prop(into)] title: String,
    #[prop(optional)] narrow: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title/>
        <div class="app">
            <SkipLink/>
            <header class="masthead">
                <a class="brand" href="/"><Mark/>"TinyTummy"</a>
                <a class="button button--quiet" href="/sign-in">"Sign in"</a>
            </header>
            <main class=if narrow { "page page--narrow" } else { "page" } id="main" tabindex="-1">{children()}</main>
        </div>
    }
}

#[component]
fn Mark() -> impl IntoView {
    view! { <svg class="brand__mark" aria-hidden="true" focusable="false"><use href="/icons.svg#mark"></use></svg> }
}

/// The child of the page at `path`, or the first one.
fn current(path: &str, home: &Home) -> Option<Child> {
    path.strip_prefix("/children/")
        .and_then(|rest| rest.split('/').next())
        .and_then(|id| home.children.iter().find(|child| child.id.to_string() == *id))
        .or_else(|| home.children.first())
        .cloned()
}

#[component]
fn MainNav(part: Part) -> impl IntoView {
    let home = home_data();
    let path = use_location().pathname;
    let links = move || {
        let child = home
            .get()
            .and_then(Result::ok)
            .and_then(|home| current(&path.read(), &home));
        let of_child = |rest: &str| match &child {
            Some(child) => format!("/children/{}{rest}", child.id),
            None => "/today".to_owned(),
        };
        let link = |this: Part, name: &'static str, icon: &'static str, words: &'static str, href: String| {
            view! {
                <li class=format!("app-nav__item app-nav__item--{name}")>
                    <a
                        class=format!("app-nav__link app-nav__link--{name}")
                        href=href
                        aria-current=(part == this).then_some("page")
                    >
                        <span class="app-nav__glyph"><Icon name=icon/></span>
                        {words}
                    </a>
                </li>
            }
        };
        view! {
            {link(Part::Today, "today", "today", "Today", of_child(""))}
            {child
                .as_ref()
                .is_none_or(|child| child.may_write)
                .then(|| link(Part::Log, "log", "plus", "Log", of_child("/log")))}
            {link(Part::History, "history", "history", "History", of_child("/history"))}
            {link(Part::More, "more", "more", "More", "/settings".to_owned())}
        }
    };
    view! {
        <nav class="app-nav" aria-label="Main">
            <a class="brand app-nav__brand" href="/today"><Mark/>"TinyTummy"</a>
            <ul class="app-nav__list" role="list">
                <Transition>{links}</Transition>
            </ul>
        </nav>
    }
}

/// One tab a child; nothing to choose from, nothing shown.
#[component]
pub(crate) fn ChildTabs(
    current: Child,
    today: NaiveDate,
    /// What follows `/children/{id}` in the links.
    #[prop(into)]
    rest: String,
) -> impl IntoView {
    let home = home_data();
    let tabs = move || {
        let children = home
            .get()
            .and_then(Result::ok)
            .map(|home| home.children)
            .unwrap_or_default();
        let rest = rest.clone();
        let current = current.id;
        (children.len() > 1).then(|| {
            view! {
                <nav aria-label="Children">
                    <ul class="tabs" role="list">
                        {children
                            .into_iter()
                            .map(|child| view! {
                                <li>
                                    <a
                                        class="tabs__link"
                                        href=format!("/children/{}{rest}", child.id)
                                        aria-current=(child.id == current).then_some("true")
                                    >
                                        {child.profile.name.clone()}
                                        " "
                                        <span class="tabs__age">{child.profile.age_in_words(today)}</span>
                                    </a>
                                </li>
                            })
                            .collect_view()}
                    </ul>
                </nav>
            }
        })
    };
    view! { <Transition>{tabs}</Transition> }
}

/// The bowl that stands where there is nothing yet.
#[component]
pub(crate) fn EmptyBowl() -> impl IntoView {
    view! {
        <svg class="empty__picture" viewBox="0 0 120 88" aria-hidden="true" focusable="false">
            <path
                class="bowl__edge"
                d="M4 12h112M8 12c0 40 22 64 52 64s52-24 52-64M44 82h32M54 40c2 6 10 6 12 0"
            ></path>
        </svg>
    }
}
