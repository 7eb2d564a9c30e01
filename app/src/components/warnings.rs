//! Safety warnings, the strongest first. They inform; none of them stops a meal.

use super::icon::Icon;
use domain::analysis::Analysis;
use domain::safety::{Level, Warning};
use leptos::prelude::*;

const fn look(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Allergy => ("warning warning--allergy", "stop"),
        Level::Age => ("warning warning--age", "warning"),
        Level::Note => ("warning warning--note", "info"),
    }
}

#[component]
pub(crate) fn Warnings(analysis: Analysis) -> impl IntoView {
    let mut warnings = analysis.warnings;
    warnings.sort_by_key(|warning| std::cmp::Reverse(warning.level));
    (!warnings.is_empty()).then(|| {
        view! {
            <section aria-labelledby="look">
                <h2 class="visually-hidden" id="look">"Please look"</h2>
                <ul class="warnings" role="list">
                    {warnings
                        .into_iter()
                        .map(|warning: Warning| {
                            let (class, icon) = look(warning.level);
                            let food = analysis.items.get(warning.item).map(|item| item.display_name().to_owned());
                            view! {
                                <li class=class>
                                    <Icon name=icon/>
                                    <div>
                                        {food.map(|food| view! { <p class="warning__title">{food}</p> })}
                                        <p class="warning__text">{warning.text}</p>
                                        <p class="warning__source">"Source: "{warning.source}</p>
                                    </div>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
    })
}
