//! What is known, a line each: for pages that are looked at and not filled in.

use leptos::prelude::*;

/// A name and its value a line; one without a value is left out.
#[component]
pub(crate) fn FactLines(
    facts: Vec<(&'static str, String)>,
    #[prop(optional)] class: &'static str,
    /// Of the values, where they are more than text.
    #[prop(optional)]
    value_class: &'static str,
) -> impl IntoView {
    view! {
        <ul class=class role="list">
            {facts
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| view! {
                    <li class="settings__line">
                        <span class="settings__text">
                            <span class="settings__value">{name}</span>
                            " "
                            <span class=value_class>{value}</span>
                        </span>
                    </li>
                })
                .collect_view()}
        </ul>
    }
}
