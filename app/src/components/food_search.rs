//! Search as you type in the food table: a combobox with a list.

use super::icon::Icon;
use super::nutrients::figure;
use domain::food::{FoodId, Table};
use domain::nutrient::Nutrient;
use leptos::ev::KeyboardEvent;
use leptos::html::Input;
use leptos::prelude::*;

/// How many foods are offered: what fits on a phone above its keyboard.
const OFFERED: usize = 8;

#[component]
pub(crate) fn FoodSearch(
    #[prop(into)] id: String,
    label: &'static str,
    /// What to look for first.
    query: String,
    foods: Signal<Option<&'static Table>>,
    on_pick: Callback<FoodId>,
    on_close: Callback<()>,
) -> impl IntoView {
    let query = RwSignal::new(query);
    let active = RwSignal::new(0_usize);
    let input = NodeRef::<Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            let _ = input.focus();
            input.select();
        }
    });
    let found = Memo::new(move |_| {
        let text = query.read();
        foods
            .get()
            .map(|foods| {
                foods
                    .search(&text, OFFERED)
                    .into_iter()
                    .map(|food| {
                        let iron = food.nutrients().get(Nutrient::Iron).map_or_else(
                            || "iron not known".to_owned(),
                            |iron| format!("{} mg iron / 100 g", figure(iron)),
                        );
                        (food.id(), food.name().to_owned(), iron)
                    })
                    .collect::<Vec<_>>()
            })
            .unwrap_or_default()
    });
    let pick = move |index: usize| {
        if let Some((food, ..)) = found.read_untracked().get(index) {
            on_pick.run(food.clone());
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let last = found.read_untracked().len().saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => active.update(|at| *at = (*at + 1).min(last)),
            "ArrowUp" => active.update(|at| *at = at.saturating_sub(1)),
            "Enter" => pick(active.get_untracked()),
            "Escape" => on_close.run(()),
            _ => return,
        }
        // Enter must not send the form, nor the arrows move the cursor.
        event.prevent_default();
    };
    let list = format!("{id}-list");
    let option = {
        let id = id.clone();
        move |index: usize| format!("{id}-{index}")
    };
    let active_option = {
        let option = option.clone();
        move || (!found.read().is_empty()).then(|| option(active.get()))
    };
    view! {
        <div class="combobox">
            <label class="field__label" for=id.clone()>{label}</label>
            <div class="combobox__field">
                <input
                    node_ref=input
                    class="input"
                    id=id
                    type="text"
                    role="combobox"
                    autocomplete="off"
                    autocapitalize="off"
                    aria-autocomplete="list"
                    aria-expanded=move || (!found.read().is_empty()).to_string()
                    aria-controls=list.clone()
                    aria-activedescendant=active_option
                    prop:value=query
                    on:input=move |event| {
                        query.set(event_target_value(&event));
                        active.set(0);
                    }
                    on:keydown=on_key
                />
                <Icon name="search"/>
            </div>
            <ul class="combobox__list" id=list role="listbox" aria-label="Foods">
                {move || {
                    let option = option.clone();
                    found
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(move |(index, (_, name, iron))| view! {
                            <li
                                class="combobox__option"
                                role="option"
                                id=option(index)
                                aria-selected=move || (active.get() == index).to_string()
                                // Before the input loses its focus, and the list its place.
                                on:mousedown=move |event| {
                                    event.prevent_default();
                                    pick(index);
                                }
                            >
                                {name}
                                " "
                                <span class="combobox__aside">{iron}</span>
                            </li>
                        })
                        .collect_view()
                }}
            </ul>
            {move || (found.read().is_empty() && !query.read().trim().is_empty()).then(|| view! {
                <p class="combobox__none" role="status">"No such food in the table. Try a plainer word."</p>
            })}
        </div>
    }
}
