//! One food of a meal: its name, its weight, how it was understood, and the ways to mend it.

use super::food_search::FoodSearch;
use super::icon::Icon;
use domain::allergen::Allergen;
use domain::food::{FoodId, Table};
use domain::meal::How;
use domain::reading::{Row, grams};
use leptos::prelude::*;

/// A row of the form and what its controls show.
#[derive(Clone, Copy)]
pub(crate) struct RowState {
    pub(crate) key: usize,
    pub(crate) row: RwSignal<Row>,
    /// The weight as typed, which may be no number yet.
    grams: RwSignal<String>,
    name: RwSignal<String>,
    /// Other foods it may mean; only for pages without JavaScript.
    choices: StoredValue<Vec<(FoodId, String)>>,
}

impl RowState {
    pub(crate) fn new(key: usize, row: Row, name: String, choices: Vec<(FoodId, String)>) -> Self {
        Self {
            key,
            grams: RwSignal::new(row.portion.grams.to_string()),
            row: RwSignal::new(row),
            name: RwSignal::new(name),
            choices: StoredValue::new(choices),
        }
    }

    /// Takes over a fresh reading of the same words.
    pub(crate) fn set(self, row: Row) {
        if self.row.read_untracked().portion.grams != row.portion.grams {
            self.grams.set(row.portion.grams.to_string());
        }
        if *self.row.read_untracked() != row {
            self.row.set(row);
        }
    }

    pub(crate) fn set_grams(self, grams: f64) {
        self.grams.set(grams.to_string());
        self.row.update(|row| row.set_grams(grams));
    }
}

/// How sure the reading is, in words; nothing where there is nothing to check.
fn to_check(row: &Row) -> Option<&'static str> {
    match (row.portion.how, row.portion.confidence) {
        (How::Parent, _) => None,
        (How::Default, _) => Some("please check the amount"),
        (_, ..0.5) => Some("please check the food"),
        _ => None,
    }
}

fn how(row: &Row) -> String {
    let phrase = &row.portion.phrase;
    match (phrase.is_empty(), row.portion.amount.is_empty()) {
        (true, _) => "added by you".to_owned(),
        (false, true) => format!("\u{201c}{phrase}\u{201d}, {}", row.portion.how.name()),
        (false, false) => format!("\u{201c}{phrase}\u{201d} \u{2192} {}", row.portion.amount),
    }
}

#[component]
pub(crate) fn FoodRow(
    state: RowState,
    foods: Signal<Option<&'static Table>>,
    allergies: Vec<Allergen>,
    /// Called after every change.
    on_change: Callback<()>,
) -> impl IntoView {
    let RowState {
        key,
        row,
        grams: typed,
        name,
        choices,
    } = state;
    let field = move |part: &str| format!("items[{key}][{part}]");
    let removed = move || row.read().removed;
    let changing = RwSignal::new(false);
    // From here on the search below changes the food, and the select would contradict it.
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    // Which food of the table it is, where the everyday name does not say so.
    let in_table = move || {
        let food = row.read().portion.food.clone();
        foods
            .get()
            .and_then(|foods| Some(foods.get(&food)?.name().to_owned()))
            .filter(|full| *full != name.get())
            .map(|full| format!(" \u{b7} {full}"))
    };
    let tags = move || {
        let food = row.read().portion.food.clone();
        let tags = foods
            .get()
            .and_then(|foods| Some(foods.get(&food)?.allergens().to_vec()))
            .unwrap_or_default();
        let allergies = allergies.clone();
        (!tags.is_empty()).then(|| view! {
            <ul class="badges" role="list" aria-label=move || format!("Allergens in {}", name.get())>
                {tags
                    .into_iter()
                    .map(|tag| {
                        if allergies.contains(&tag) {
                            view! { <li class="badge badge--allergy"><Icon name="stop" small=true/>{tag.name()}</li> }.into_any()
                        } else {
                            view! { <li class="badge">{tag.name()}</li> }.into_any()
                        }
                    })
                    .collect_view()}
            </ul>
        })
    };
    view! {
        <li class="food-item" hidden=removed>
            <input type="hidden" name=field("phrase") value=row.read_untracked().portion.phrase.clone()/>
            <input
                type="hidden"
                name=field("was_food")
                value=row.read_untracked().portion.food.0.clone()
                prop:value=move || row.read().portion.food.0.clone()
            />
            <input
                type="hidden"
                name=field("was_grams")
                value=row.read_untracked().portion.grams.to_string()
                prop:value=move || row.read().portion.grams.to_string()
            />
            <input type="hidden" name=field("how") prop:value=move || row.read().portion.how.id() value=row.read_untracked().portion.how.id()/>
            <input
                type="hidden"
                name=field("amount")
                value=row.read_untracked().portion.amount.clone()
                prop:value=move || row.read().portion.amount.clone()
            />
            <input
                type="hidden"
                name=field("confidence")
                value=row.read_untracked().portion.confidence.to_string()
                prop:value=move || row.read().portion.confidence.to_string()
            />
            <input
                type="hidden"
                name=field("edited")
                value=flag(row.read_untracked().edited)
                prop:value=move || flag(row.read().edited)
            />
            <input
                type="hidden"
                name=field("removed")
                value=flag(row.read_untracked().removed)
                prop:value=move || flag(row.read().removed)
            />
            <h3 class="food-item__name" id=format!("item-{key}")>{name}</h3>
            <div class="food-item__amount amount">
                <input
                    class="amount__input"
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    name=field("grams")
                    value=typed.get_untracked()
                    prop:value=typed
                    aria-labelledby=format!("item-{key} item-{key}-unit")
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        typed.set(text.clone());
                        if let Ok(grams) = grams(&text) {
                            row.update(|row| row.set_grams(grams));
                            on_change.run(());
                        }
                    }
                />
                <span class="amount__unit" id=format!("item-{key}-unit")><abbr title="grams">"g"</abbr></span>
            </div>
            <p class="food-item__how">
                {move || how(&row.read())}
                {in_table}
                {move || to_check(&row.read()).map(|words| view! { " \u{b7} "<span class="food-item__check">{words}</span> })}
            </p>
            {tags}
            <div class="food-item__actions">
                <FoodChoice key field=field("food") row name choices disabled=hydrated/>
                <Show when=move || foods.get().is_some()>
                    <button
                        class="button button--quiet"
                        type="button"
                        aria-expanded=move || changing.get().to_string()
                        on:click=move |_| changing.update(|open| *open = !*open)
                    >
                        "Change food"
                        <span class="visually-hidden">{move || format!(" for {}", name.get())}</span>
                    </button>
                </Show>
                <button
                    class="button button--icon"
                    type="submit"
                    name="remove"
                    value=key
                    aria-label=move || format!("Remove {}", name.get())
                    on:click=move |event| {
                        event.prevent_default();
                        row.update(|row| row.removed = true);
                        on_change.run(());
                    }
                >
                    <Icon name="delete"/>
                </button>
            </div>
            <Show when=move || changing.get()>
                <FoodSearch
                    id=format!("find-{key}")
                    label="Which food is it?"
                    query=foods
                        .get_untracked()
                        .map(|foods| domain::analysis::naming(&row.read_untracked().portion.phrase, foods))
                        .unwrap_or_default()
                    foods
                    on_pick=Callback::new(move |food: FoodId| {
                        if let Some(found) = foods.get_untracked().and_then(|foods| foods.get(&food)) {
                            name.set(found.name().to_owned());
                        }
                        row.update(|row| row.set_food(food));
                        changing.set(false);
                        on_change.run(());
                    })
                    on_close=Callback::new(move |()| changing.set(false))
                />
            </Show>
        </li>
    }
}

/// The foods a row may mean, for as long as nobody can search as they type.
#[component]
fn FoodChoice(
    key: usize,
    field: String,
    row: RwSignal<Row>,
    name: RwSignal<String>,
    choices: StoredValue<Vec<(FoodId, String)>>,
    disabled: RwSignal<bool>,
) -> impl IntoView {
    let current = row.read_untracked().portion.food.clone();
    let others = choices.with_value(|choices| {
        choices
            .iter()
            .filter(|(id, _)| *id != current)
            .map(|(id, name)| view! { <option value=id.0.clone()>{name.clone()}</option> })
            .collect_view()
    });
    let id = format!("food-{key}");
    choices.with_value(|choices| !choices.is_empty()).then(|| {
        view! {
            <div class="unscripted">
                <label class="field__label" for=id.clone()>"Which food is it?"</label>
                <select class="input" id=id name=field disabled=disabled>
                    <option value=current.0 selected=true>{name.get_untracked()}</option>
                    {others}
                </select>
            </div>
        }
    })
}

const fn flag(set: bool) -> &'static str {
    if set { "1" } else { "" }
}
