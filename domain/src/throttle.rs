//! How long somebody who keeps guessing has to wait.
//!
//! Tries are counted when they begin, so that guessing at the same time gains nothing, and a try
//! that was right is taken back.

use chrono::{DateTime, TimeDelta, Utc};

/// Tries are forgotten when there was none for this long.
pub const MEMORY: TimeDelta = TimeDelta::hours(24);

/// What tries are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// One account, from wherever: few tries, but the longest wait is short, since whoever guesses
    /// makes its owner wait too.
    Account,
    /// One network address, for whichever accounts: a family's phones share one.
    Address,
}

impl Counted {
    /// Tries before the first wait.
    const fn free(self) -> u32 {
        match self {
            Self::Account => 5,
            Self::Address => 20,
        }
    }

    const fn longest(self) -> TimeDelta {
        match self {
            Self::Account => TimeDelta::minutes(15),
            Self::Address => TimeDelta::hours(4),
        }
    }

    /// The wait that begins with the `tries`-th try: none at first, then a minute, doubled each
    /// time.
    pub fn wait_after(self, tries: u32) -> Option<TimeDelta> {
        let beyond = tries.checked_sub(self.free())?;
        let minutes = 1_i64.checked_shl(beyond).filter(|minutes| *minutes > 0 && beyond < 31);
        let wait = minutes.map_or(self.longest(), TimeDelta::minutes);
        Some(wait.min(self.longest()))
    }
}

/// What is remembered of somebody's tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    pub count: u32,
    pub last_at: DateTime<Utc>,
    pub blocked_until: Option<DateTime<Utc>>,
}

impl Tries {
    /// One more try at `now`, after `before`.
    ///
    /// # Errors
    /// When it may be made, where it may not be made yet. It does not count then: waiting ends.
    pub fn another(before: Option<Self>, counted: Counted, now: DateTime<Utc>) -> Result<Self, DateTime<Utc>> {
        let before = before.filter(|tries| now - tries.last_at < MEMORY);
        if let Some(until) = before
            .and_then(|tries| tries.blocked_until)
            .filter(|until| *until > now)
        {
            return Err(until);
        }
        let count = before.map_or(0, |tries| tries.count).saturating_add(1);
        Ok(Self {
            count,
            last_at: now,
            blocked_until: counted.wait_after(count).map(|wait| now + wait),
        })
    }
}

/// A wait in words, rounded up: "a minute", "7 minutes", "2 hours".
pub fn wait_in_words(seconds: u64) -> String {
    match seconds.div_ceil(60) {
        0 | 1 => "a minute".to_owned(),
        minutes @ 2..=90 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    /// The waits in minutes of somebody who tries as soon as it is allowed.
    fn waits(counted: Counted, tries: usize) -> Vec<i64> {
        let (mut at, mut before, mut waits) = (now(), None, Vec::new());
        for _ in 0..tries {
            let tries = Tries::another(before, counted, at).unwrap();
            waits.push(tries.blocked_until.map_or(0, |until| (until - at).num_minutes()));
            at = tries.blocked_until.unwrap_or(at);
            before = Some(tries);
        }
        waits
    }

    #[test]
    fn waits_grow_and_stay_bearable_for_an_account() {
        assert_eq!(waits(Counted::Account, 11), [0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15]);
    }

    #[test]
    fn an_address_has_more_tries_and_waits_longer_in_the_end() {
        let waits = waits(Counted::Address, 40);
        assert!(waits[..19].iter().all(|wait| *wait == 0), "{waits:?}");
        assert_eq!(waits[19..29], [1, 2, 4, 8, 16, 32, 64, 128, 240, 240]);
        assert_eq!(waits.last(), Some(&240));
    }

    #[test]
    fn a_try_that_comes_too_early_does_not_count() {
        let blocked = Tries {
            count: 7,
            last_at: now(),
            blocked_until: Some(now() + TimeDelta::minutes(4)),
        };
        for seconds in [0, 100, 239] {
            let early = Tries::another(Some(blocked), Counted::Account, now() + TimeDelta::seconds(seconds));
            assert_eq!(early, Err(now() + TimeDelta::minutes(4)));
        }
        let next = Tries::another(Some(blocked), Counted::Account, now() + TimeDelta::minutes(4)).unwrap();
        assert_eq!(next.count, 8);
    }

    #[test]
    fn a_quiet_day_forgets() {
        let tries = Tries {
            count: 30,
            last_at: now(),
            blocked_until: None,
        };
        let tomorrow = Tries::another(Some(tries), Counted::Account, now() + MEMORY).unwrap();
        assert_eq!(tomorrow.count, 1);
    }

    #[test]
    fn a_wait_is_never_said_shorter_than_it_is() {
        assert_eq!(wait_in_words(0), "a minute");
        assert_eq!(wait_in_words(61), "2 minutes");
        assert_eq!(wait_in_words(900), "15 minutes");
        assert_eq!(wait_in_words(4 * 3600), "4 hours");
        assert_eq!(wait_in_words(7201), "3 hours");
    }
}
