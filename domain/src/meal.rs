//! What a meal is.

use crate::allergen::Allergen;
use crate::analysis::Analysis;
use crate::change::{FieldStamps, MealFields};
use crate::field::{Field, Refusal};
use crate::food::FoodId;
use crate::id::{AccountId, ChildId, MealId};
use crate::nutrient::Nutrients;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// The most characters a meal's text may have. A parent who needs more is pasting
/// something else.
pub const MOST_TEXT: usize = 2_000;

/// More than this at once, nobody eats or drinks: it is asked about, not refused.
pub const PLAUSIBLE_GRAMS: f64 = 1_500.0;

/// More than this of one solid food at once, no child under three eats.
const PLAUSIBLE_SOLID_GRAMS: f64 = 400.0;

/// The grams of one food above which a parent is asked whether it was as much.
pub fn plausible_grams(is_drink: bool, age_days: Option<i64>) -> f64 {
    const THREE_YEARS: i64 = 1096;
    if is_drink || age_days.is_none_or(|days| days >= THREE_YEARS) {
        PLAUSIBLE_GRAMS
    } else {
        PLAUSIBLE_SOLID_GRAMS
    }
}

/// Grams above this are a typing slip that would spoil every chart.
pub const MOST_GRAMS: f64 = 5_000.0;

/// The most items one meal may list.
pub const MOST_ITEMS: usize = 60;

words! {
    MealType {
        Breakfast "breakfast" "Breakfast",
        Lunch "lunch" "Lunch",
        Dinner "dinner" "Dinner",
        Snack "snack" "Snack",
    }
}

impl MealType {
    /// The likeliest meal at a local time, to be offered first.
    pub fn at(time: chrono::NaiveTime) -> Self {
        use chrono::Timelike;
        match time.hour() {
            5..=9 => Self::Breakfast,
            11..=13 => Self::Lunch,
            17..=19 => Self::Dinner,
            _ => Self::Snack,
        }
    }
}

/// A weight as a parent reads it: "59 g", "1.2 kg" from a kilogram on.
pub fn weight(grams: f64) -> String {
    if grams >= 1000.0 {
        format!("{} kg", crate::nutrient::round(grams / 1000.0, 1))
    } else {
        format!("{} g", crate::nutrient::round(grams, 1))
    }
}

words! {
    /// What the document's enum of meal types lacks: a bottle at night is no snack.
    Kind {
        Food "food" "Food",
        Milk "milk" "Milk",
        Supplement "supplement" "Supplement",
    }
}

words! {
    InputMethod {
        Text "text" "Typed",
        Voice "voice" "Spoken",
        Image "image" "Photo",
    }
}

words! {
    AnalysisState {
        Analysed "analysed" "Analysed",
        Waiting "waiting" "Waiting to be analysed",
        Failed "failed" "Could not be analysed",
    }
}

/// When something was eaten: the instant, and the calendar date it had where the child
/// lives. The edge computes the date, since wasm has no time zone table; it is frozen
/// when saved, so that a family that moves keeps its days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    pub at: DateTime<Utc>,
    pub date: NaiveDate,
}

/// One food of a meal as the parent left it: the only part of an item a client decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Portion {
    /// The words it came from; empty when picked from a list.
    pub phrase: String,
    pub food: FoodId,
    /// Eaten weight in grams.
    pub grams: f64,
    /// How the grams were found: `mass`, `volume`, `portion`, `default` or `parent`.
    pub how: How,
    /// The amount in the parent's own measure, such as "1/2 medium"; empty for plain grams.
    pub amount: String,
    /// 0..1, of food and amount together; 1 once a parent has chosen both.
    pub confidence: f64,
}

words! {
    /// How the grams of an item were found, from the surest down.
    How {
        Parent "parent" "set by you",
        Mass "mass" "by weight",
        Volume "volume" "by volume",
        Portion "portion" "by portion",
        Default "default" "usual amount",
    }
}

impl Portion {
    /// # Errors
    /// Grams that are no weight, or more than [`MOST_GRAMS`].
    pub fn check(&self) -> Result<(), Refusal> {
        if !self.grams.is_finite() || self.grams < 0.0 {
            return Err(Refusal::new(
                Field::Grams,
                "Please give the weight in grams as a number, 0 or more.",
            ));
        }
        if self.grams > MOST_GRAMS {
            return Err(Refusal::new(
                Field::Grams,
                format!(
                    "{} is more than a child can eat. Did you mean grams, not kilograms?",
                    weight(self.grams)
                ),
            ));
        }
        Ok(())
    }
}

/// One food of a meal with what the food table says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    #[serde(flatten)]
    pub portion: Portion,
    /// The food's name in the table.
    pub name: String,
    /// Whether the phrase speaks of this food. Of a dish, the words are the first food's.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub said: bool,
    /// What to call it in a list: short, with a capital, and unlike the other foods of its
    /// meal. Empty in analyses older than this field; ask [`Item::display_name`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub everyday: String,
    pub allergens: Vec<Allergen>,
    /// What these grams hold, rounded.
    pub nutrients: Nutrients,
}

const fn yes() -> bool {
    true
}

const fn is_yes(said: &bool) -> bool {
    *said
}

impl Item {
    /// What to call the food on a page: "Oatmeal", not "Cereals, oats, regular and quick, …".
    pub fn display_name(&self) -> &str {
        if self.everyday.is_empty() {
            &self.name
        } else {
            &self.everyday
        }
    }
}

/// A meal as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meal {
    pub id: MealId,
    pub child: ChildId,
    pub logged_by: AccountId,
    /// A copy taken when it was logged: the account may be gone.
    pub logged_by_name: String,
    pub meal_type: MealType,
    pub kind: Kind,
    pub input_method: InputMethod,
    pub when: When,
    /// `HH:MM` where the child lives: the edge that has the zones computes it.
    pub local_time: String,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    pub raw_input: String,
    pub notes: String,
    pub state: AnalysisState,
    pub analysis: Analysis,
    pub stamps: FieldStamps,
    /// Somebody deleted it and somebody changed it later: it stays until a parent decides.
    #[serde(default)]
    pub disputed: bool,
}

/// One write to a meal, as it is looked back at: what it said then, also where it was overwritten since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// When it was written, where the child lives: "24 November 2026, 18:30".
    pub at: String,
    /// Who wrote it; empty where that account is not the asker's to know.
    pub by: String,
    pub fields: MealFields,
    /// Whether all of it still stands, or some was written over by somebody later.
    pub stands: bool,
}
