//! How old a child is, from birth and, for one born early, from the day it was due.
//!
//! **Where the corrected age counts.** Growth and development are judged by it until 24 months.
//! Nothing else here is: a rule of safety protects from what a child has lived through since birth
//! (the botulism rule is "under 12 months" in the CDC's words, without a word on the due date), an
//! allergen's time does not wait for the due date, and the reference intakes are set for ages from
//! birth. So safety, allergens and targets take the birth date, and the corrected age is shown
//! beside the age.

use chrono::{Months, NaiveDate};

/// Born more than so many days before the due date is born before 37 weeks.
const TERM_DAYS: i64 = 21;

/// How long an age is corrected, in months since birth.
const CORRECTED_MONTHS: u32 = 24;

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

/// The day that the corrected age is counted from: the due date of a child born before 37 weeks,
/// from that day on and until 24 months after birth. `None` for everybody else.
///
/// Corrected age is the age less the weeks born before 40: American Academy of Pediatrics, *Age
/// terminology during the perinatal period*, Pediatrics 2004;114:1362. The academy allows it up to
/// three years; growth charts (RCPCH, CDC) stop at two.
pub fn corrected_birth(born: NaiveDate, due: Option<NaiveDate>, on: NaiveDate) -> Option<NaiveDate> {
    due.filter(|due| (*due - born).num_days() > TERM_DAYS && *due <= on && age_months(born, on) < CORRECTED_MONTHS)
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
    fn age_is_corrected_before_37_weeks_only() {
        let born = day("2026-01-10");
        let from = |due: &str| corrected_birth(born, Some(day(due)), day("2026-09-10"));
        // 37 weeks and 0 days is term; 36 weeks and 6 days is not.
        assert_eq!(from("2026-01-31"), None);
        assert_eq!(from("2026-02-01"), Some(day("2026-02-01")));
        assert_eq!(from("2026-01-03"), None);
        assert_eq!(corrected_birth(born, None, day("2026-09-10")), None);
    }

    #[test]
    fn age_is_corrected_from_the_due_date_until_two_years_after_birth() {
        let (born, due) = (day("2026-01-10"), Some(day("2026-03-10")));
        assert_eq!(corrected_birth(born, due, day("2026-03-09")), None);
        assert_eq!(corrected_birth(born, due, day("2026-03-10")), due);
        assert_eq!(corrected_birth(born, due, day("2028-01-09")), due);
        assert_eq!(corrected_birth(born, due, day("2028-01-10")), None);
    }
}
