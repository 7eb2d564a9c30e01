//! The form's state.

use super::super::food_row::RowState;
use crate::api::meal::MealForm;
use domain::analysis::{Analysis, analyse, describe};
use domain::food::{FoodId, Table};
use domain::reading::{Row, portions, reread};
use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;

/// The form's state in the browser. On the server nothing in it ever changes.
#[derive(Clone, Copy)]
pub(super) struct Editor {
    pub(super) form: StoredValue<MealForm>,
    pub(super) text: RwSignal<String>,
    pub(super) date: RwSignal<String>,
    pub(super) rows: RwSignal<Vec<RowState>>,
    not_understood: RwSignal<Vec<String>>,
    /// Whether anything differs from what the server rendered.
    pub(super) touched: RwSignal<bool>,
    next_key: StoredValue<usize>,
    pub(super) foods: Signal<Option<&'static Table>>,
    /// What its rows belong to: a handler runs as part of what drew its button, which may go before they do.
    owner: StoredValue<Option<WeakOwner>>,
}

impl Editor {
    pub(super) fn new(form: MealForm, foods: Signal<Option<&'static Table>>) -> Self {
        let names = form.analysis.items.iter().map(|item| item.display_name().to_owned());
        let mut names = names.collect::<Vec<_>>().into_iter();
        let rows: Vec<_> = form
            .rows
            .iter()
            .enumerate()
            .map(|(key, row)| {
                // Only rows that count have an item; one taken out has no name to show.
                let name = if row.removed {
                    String::new()
                } else {
                    names.next().unwrap_or_default()
                };
                let choices = form.choices.get(key).cloned().unwrap_or_default();
                RowState::new(key, row.clone(), name, choices)
            })
            .collect();
        Self {
            text: RwSignal::new(form.raw_input.clone()),
            date: RwSignal::new(form.date.clone()),
            next_key: StoredValue::new(rows.len()),
            rows: RwSignal::new(rows),
            not_understood: RwSignal::new(form.analysis.not_understood.clone()),
            touched: RwSignal::new(false),
            form: StoredValue::new(form),
            foods,
            owner: StoredValue::new(Owner::current().map(|owner| owner.downgrade())),
        }
    }

    fn eater(self) -> domain::analysis::Eater {
        let form = self.form.read_value();
        form.child.eater(self.date.read().parse().unwrap_or(form.today))
    }

    fn current_rows(self) -> Vec<Row> {
        self.rows.read().iter().map(|state| state.row.get()).collect()
    }

    /// What the meal holds as it stands in the form.
    pub(super) fn analysis(self) -> Analysis {
        match self.foods.get() {
            Some(foods) if self.touched.get() => {
                let mut analysis = describe(&portions(&self.current_rows()), foods, &self.eater());
                analysis.not_understood = self.not_understood.get();
                analysis
            }
            _ => self.form.read_value().analysis.clone(),
        }
    }

    /// Reads the text afresh; what the parent mended stays mended.
    pub(super) fn read(self) {
        let Some(foods) = self.foods.get_untracked() else {
            return;
        };
        untrack(|| {
            let fresh = analyse(&self.text.read(), foods, &self.eater());
            self.not_understood.set(fresh.not_understood.clone());
            let before = self.rows.get();
            let mut spare: Vec<RowState> = before.clone();
            let next = reread(&self.current_rows(), &fresh);
            // A row that stays keeps its place in the page, and the cursor in it.
            let next: Vec<_> = next
                .into_iter()
                .map(|row| {
                    match spare.iter().position(|state| {
                        state.row.read().portion.phrase == row.portion.phrase
                            && state.row.read().portion.food == row.portion.food
                    }) {
                        Some(place) => {
                            let state = spare.remove(place);
                            state.set(row);
                            state
                        }
                        None => self.state(row, foods),
                    }
                })
                .collect();
            self.rows.set(next);
            self.touched.set(true);
        });
    }

    fn state(self, row: Row, foods: &Table) -> RowState {
        let key = self.next_key.get_value();
        self.next_key.set_value(key + 1);
        let described = describe(std::slice::from_ref(&row.portion), foods, &self.eater());
        let name = described
            .items
            .first()
            .map(|item| item.display_name().to_owned())
            .unwrap_or_default();
        let made = || RowState::new(key, row, name, Vec::new());
        match self.owner.get_value().and_then(|owner| owner.upgrade()) {
            Some(owner) => owner.with(made),
            None => made(),
        }
    }

    pub(super) fn add(self, food: FoodId) {
        if let Some(foods) = self.foods.get_untracked() {
            let grams = foods.get(&food).map_or(USUAL_GRAMS, offered_grams);
            let state = self.state(Row::picked(food, grams), foods);
            self.rows.update(|rows| rows.push(state));
            self.touched.set(true);
        }
    }
}

/// A spoonful or two: what is offered for a food without a small measure of its own.
const USUAL_GRAMS: f64 = 30.0;

/// One of the food's own measures, where it is no more than a child's plate holds.
fn offered_grams(food: domain::food::Food<'_>) -> f64 {
    food.portions()
        .map(|measure| measure.grams_of_one())
        .find(|grams| (5.0..=150.0).contains(grams))
        .unwrap_or(USUAL_GRAMS)
}

/// The table in the browser; on the server the form comes with its analysis.
pub(super) fn browser_foods() -> Signal<Option<&'static Table>> {
    #[cfg(feature = "hydrate")]
    {
        crate::browser::foods().into()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        Signal::stored(None)
    }
}
