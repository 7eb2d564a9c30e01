//! Everything that was ever written to a meal: where two parents wrote, both can be read.

use crate::api::meal::{MealPast, load_past};
use crate::components::facts::FactLines;
use crate::components::layout::{Page, Part};
use crate::components::loaded::Loaded;
use domain::meal::Past;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn PastPage() -> impl IntoView {
    let params = use_params_map();
    let which = move || {
        let params = params.read();
        (
            params.get("child").unwrap_or_default(),
            params.get("meal").unwrap_or_default(),
        )
    };
    let past = Resource::new(which, |(child, meal)| load_past(child, meal));
    view! {
        <Page title="What was written" part=Part::Today narrow=true>
            <Loaded resource=past shows=|past| view! { <Shown past/> }.into_any()/>
        </Page>
    }
}

#[component]
fn Shown(past: MealPast) -> impl IntoView {
    let MealPast { meal, past } = past;
    view! {
        <header class="page__header">
            <p><a href=format!("/children/{}/meals/{}", meal.child, meal.id)>"Back to the meal"</a></p>
            <h1>"What was written"</h1>
            <p class="page__lead">"Where two people changed the same thing, the later one counts. The other is still here."</p>
        </header>
        <ol class="entries" role="list">
            {past.into_iter().map(|past| view! { <Line past/> }).collect_view()}
        </ol>
    }
}

/// What one write said, in words.
fn said(past: &Past) -> Vec<(&'static str, String)> {
    let fields = &past.fields;
    let mut said = Vec::new();
    match fields.deleted {
        Some(true) => said.push(("", "Deleted".to_owned())),
        Some(false) => said.push(("", "Brought back".to_owned())),
        None => {}
    }
    if let Some(text) = &fields.raw_input {
        said.push(("Words", text.clone()));
    }
    if let Some(items) = &fields.items {
        let items: Vec<String> = items
            .iter()
            .map(|item| {
                let what = if item.phrase.is_empty() {
                    item.food.0.as_str()
                } else {
                    item.phrase.as_str()
                };
                format!("{what} ({})", domain::meal::weight(item.grams).replace(' ', "\u{a0}"))
            })
            .collect();
        said.push(("Foods", items.join("; ")));
    }
    if let Some(when) = fields.when {
        said.push(("Day", when.date.format("%-d %B %Y").to_string()));
    }
    if let Some(meal) = fields.meal_type {
        said.push(("Meal", meal.name().to_owned()));
    }
    if let Some(kind) = fields.kind {
        said.push(("Kind", kind.name().to_owned()));
    }
    if let Some(notes) = &fields.notes {
        said.push(("Notes", notes.clone()));
    }
    said
}

#[component]
fn Line(past: Past) -> impl IntoView {
    let by = if past.by.is_empty() {
        "Somebody else".to_owned()
    } else {
        past.by.clone()
    };
    view! {
        <li class="entry">
            <p class="entry__what">{format!("{by}, {}", past.at)}</p>
            <FactLines facts=said(&past)/>
            {(!past.stands).then(|| view! { <p class="fine-print">"Some of it was changed later."</p> })}
        </li>
    }
}
