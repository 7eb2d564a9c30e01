//! One icon of the sprite.

use leptos::prelude::*;

/// Decorative: what it means stands in words beside it.
#[component]
pub(crate) fn Icon(name: &'static str, #[prop(optional)] small: bool) -> impl IntoView {
    view! {
        <svg class=if small { "icon icon--small" } else { "icon" } aria-hidden="true" focusable="false">
            <use href=format!("/icons.svg#{name}")></use>
        </svg>
    }
}
