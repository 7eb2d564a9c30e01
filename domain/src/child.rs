//! A child, from birth to three and a little beyond.

use crate::allergen::Allergen;
use crate::analysis::Eater;
use crate::field::{Field, Refusal, required};
use crate::id::{AccountId, ChildId};
use chrono::{Months, NaiveDate};
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

/// The oldest a child may be when added, in years: past that neither the targets nor the
/// rules here speak of them.
pub const MOST_YEARS: u32 = 8;

/// What a parent tells about a child.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub name: String,
    pub date_of_birth: NaiveDate,
    pub sex: Sex,
    pub allergies: Vec<Allergen>,
    /// IANA name; checked at the edge, which knows the zones.
    pub time_zone: String,
}

impl Profile {
    /// Reads a form. `today` is the date where the child lives.
    ///
    /// # Errors
    /// Every refused field, not only the first.
    pub fn parse(
        name: &str,
        date_of_birth: &str,
        sex: &str,
        allergies: &[String],
        time_zone: &str,
        today: NaiveDate,
    ) -> Result<Self, Vec<Refusal>> {
        let name = required(Field::Name, name, 100, "a name, or a nickname if you prefer");
        let date_of_birth = birth_date(date_of_birth, today);
        let sex =
            Sex::from_id(sex).ok_or_else(|| Refusal::new(Field::Sex, "Please choose which growth charts to use."));
        let allergies = allergies
            .iter()
            .map(|id| {
                Allergen::from_id(id)
                    .ok_or_else(|| Refusal::new(Field::Allergies, "Please choose allergies from the list."))
            })
            .collect::<Result<Vec<_>, _>>()
            .map(|mut allergies| {
                allergies.sort_unstable();
                allergies.dedup();
                allergies
            });
        let time_zone = required(Field::TimeZone, time_zone, 100, "a time zone");
        match (name, date_of_birth, sex, allergies, time_zone) {
            (Ok(name), Ok(date_of_birth), Ok(sex), Ok(allergies), Ok(time_zone)) => Ok(Self {
                name,
                date_of_birth,
                sex,
                allergies,
                time_zone,
            }),
            (name, date_of_birth, sex, allergies, time_zone) => Err([
                name.err(),
                date_of_birth.err(),
                sex.err(),
                allergies.err(),
                time_zone.err(),
            ]
            .into_iter()
            .flatten()
            .collect()),
        }
    }
}

fn birth_date(typed: &str, today: NaiveDate) -> Result<NaiveDate, Refusal> {
    let refuse = |message: &str| Err(Refusal::new(Field::DateOfBirth, message));
    let Ok(date) = typed.trim().parse::<NaiveDate>() else {
        return refuse("Please give the birth date as year-month-day, such as 2026-03-14.");
    };
    if date > today {
        return refuse("That date is in the future. Add your child once they are born.");
    }
    if age_months(date, today) >= MOST_YEARS * 12 {
        return refuse("That is more than eight years ago. TinyTummy is made for the first three.");
    }
    Ok(date)
}

/// A child as stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
        Eater {
            age_days: Some((date - self.profile.date_of_birth).num_days().max(0)),
            allergies: self.profile.allergies.clone(),
        }
    }
}

/// Completed months of age on `date`, as a calendar counts them; 0 before birth.
///
/// A child born on the 31st completes a month on the last day of a shorter one.
pub fn age_months(born: NaiveDate, date: NaiveDate) -> u32 {
    use chrono::Datelike;
    if date <= born {
        return 0;
    }
    let calendar = (date.year() - born.year()) * 12 + date.month() as i32 - born.month() as i32;
    let months = u32::try_from(calendar).unwrap_or(0);
    match born.checked_add_months(Months::new(months)) {
        Some(birthday) if birthday <= date => months,
        _ => months.saturating_sub(1),
    }
}

/// An age as a parent says it: days in the first two weeks, then weeks, months, and years.
pub fn age_in_words(born: NaiveDate, date: NaiveDate) -> String {
    fn counted(n: i64, one: &str) -> String {
        if n == 1 {
            format!("1 {one}")
        } else {
            format!("{n} {one}s")
        }
    }
    let days = (date - born).num_days().max(0);
    let months = i64::from(age_months(born, date));
    match (days, months) {
        (0..14, _) => counted(days, "day"),
        (_, 0..3) => counted(days / 7, "week"),
        (_, 3..24) => counted(months, "month"),
        (_, _) if months % 12 == 0 => counted(months / 12, "year"),
        _ => format!("{} {}", counted(months / 12, "year"), counted(months % 12, "month")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_counted_as_a_calendar_does() {
        assert_eq!(age_months(day("2026-01-31"), day("2026-02-27")), 0);
        assert_eq!(age_months(day("2026-01-31"), day("2026-02-28")), 1);
        assert_eq!(age_months(day("2025-11-23"), day("2026-11-22")), 11);
        assert_eq!(age_months(day("2025-11-23"), day("2026-11-23")), 12);
        assert_eq!(age_months(day("2026-11-23"), day("2025-11-23")), 0);
    }

    #[test]
    fn an_age_reads_as_a_parent_says_it() {
        let born = day("2026-01-10");
        let words = |on| age_in_words(born, day(on));
        assert_eq!(words("2026-01-11"), "1 day");
        assert_eq!(words("2026-03-01"), "7 weeks");
        assert_eq!(words("2026-09-10"), "8 months");
        assert_eq!(words("2028-01-10"), "2 years");
        assert_eq!(words("2028-02-11"), "2 years 1 month");
    }

    #[test]
    fn a_birth_date_in_the_future_is_refused_and_today_is_not() {
        let today = day("2026-11-23");
        assert!(birth_date("2026-11-23", today).is_ok());
        assert!(birth_date("2026-11-24", today).unwrap_err().message.contains("future"));
        assert!(birth_date("2018-11-23", today).is_err());
        assert!(birth_date("23.11.2025", today).is_err());
    }

    #[test]
    fn every_refused_field_is_named() {
        let refusals = Profile::parse("", "x", "x", &["x".to_owned()], "", day("2026-11-23")).unwrap_err();
        assert_eq!(refusals.len(), 5);
    }
}
