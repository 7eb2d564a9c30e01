//! One day of one child: what was eaten, against what is needed. A page takes this one
//! struct whether it came from the server or from the device.

use crate::child::Child;
use crate::id::AccountId;
use crate::meal::{Item, Kind, Meal};
use crate::nutrient::{Nutrient, Total, Totals};
use crate::target::{Band, Target, target, upper_limit};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Day {
    pub child: Child,
    /// Who looks at it: what others logged is shown with their name.
    pub viewer: AccountId,
    pub date: NaiveDate,
    /// The date where the child lives when this was put together: it came with the data,
    /// so that what is rendered twice reads the same twice.
    pub today: NaiveDate,
    /// In the order they were eaten.
    pub meals: Vec<Meal>,
}

/// One nutrient of a day against its target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    pub nutrient: Nutrient,
    pub total: Total,
    pub target: Option<Target>,
    /// Set when the day is above the upper limit.
    pub above: Option<f64>,
}

impl Standing {
    /// Share of the target reached by what is known, 0..1; `None` without a target.
    pub fn share(&self) -> Option<f64> {
        self.target
            .map(|target| (self.total.known / target.amount).clamp(0.0, 1.0))
    }

    /// The target as whole percent, for a bar.
    pub fn percent(&self) -> Option<u32> {
        // Rounded down: a bar that is full says that the target is reached.
        self.share().map(|share| (share * 100.0) as u32)
    }
}

impl Day {
    pub fn band(&self) -> Band {
        Band::of(self.child.profile.date_of_birth, self.date)
    }

    /// Sums over every food and drink of the day, milk included.
    pub fn totals(&self) -> Totals {
        Totals::of(
            self.meals
                .iter()
                .flat_map(|meal| meal.analysis.items.iter().map(|item| &item.nutrients)),
        )
    }

    /// The twelve, iron first: it is what children from six months on most often lack.
    pub fn standings(&self) -> Vec<Standing> {
        let totals = self.totals();
        let band = self.band();
        let order = std::iter::once(Nutrient::Iron).chain(
            Nutrient::TWELVE
                .into_iter()
                .filter(|nutrient| *nutrient != Nutrient::Iron),
        );
        order
            .map(|nutrient| {
                // Vitamin A's limit speaks of preformed retinol only.
                let limited = if nutrient == Nutrient::VitaminA {
                    Nutrient::Retinol
                } else {
                    nutrient
                };
                Standing {
                    nutrient,
                    total: totals.get(nutrient),
                    target: target(nutrient, band, self.child.profile.sex),
                    above: upper_limit(limited, band).filter(|limit| totals.get(limited).known > *limit),
                }
            })
            .collect()
    }

    /// Grams of milk drunk as milk: breast, formula or cow's.
    pub fn milk_grams(&self) -> f64 {
        self.meals
            .iter()
            .filter(|meal| meal.kind == Kind::Milk)
            .flat_map(|meal| &meal.analysis.items)
            .map(|item| item.portion.grams)
            .sum()
    }
}

/// A date as an address has it, year-month-day; `None` for what is none, or no date of a child
/// anybody could log for (PostgreSQL's calendar ends long before this one's).
pub fn date(text: &str) -> Option<NaiveDate> {
    use chrono::Datelike;
    text.parse::<NaiveDate>()
        .ok()
        .filter(|date| (1900..=2200).contains(&date.year()))
}

/// One line of the history: a day and how it stood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DaySummary {
    pub date: NaiveDate,
    pub meals: u32,
    /// Foods by name, in the order eaten, without repeats.
    pub foods: Vec<String>,
    /// Known energy in kcal and iron in mg.
    pub calories: Total,
    pub iron: Total,
}

impl DaySummary {
    /// A day of which nothing was eaten yet.
    pub fn new(date: NaiveDate) -> Self {
        Self {
            date,
            meals: 0,
            foods: Vec::new(),
            calories: Total::default(),
            iron: Total::default(),
        }
    }

    /// One more meal of that day, with these foods.
    pub fn add(&mut self, items: Vec<Item>) {
        self.meals += 1;
        for item in items {
            self.calories.add(item.nutrients.get(Nutrient::Calories));
            self.iron.add(item.nutrients.get(Nutrient::Iron));
            if !self.foods.contains(&item.name) {
                self.foods.push(item.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_one_that_can_be_stored() {
        assert_eq!(date("2026-02-28"), NaiveDate::from_ymd_opt(2026, 2, 28));
        for none in ["", "today", "2026-02-30", "-99999-01-01", "0001-01-01", "262142-12-31"] {
            assert_eq!(date(none), None, "{none}");
        }
    }

    #[test]
    fn a_bar_is_full_only_when_the_target_is_reached() {
        let standing = |known| Standing {
            nutrient: Nutrient::Iron,
            total: Total {
                known,
                with_figure: 1,
                without_figure: 0,
            },
            target: Some(Target {
                amount: 11.0,
                basis: crate::target::Basis::Recommended,
            }),
            above: None,
        };
        assert_eq!(standing(10.99).percent(), Some(99));
        assert_eq!(standing(11.0).percent(), Some(100));
        assert_eq!(standing(30.0).percent(), Some(100));
    }
}
