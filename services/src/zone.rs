//! Time zones: what the clock on the wall and the calendar show where a child lives.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use domain::field::{Field, Refusal};
use domain::meal::When;

/// The time zone of an IANA name.
///
/// # Errors
/// No such zone.
pub fn parse(name: &str) -> Result<Tz, Refusal> {
    name.parse().map_err(|_| {
        Refusal::new(
            Field::TimeZone,
            "That time zone is not known. It should read like Europe/Berlin or America/New_York.",
        )
    })
}

/// The names to choose from, in order: places, and UTC.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = TZ_VARIANTS
        .iter()
        .map(|zone| zone.name())
        .filter(|name| (name.contains('/') && !name.starts_with("Etc/") && !name.starts_with("US/")) || *name == "UTC")
        .collect();
    names.sort_unstable();
    names
}

/// The calendar date that `instant` has there.
pub fn date(instant: DateTime<Utc>, zone: Tz) -> NaiveDate {
    instant.with_timezone(&zone).date_naive()
}

/// What the clock on the wall shows there at `instant`.
pub fn time(instant: DateTime<Utc>, zone: Tz) -> NaiveTime {
    instant.with_timezone(&zone).time()
}

/// The date it is now where `name` names the zone.
///
/// # Errors
/// No such zone.
pub fn today(name: &str, now: DateTime<Utc>) -> Result<NaiveDate, Refusal> {
    Ok(date(now, parse(name)?))
}

/// When the clock on the wall showed `local` there. An hour that comes twice is its first; one
/// that is skipped becomes as much later, as a clock that nobody put forward would say.
///
/// # Errors
/// No such zone.
pub fn when(local: NaiveDateTime, name: &str) -> Result<When, Refusal> {
    let zone = parse(name)?;
    let at = zone.from_local_datetime(&local).earliest().map_or_else(
        || {
            // Read with the offset that held before the gap.
            let before = zone.offset_from_utc_datetime(&(local - TimeDelta::days(1)));
            (local - before.fix()).and_utc()
        },
        |instant| instant.to_utc(),
    );
    Ok(When {
        at,
        date: date(at, zone),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_the_day_where_the_child_lives() {
        let midnight_in_kiritimati = utc("2026-11-22T10:00:00Z");
        let today = |name| today(name, midnight_in_kiritimati).unwrap().to_string();
        assert_eq!(today("Pacific/Kiritimati"), "2026-11-23");
        assert_eq!(today("Europe/Berlin"), "2026-11-22");
        assert_eq!(today("Pacific/Pago_Pago"), "2026-11-21");
    }

    #[test]
    fn an_hour_that_comes_twice_is_its_first_and_one_that_is_skipped_is_later() {
        let at = |text: &str| when(text.parse().unwrap(), "Europe/Berlin").unwrap().at;
        assert_eq!(at("2026-10-25T02:30:00"), utc("2026-10-25T00:30:00Z"));
        assert_eq!(at("2026-03-29T02:30:00"), utc("2026-03-29T01:30:00Z"));
        let berlin = parse("Europe/Berlin").unwrap();
        assert_eq!(time(at("2026-03-29T02:30:00"), berlin).to_string(), "03:30:00");
    }

    #[test]
    fn an_unknown_time_zone_is_refused_with_an_example() {
        for name in ["", "Mars/Olympus", "europe/berlin'; drop table users", "🍌"] {
            assert!(parse(name).unwrap_err().message.contains("Europe/Berlin"));
        }
    }

    #[test]
    fn every_name_to_choose_from_is_known() {
        assert!(names().contains(&"Europe/Berlin") && names().contains(&"UTC"));
        assert!(names().iter().all(|name| parse(name).is_ok()));
    }
}
