//! Logging a meal, and mending one.

use super::trouble::Trouble;
use super::{encoded, in_its_place};
use crate::api::meal::MealForm;
use crate::components::facts::FactLines;
use crate::components::icon::Icon;
use crate::components::layout::{Page, Part};
use crate::components::loaded::{Loaded, WAITING};
use crate::components::meal_editor::MealEditor;
use crate::components::nutrients::MealSums;
use crate::components::warnings::Warnings;
use crate::error::AppError;
use crate::offline;
use domain::meal::Kind;
use domain::nutrient::Totals;
use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;

#[component]
pub(crate) fn Log() -> impl IntoView {
    view! { <Load title="Log a meal"/> }
}

/// `/log`, for shortcuts and for text that another app shares: the first child that may be logged for.
#[component]
pub(crate) fn LogFirst() -> impl IntoView {
    let home = Resource::new(|| (), |()| offline::home());
    let query = use_query_map();
    view! {
        <Page title="Log a meal" part=Part::Log>
            <Loaded
                resource=home
                waiting=WAITING
                shows=move |home| {
                    if home.account.is_none() {
                        return view! { <Trouble error=AppError::SignedOut/> }.into_any();
                    }
                    // A link says nothing of a meal; its title may.
                    let text = ["text", "title"].iter().find_map(|name| asked(query, name).filter(|text| !text.trim().is_empty()));
                    let child = home.children.iter().find(|child| child.may_write);
                    let path = match (child, text) {
                        (Some(child), Some(text)) => format!("/children/{}/log?text={}", child.id, encoded(&text)),
                        (Some(child), None) => format!("/children/{}/log", child.id),
                        // Kept until there is somebody to log it for.
                        (None, Some(text)) if home.children.is_empty() => format!("/new-child?text={}", encoded(&text)),
                        (None, _) => "/today".to_owned(),
                    };
                    view! { <Redirect path options=in_its_place()/> }.into_any()
                }
            />
        </Page>
    }
}

/// What the address asks for. The router decodes it twice on the server; in a browser the second time
/// changes only what looks as if it was encoded.
fn asked(query: Memo<ParamsMap>, name: &str) -> Option<String> {
    #[cfg(feature = "ssr")]
    {
        let _ = query;
        crate::request::asked(name)
    }
    #[cfg(not(feature = "ssr"))]
    query.read().get(name)
}

#[component]
pub(crate) fn Mend() -> impl IntoView {
    view! { <Load title="Meal"/> }
}

#[component]
fn Load(title: &'static str) -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    let which = move || {
        let params = params.read();
        (
            params.get("child").unwrap_or_default(),
            params.get("meal").unwrap_or_default(),
            query.read().get("date").unwrap_or_default(),
            asked(query, "text").unwrap_or_default(),
        )
    };
    let form = Resource::new(which, |(child, meal, date, text)| {
        offline::meal(child, meal, date, text)
    });
    view! {
        <Page title part=Part::Log sheet=true>
            <Loaded
                resource=form
                waiting=WAITING
                shows=|form| if form.child.may_write {
                    view! { <MealEditor form/> }.into_any()
                } else {
                    view! { <Look form/> }.into_any()
                }
            />
        </Page>
    }
}

/// A meal for those who may only look.
#[component]
fn Look(form: MealForm) -> impl IntoView {
    let MealForm {
        child,
        analysis,
        kind,
        meal_type,
        raw_input,
        notes,
        date,
        time,
        ..
    } = form;
    let name = match kind {
        Kind::Food => meal_type.name(),
        Kind::Milk | Kind::Supplement => kind.name(),
    };
    let by = form.stored.map(|meal| meal.logged_by_name).unwrap_or_default();
    let totals = Totals::of(analysis.items.iter().map(|item| &item.nutrients));
    let facts = vec![("In their words", raw_input), ("Notes", notes), ("Logged by", by)];
    view! {
        <header class="log__head">
            <div>
                <h1>{name}</h1>
                <p class="page__lead">{format!("For {}, {date} at {time}", child.profile.name)}</p>
            </div>
            <a
                class="button button--icon"
                href=format!("/children/{}/days/{date}", child.id)
                aria-label="Close"
            >
                <Icon name="close"/>
            </a>
        </header>
        <Warnings analysis=analysis.clone()/>
        <ul role="list">
            {analysis
                .items
                .into_iter()
                .map(|item| view! {
                    <li class="settings__line">
                        <span>{item.display_name().to_owned()}</span>
                        <span>{domain::meal::weight(item.portion.grams)}</span>
                    </li>
                })
                .collect_view()}
        </ul>
        <MealSums totals/>
        <FactLines facts/>
    }
}
