//! How much of each nutrient a child of an age needs in a day.
//!
//! Dietary Reference Intakes of the US National Academies (NASEM/IOM): RDA where there is
//! one, else AI; energy is the estimated requirement of the reference child.

use crate::child::{Sex, age_months};
use crate::nutrient::Nutrient;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Where the figures come from, as shown under them.
pub const SOURCE: &str =
    "Dietary Reference Intakes, US National Academies (NASEM/IOM); calcium and vitamin D 2011, energy 2002/05";

/// An age band of the reference intakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// 0 to 6 months
    ToSixMonths,
    /// 7 to 12 months
    ToTwelveMonths,
    /// 1 to 3 years
    ToThreeYears,
    /// 4 to 8 years
    ToEightYears,
}

impl Band {
    /// The band on `date`: a child counts as 7 months old from the day it has completed
    /// six, as the reference intakes do.
    pub fn of(born: NaiveDate, date: NaiveDate) -> Self {
        match age_months(born, date) {
            0..6 => Self::ToSixMonths,
            6..12 => Self::ToTwelveMonths,
            12..48 => Self::ToThreeYears,
            _ => Self::ToEightYears,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::ToSixMonths => "0 to 6 months",
            Self::ToTwelveMonths => "7 to 12 months",
            Self::ToThreeYears => "1 to 3 years",
            Self::ToEightYears => "4 to 8 years",
        }
    }
}

/// What kind of figure a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Recommended dietary allowance: covers nearly every child.
    Recommended,
    /// Adequate intake: what healthy children take in; less is not proof of too little.
    Adequate,
    /// Estimated energy requirement of the reference child.
    Estimated,
}

impl Basis {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recommended => "recommended (RDA)",
            Self::Adequate => "adequate intake (AI)",
            Self::Estimated => "estimated requirement (EER)",
        }
    }
}

/// What a day should hold of one nutrient, in the nutrient's own unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    pub amount: f64,
    pub basis: Basis,
}

/// The day's target for `nutrient`, or `None` where none is set at that age.
pub fn target(nutrient: Nutrient, band: Band, sex: Sex) -> Option<Target> {
    use Basis::{Adequate, Estimated, Recommended};
    let column = match band {
        Band::ToSixMonths => 0,
        Band::ToTwelveMonths => 1,
        Band::ToThreeYears => 2,
        Band::ToEightYears => 3,
    };
    // One row a nutrient; 0.0 stands for "not determined" and becomes None below.
    let (amounts, bases): ([f64; 4], [Basis; 4]) = match nutrient {
        Nutrient::Calories => (
            match sex {
                Sex::Male => [570.0, 743.0, 1046.0, 1742.0],
                Sex::Female => [520.0, 676.0, 992.0, 1642.0],
            },
            [Estimated; 4],
        ),
        Nutrient::Protein => (
            [9.1, 11.0, 13.0, 19.0],
            [Adequate, Recommended, Recommended, Recommended],
        ),
        Nutrient::Fat => ([31.0, 30.0, 0.0, 0.0], [Adequate; 4]),
        Nutrient::Carbs => (
            [60.0, 95.0, 130.0, 130.0],
            [Adequate, Adequate, Recommended, Recommended],
        ),
        Nutrient::Fiber => ([0.0, 0.0, 19.0, 25.0], [Adequate; 4]),
        Nutrient::Iron => (
            [0.27, 11.0, 7.0, 10.0],
            [Adequate, Recommended, Recommended, Recommended],
        ),
        Nutrient::Calcium => (
            [200.0, 260.0, 700.0, 1000.0],
            [Adequate, Adequate, Recommended, Recommended],
        ),
        Nutrient::VitaminA => (
            [400.0, 500.0, 300.0, 400.0],
            [Adequate, Adequate, Recommended, Recommended],
        ),
        Nutrient::VitaminC => ([40.0, 50.0, 15.0, 25.0], [Adequate, Adequate, Recommended, Recommended]),
        Nutrient::VitaminD => ([10.0, 10.0, 15.0, 15.0], [Adequate, Adequate, Recommended, Recommended]),
        Nutrient::Zinc => ([2.0, 3.0, 3.0, 5.0], [Adequate, Recommended, Recommended, Recommended]),
        Nutrient::Folate => (
            [65.0, 80.0, 150.0, 200.0],
            [Adequate, Adequate, Recommended, Recommended],
        ),
        _ => return None,
    };
    let amount = amounts[column];
    (amount > 0.0).then_some(Target {
        amount,
        basis: bases[column],
    })
}

/// The most a day should hold of `nutrient`, where a limit is set that says something of
/// food. Vitamin A is limited as preformed retinol, so its row speaks of
/// [`Nutrient::Retinol`]; folate's limit is for folic acid, which the table does not tell
/// apart; zinc's is exceeded by two thirds of infants on normal diets and would only alarm.
pub const fn upper_limit(nutrient: Nutrient, band: Band) -> Option<f64> {
    let limits = match nutrient {
        Nutrient::Iron => [40.0, 40.0, 40.0, 40.0],
        Nutrient::Calcium => [1000.0, 1500.0, 2500.0, 2500.0],
        Nutrient::Retinol => [600.0, 600.0, 600.0, 900.0],
        Nutrient::VitaminC => [f64::INFINITY, f64::INFINITY, 400.0, 650.0],
        Nutrient::VitaminD => [25.0, 38.0, 63.0, 75.0],
        _ => return None,
    };
    let limit = match band {
        Band::ToSixMonths => limits[0],
        Band::ToTwelveMonths => limits[1],
        Band::ToThreeYears => limits[2],
        Band::ToEightYears => limits[3],
    };
    if limit.is_finite() { Some(limit) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn iron_rises_forty_fold_at_six_months() {
        let born = day("2026-01-10");
        let iron = |on| {
            target(Nutrient::Iron, Band::of(born, day(on)), Sex::Female)
                .unwrap()
                .amount
        };
        assert_eq!(iron("2026-07-09"), 0.27);
        assert_eq!(iron("2026-07-10"), 11.0);
        assert_eq!(iron("2027-01-10"), 7.0);
        assert_eq!(iron("2030-01-10"), 10.0);
    }

    #[test]
    fn fibre_has_no_target_in_the_first_year() {
        assert_eq!(target(Nutrient::Fiber, Band::ToTwelveMonths, Sex::Male), None);
        assert_eq!(
            target(Nutrient::Fiber, Band::ToThreeYears, Sex::Male).unwrap().amount,
            19.0
        );
    }

    #[test]
    fn zinc_raises_no_alarm() {
        assert_eq!(upper_limit(Nutrient::Zinc, Band::ToTwelveMonths), None);
        assert_eq!(upper_limit(Nutrient::VitaminC, Band::ToSixMonths), None);
        assert_eq!(upper_limit(Nutrient::VitaminD, Band::ToSixMonths), Some(25.0));
    }
}
