//! Logging a meal, and mending one.

use super::trouble::Trouble;
use crate::api::meal::load_meal;
use crate::components::layout::{Page, Part};
use crate::components::meal_editor::MealEditor;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

#[component]
pub(crate) fn Log() -> impl IntoView {
    view! { <Load title="Log a meal"/> }
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
        )
    };
    let form = Resource::new(which, |(child, meal, date)| load_meal(child, meal, date));
    view! {
        <Page title part=Part::Log sheet=true>
            <Suspense fallback=|| view! { <p role="status">"One moment\u{2026}"</p> }>
                {move || form.get().map(|form| match form {
                    Ok(form) => view! { <MealEditor form/> }.into_any(),
                    Err(error) => view! { <Trouble error/> }.into_any(),
                })}
            </Suspense>
        </Page>
    }
}
