//! A child, from birth to three and a little beyond.

pub mod age;
mod form;

pub use age::{age_in_words, age_months};
pub use form::ProfileForm;

use crate::allergen::Allergen;
use crate::analysis::Eater;
use crate::id::{AccountId, ChildId};
use crate::measure::{HeightCm, WeightKg};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Which of the WHO's growth standards applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Female,
    Male,
}

impl Sex {
    pub const ALL: [Self; 2] = [Self::Female, Self::Male];

    pub const fn id(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Female => "Girl",
            Self::Male => "Boy",
        }
    }

    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sex| sex.id() == id)
    }
}

words! {
    /// How much eczema a child has: with egg allergy it is what makes early peanut urgent.
    Eczema {
        None "none" "None",
        Mild "mild" "Mild",
        Severe "severe" "Severe",
    }
}

words! {
    /// Whose published advice comes first where countries differ.
    Region {
        Us "us" "United States",
        Uk "uk" "United Kingdom",
        Eu "eu" "European Union",
    }
}

words! {
    /// What a family leaves out for other reasons than an allergy.
    Diet {
        Vegetarian "vegetarian" "Vegetarian",
        Vegan "vegan" "Vegan",
        NoPork "no_pork" "No pork",
        NoBeef "no_beef" "No beef",
        Halal "halal" "Halal",
        Kosher "kosher" "Kosher",
        LowLactose "low_lactose" "Low lactose",
    }
}

/// The oldest a child may be when added, in years: past that neither the targets nor the
/// rules here speak of them.
pub const MOST_YEARS: u32 = 8;

/// What a parent tells about a child.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    pub name: String,
    pub date_of_birth: NaiveDate,
    pub sex: Sex,
    pub allergies: Vec<Allergen>,
    /// IANA name; checked at the edge, which knows the zones.
    pub time_zone: String,
    /// The day 40 weeks were complete; `None` where nobody said.
    pub due_date: Option<NaiveDate>,
    /// The latest measured.
    pub weight_kg: Option<WeightKg>,
    /// The latest measured, lying or standing.
    pub height_cm: Option<HeightCm>,
    pub dietary_restrictions: Vec<Diet>,
    /// `None` where nobody said, which is not the same as none.
    pub eczema: Option<Eczema>,
    pub region: Option<Region>,
    /// May be empty, like the contact: a telephone number, an address, as the parent likes.
    pub pediatrician_name: String,
    pub pediatrician_contact: String,
}

impl Profile {
    /// A child of whom only the essentials are known.
    pub fn new(name: &str, date_of_birth: NaiveDate, sex: Sex, time_zone: &str) -> Self {
        Self {
            name: name.to_owned(),
            date_of_birth,
            sex,
            allergies: Vec::new(),
            time_zone: time_zone.to_owned(),
            due_date: None,
            weight_kg: None,
            height_cm: None,
            dietary_restrictions: Vec::new(),
            eczema: None,
            region: None,
            pediatrician_name: String::new(),
            pediatrician_contact: String::new(),
        }
    }

    /// "8 months", and for a child born early "8 months (6 months corrected)".
    pub fn age_in_words(&self, on: NaiveDate) -> String {
        let age = age_in_words(self.date_of_birth, on);
        match age::corrected_birth(self.date_of_birth, self.due_date, on) {
            Some(due) => format!("{age} ({} corrected)", age_in_words(due, on)),
            None => age,
        }
    }
}

/// Who eats, as the analyser wants it, on `date`: by birth date and allergies alone.
pub fn eater(born: NaiveDate, allergies: &[Allergen], date: NaiveDate) -> Eater {
    Eater {
        age_days: Some((date - born).num_days().max(0)),
        allergies: allergies.to_vec(),
    }
}

/// A child as stored and shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Child {
    pub id: ChildId,
    /// The owner: whose tier and points the child counts towards.
    pub owner: AccountId,
    #[serde(flatten)]
    pub profile: Profile,
    /// Whether the signed-in account may write for this child.
    pub may_write: bool,
}

impl Child {
    /// Who eats, as the analyser wants it, on `date`.
    pub fn eater(&self, date: NaiveDate) -> Eater {
        eater(self.profile.date_of_birth, &self.profile.allergies, date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn an_early_childs_age_reads_with_the_corrected_one() {
        let early = Profile {
            due_date: Some(day("2026-03-10")),
            ..Profile::new("Pip", day("2026-01-10"), Sex::Female, "UTC")
        };
        assert_eq!(early.age_in_words(day("2026-09-10")), "8 months (6 months corrected)");
        assert_eq!(early.age_in_words(day("2026-02-10")), "4 weeks");
        assert_eq!(early.age_in_words(day("2028-01-10")), "2 years");
    }

    #[test]
    fn an_early_birth_shortens_no_rule_of_safety() {
        let early = Profile {
            due_date: Some(day("2026-03-10")),
            ..Profile::new("Pip", day("2026-01-10"), Sex::Female, "UTC")
        };
        let eater = eater(early.date_of_birth, &early.allergies, day("2027-01-10"));
        assert_eq!(eater.age_days, Some(365));
    }
}
