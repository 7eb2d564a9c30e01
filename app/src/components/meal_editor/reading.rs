//! What was read from the words: beside or below them.

use super::super::food_row::FoodRow;
use super::super::food_search::FoodSearch;
use super::super::icon::Icon;
use super::super::nutrients::{MealSums, amount};
use super::super::warnings::Warnings;
use super::editor::Editor;
use domain::analysis::Analysis;
use domain::nutrient::{Nutrient, Totals};
use domain::safety::Level;
use leptos::prelude::*;

fn totals(analysis: &Analysis) -> Totals {
    Totals::of(analysis.items.iter().map(|item| &item.nutrients))
}

/// What the keyboard may hide: how much was understood, and the way down to it.
#[component]
pub(super) fn Found(analysis: Memo<Analysis>) -> impl IntoView {
    move || {
        analysis.with(|analysis| {
            let foods = analysis.items.len();
            let warnings = analysis.warnings.iter().filter(|warning| warning.level > Level::Note).count();
            (foods > 0).then(|| view! {
                // On this page: nothing for the router.
                <a class="log__found" href="#items" rel="external">
                    {format!("{foods} {}", if foods == 1 { "food" } else { "foods" })}
                    {if warnings == 0 {
                        let iron = amount(Nutrient::Iron, totals(analysis).get(Nutrient::Iron));
                        view! { <span class="log__found-note">{format!("iron {iron}")}</span> }
                    } else {
                        let words = if warnings == 1 { "warning" } else { "warnings" };
                        view! { <span class="log__found-note log__found-note--alert">{format!("{warnings} {words}")}</span> }
                    }}
                </a>
            })
        })
    }
}

/// What was understood: warnings, questions, foods, what was not, and the sums.
#[component]
pub(super) fn Reading(editor: Editor, analysis: Memo<Analysis>) -> impl IntoView {
    let count = move || analysis.with(|analysis| analysis.items.len());
    let said = move || {
        analysis.with(|analysis| match (analysis.items.len(), analysis.warnings.len()) {
            (0, _) => String::new(),
            (foods, 0) => format!("{foods} foods found."),
            (foods, warnings) => format!("{foods} foods found, {warnings} warnings."),
        })
    };
    let adding = RwSignal::new(false);
    view! {
        <p class="visually-hidden" role="status" aria-live="polite">{said}</p>
        {move || view! { <Warnings analysis=analysis.get()/> }}
        {move || view! { <Questions editor analysis=analysis.get()/> }}
        <section aria-labelledby="found">
            <h2 class="section__title" id="found">
                "What we read "
                <span class="section__aside">
                    {move || match count() {
                        0 => "nothing yet".to_owned(),
                        1 => "1 food".to_owned(),
                        count => format!("{count} foods"),
                    }}
                </span>
            </h2>
            <ul role="list">
                <For each=move || editor.rows.get() key=|state| state.key let:state>
                    <FoodRow state foods=editor.foods allergies=editor.form.read_value().child.profile.allergies.clone() on_change=Callback::new(move |()| editor.touched.set(true))/>
                </For>
            </ul>
        </section>
        {move || {
            let phrases = analysis.with(|analysis| analysis.not_understood.clone());
            (!phrases.is_empty()).then(|| view! {
                <div class="log__unread">
                    <h2>"Not understood"</h2>
                    <p>{phrases.into_iter().map(|phrase| view! { <mark>{phrase}</mark>" " }).collect_view()}</p>
                    <p class="fine-print">"Kept with the meal as you wrote it. Add the food yourself if it matters."</p>
                </div>
            })
        }}
        // Needs the table in the browser; without it a food is added by writing it.
        <Show when=move || editor.foods.get().is_some()>
            {move || if adding.get() {
                view! {
                    <FoodSearch
                        id="add-food"
                        label="Which food?"
                        query=String::new()
                        foods=editor.foods
                        on_pick=Callback::new(move |food| {
                            editor.add(food);
                            adding.set(false);
                        })
                        on_close=Callback::new(move |()| adding.set(false))
                    />
                }
                .into_any()
            } else {
                view! {
                    <button class="button button--wide" type="button" on:click=move |_| adding.set(true)>
                        <Icon name="plus"/>
                        "Add a food"
                    </button>
                }
                .into_any()
            }}
        </Show>
        {move || (count() > 0).then(|| view! { <MealSums totals=analysis.with(totals)/> })}
    }
}

/// What only the parent can answer. Buttons submit without JavaScript, and answer at once
/// with it.
#[component]
fn Questions(editor: Editor, analysis: Analysis) -> impl IntoView {
    analysis
        .questions
        .into_iter()
        .map(|question| {
            let item = question.item;
            view! {
                <fieldset class="question">
                    <legend class="question__legend">{question.text}</legend>
                    <div class="question__choices">
                        {question
                            .choices
                            .into_iter()
                            .map(|choice| {
                                let grams = choice.grams;
                                view! {
                                    <button
                                        class="button"
                                        type="submit"
                                        name="answer"
                                        value=format!("{item}:{grams}")
                                        on:click=move |event| {
                                            event.prevent_default();
                                            let state = editor.rows.read_untracked().iter().filter(|state| !state.row.read_untracked().removed).nth(item).copied();
                                            if let Some(state) = state {
                                                state.set_grams(grams);
                                                editor.touched.set(true);
                                            }
                                        }
                                    >
                                        {choice.label}
                                    </button>
                                }
                            })
                            .collect_view()}
                    </div>
                </fieldset>
            }
        })
        .collect_view()
}
