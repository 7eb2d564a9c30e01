//! What was understood of a meal: the shape stored in `meals.gpt_analysis`, printed by
//! `tinytummy analyse`, and shown while a parent types.

mod amount;
mod clause;
mod confidence;
mod describe;
mod filler;
mod group;
mod matching;
mod number;
#[cfg(test)]
mod phrases;
mod read;
#[cfg(test)]
mod spoken;
mod token;
mod unit;

use crate::allergen::Allergen;
use crate::food::{Food, FoodId, Table};
use crate::meal::{Item, Portion};
use crate::nutrient::{Nutrient, Nutrients};
use crate::safety::Warning;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// Who or what read the words, the voice or the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// `local`, or the name of a model.
    pub reader: String,
    /// The food file the figures come from, such as `sr24-1`.
    pub food_file: String,
}

/// Something only the parent can answer; it never stands in the way of saving.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Index into `items`.
    pub item: usize,
    pub text: String,
    pub choices: Vec<Choice>,
}

/// One answer to a [`Question`]: what to show, and the grams it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    pub label: String,
    pub grams: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    pub detected_foods: Vec<String>,
    pub estimated_quantities: BTreeMap<String, String>,
    #[serde(serialize_with = "the_twelve")]
    pub nutrition_breakdown: Nutrients,
    /// The chance, 0..1, that the carbohydrate is within 7.5 g of the truth.
    pub confidence_score: f64,
    pub analysis_notes: String,
    pub items: Vec<Item>,
    pub warnings: Vec<Warning>,
    #[serde(default)]
    pub questions: Vec<Question>,
    pub not_understood: Vec<String>,
    pub origin: Option<Origin>,
}

/// The breakdown has the twelve; the rest stays with the items.
fn the_twelve<S: Serializer>(nutrients: &Nutrients, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(Nutrient::TWELVE.len()))?;
    for nutrient in Nutrient::TWELVE {
        map.serialize_entry(nutrient.key(), &nutrients.get(nutrient))?;
    }
    map.end()
}

/// Who eats: what the warnings and the usual amounts depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Eater {
    /// Age in days, or `None` when nobody said.
    pub age_days: Option<i64>,
    pub allergies: Vec<Allergen>,
}

/// What `text` says was eaten, as [`describe`] describes it.
///
/// Never fails: what is not understood is listed in `not_understood`. Takes time in
/// proportion to the text, and reads no more of it than a meal may have.
pub fn analyse(text: &str, foods: &Table, eater: &Eater) -> Analysis {
    let reading = read::read(text, foods, eater);
    let mut analysis = describe(&reading.portions, foods, eater);
    analysis.lacks(reading.not_understood);
    if reading.cut {
        let note = "Only the first part of this text was read.";
        analysis.analysis_notes = format!("{note} {}", analysis.analysis_notes).trim().to_owned();
    }
    analysis
}

impl Analysis {
    /// Notes what was not understood. It was eaten too: the sum is less sure for it.
    pub fn lacks(&mut self, not_understood: Vec<String>) {
        self.confidence_score = confidence::confidence(&self.items, not_understood.len());
        self.not_understood = not_understood;
    }
}

/// What these portions are and hold: names, figures, allergens, warnings, questions and
/// totals, from the portions alone.
///
/// A food the table lacks becomes an item whose figures are unknown.
pub fn describe(portions: &[Portion], foods: &Table, eater: &Eater) -> Analysis {
    describe::describe(portions, foods, eater)
}

/// The words of `phrase` that name a food, without the amount: what to look for in the table.
pub fn naming(phrase: &str, foods: &Table) -> String {
    read::naming(phrase, foods).map_or_else(String::new, |clause| clause.words.join(" "))
}

/// Other foods that `phrase` may have meant, likeliest first, without `chosen`.
pub fn alternatives<'a>(phrase: &str, chosen: &FoodId, foods: &'a Table, limit: usize) -> Vec<Food<'a>> {
    let Some(named) = read::naming(phrase, foods) else {
        return Vec::new();
    };
    matching::ranked(&named.words, &named.asides, foods, limit + 1)
        .into_iter()
        .map(|at| foods.at(at))
        .filter(|food| food.id() != *chosen)
        .take(limit)
        .collect()
}
