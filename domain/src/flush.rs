//! When a phone sends what it wrote and asks for what is new.
//!
//! A machine without a clock, a network or a disk: events go in, commands come out. One tab of a
//! browser leads and drives it; the queue itself is on the disk, so that a tab that is closed in
//! the middle loses nothing.

use crate::sync::{Reply, Upload};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Something was written, the app was opened or came to the front, or another tab says so.
    Nudged,
    /// Whether this tab is the one that sends.
    Leads(bool),
    /// What the browser thinks of the network. It may be wrong either way.
    Online(bool),
    /// Time went by; an answer to the [`Command::WakeAt`] of that number.
    Woke(u64),
    /// What there is to send, read from the disk.
    Read(Upload),
    /// The disk cannot be read.
    Unreadable,
    /// To the attempt of that number.
    Answered(u64, Reply),
    Failed(u64, Failure),
    /// The reply is on the disk.
    Kept {
        /// Something is left to send or to be told.
        more: bool,
        /// The server could not take something now.
        retry: bool,
    },
    /// The reply is as good as lost. `full`: since the disk would not take it.
    NotKept {
        full: bool,
    },
    /// The app was opened somewhere, perhaps after signing in or updating it, or a parent wants it now.
    Unblocked,
}

/// Why no reply came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody answered.
    Unreachable,
    /// The server answered, and it was no reply: something is wrong there.
    Trouble,
    /// The server asks for some patience.
    Busy { seconds: Option<u32> },
    /// Nobody is signed in any more.
    SignedOut,
    /// Somebody else is.
    OtherAccount,
    /// The app is older than the server can serve.
    TooOld,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Read from the disk what there is to send, and answer with [`Event::Read`].
    Read,
    /// Answer with the number of the attempt: a reply to one that was given up is none to the next.
    Send(u64, Upload),
    /// Keep what the server said to what was sent, all or nothing.
    Keep(Upload, Reply),
    /// Then answer with its number: of several only the last counts.
    WakeAt(u64, DateTime<Utc>),
    /// It stands as [`Flusher::standing`] says.
    Show,
}

/// What a parent may want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Standing {
    /// Nothing was tried yet.
    #[default]
    Unknown,
    /// All that was known at the last try is here and there.
    UpToDate,
    /// On its way.
    Sending,
    /// No connection. It is tried again.
    Offline,
    /// The server is there and cannot take it. It is tried again.
    Trouble,
    SignedOut,
    OtherAccount,
    TooOld,
    /// The phone will not store what the server says.
    DiskFull,
}

#[derive(Clone, Debug, PartialEq, Default)]
enum Phase {
    #[default]
    Idle,
    Reading,
    Sending(Upload),
    Keeping,
}

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub struct Flusher {
    leads: bool,
    online: bool,
    phase: Phase,
    /// How often it was sent.
    attempts: u64,
    /// Something came up while it was busy.
    again: bool,
    failures: u32,
    /// The number of the last timer.
    timer: u64,
    /// Nothing but a person can help: signing in, updating.
    blocked: bool,
    standing: Standing,
}

impl Default for Flusher {
    fn default() -> Self {
        Self {
            leads: false,
            online: true,
            phase: Phase::Idle,
            attempts: 0,
            again: false,
            failures: 0,
            timer: 0,
            blocked: false,
            standing: Standing::Unknown,
        }
    }
}

/// The longest wait between two tries.
const MOST_PATIENCE: TimeDelta = TimeDelta::minutes(5);

impl Flusher {
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// Whether it is this tab that sends, and knows how things stand.
    pub const fn leads(&self) -> bool {
        self.leads
    }

    /// `jitter`: a random number from 0 to 1, so that phones that lost the server together do not
    /// come back together.
    pub fn on(&mut self, event: Event, now: DateTime<Utc>, jitter: f64) -> Vec<Command> {
        match event {
            Event::Nudged => self.begin(),
            Event::Woke(timer) if timer == self.timer && self.failures > 0 => self.begin(),
            Event::Woke(_) => Vec::new(),
            Event::Leads(leads) => {
                self.leads = leads;
                if leads { self.begin() } else { self.rest() }
            }
            Event::Online(online) => {
                self.online = online;
                if online {
                    self.begin()
                } else {
                    self.stand(Standing::Offline)
                }
            }
            Event::Unblocked => {
                self.blocked = false;
                self.failures = 0;
                // A browser may be wrong about the network, and on a server in the house it often is.
                self.online = true;
                self.begin()
            }
            Event::Read(upload) if self.phase == Phase::Reading => {
                self.phase = Phase::Sending(upload.clone());
                self.attempts += 1;
                vec![Command::Send(self.attempts, upload)]
            }
            Event::Unreadable if self.phase == Phase::Reading => self.wait(now, jitter, None, Standing::DiskFull),
            Event::Answered(attempt, reply) if attempt == self.attempts => match std::mem::take(&mut self.phase) {
                Phase::Sending(sent) => {
                    self.phase = Phase::Keeping;
                    vec![Command::Keep(sent, reply)]
                }
                // It was given up: a lost reply that was found.
                phase => {
                    self.phase = phase;
                    Vec::new()
                }
            },
            Event::Failed(attempt, failure) if attempt == self.attempts && matches!(self.phase, Phase::Sending(_)) => {
                match failure {
                    Failure::Unreachable => self.wait(now, jitter, None, Standing::Offline),
                    Failure::Trouble => self.wait(now, jitter, None, Standing::Trouble),
                    Failure::Busy { seconds } => {
                        let least = seconds.map(|seconds| TimeDelta::seconds(i64::from(seconds)));
                        self.wait(now, jitter, least, Standing::Trouble)
                    }
                    Failure::SignedOut => self.block(Standing::SignedOut),
                    Failure::OtherAccount => self.block(Standing::OtherAccount),
                    Failure::TooOld => self.block(Standing::TooOld),
                }
            }
            Event::Kept { retry: true, .. } if self.phase == Phase::Keeping => {
                self.wait(now, jitter, None, Standing::Trouble)
            }
            Event::Kept { more, .. } if self.phase == Phase::Keeping => {
                self.phase = Phase::Idle;
                self.failures = 0;
                if more || self.again {
                    return self.begin();
                }
                self.stand(Standing::UpToDate)
            }
            Event::NotKept { full } if self.phase == Phase::Keeping => {
                let standing = if full { Standing::DiskFull } else { Standing::Offline };
                self.wait(now, jitter, None, standing)
            }
            // An answer to a question that was given up.
            Event::Read(_)
            | Event::Unreadable
            | Event::Answered(..)
            | Event::Failed(..)
            | Event::Kept { .. }
            | Event::NotKept { .. } => Vec::new(),
        }
    }

    /// Begins to send, if it is this tab's turn and there is a chance; else it is remembered.
    fn begin(&mut self) -> Vec<Command> {
        if self.phase != Phase::Idle {
            self.again = true;
            return Vec::new();
        }
        if !self.leads || self.blocked || !self.online {
            return Vec::new();
        }
        self.again = false;
        self.phase = Phase::Reading;
        let mut commands = vec![Command::Read];
        commands.extend(self.stand(Standing::Sending));
        commands
    }

    /// Lets go. What was sent may have arrived; it is sent again by whoever leads next, and known
    /// by its ids.
    fn rest(&mut self) -> Vec<Command> {
        self.phase = Phase::Idle;
        self.again = false;
        Vec::new()
    }

    fn wait(&mut self, now: DateTime<Utc>, jitter: f64, least: Option<TimeDelta>, standing: Standing) -> Vec<Command> {
        self.phase = Phase::Idle;
        self.again = false;
        self.failures = self.failures.saturating_add(1);
        let longest = TimeDelta::seconds(1_i64 << self.failures.min(10)).min(MOST_PATIENCE);
        // From half of it to all of it.
        let share = 0.5 + jitter.clamp(0.0, 1.0) / 2.0;
        let wait = TimeDelta::milliseconds((longest.num_milliseconds() as f64 * share) as i64);
        let wait = wait.max(least.unwrap_or_default());
        self.timer += 1;
        let mut commands = vec![Command::WakeAt(self.timer, now + wait)];
        commands.extend(self.stand(standing));
        commands
    }

    fn block(&mut self, standing: Standing) -> Vec<Command> {
        self.phase = Phase::Idle;
        self.again = false;
        self.blocked = true;
        self.stand(standing)
    }

    fn stand(&mut self, standing: Standing) -> Vec<Command> {
        if self.standing == standing {
            return Vec::new();
        }
        self.standing = standing;
        vec![Command::Show]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::AccountId;
    use uuid::Uuid;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_000, 0).unwrap()
    }

    fn upload() -> Upload {
        crate::replica::upload(AccountId(Uuid::nil()), &[], [])
    }

    fn reply() -> Reply {
        Reply::nothing(now())
    }

    const KEPT_ALL: Event = Event::Kept {
        more: false,
        retry: false,
    };

    /// A leader that was nudged and has read what there is to send.
    fn sending() -> Flusher {
        let mut flusher = Flusher::default();
        flusher.on(Event::Leads(true), now(), 0.0);
        flusher.on(Event::Read(upload()), now(), 0.0);
        flusher
    }

    fn wakes(commands: &[Command]) -> Option<TimeDelta> {
        commands.iter().find_map(|command| match command {
            Command::WakeAt(_, at) => Some(*at - now()),
            _ => None,
        })
    }

    #[test]
    fn one_tab_reads_sends_and_keeps() {
        let mut flusher = Flusher::default();
        assert_eq!(flusher.on(Event::Nudged, now(), 0.0), [], "it does not lead");
        assert_eq!(
            flusher.on(Event::Leads(true), now(), 0.0),
            [Command::Read, Command::Show]
        );
        assert_eq!(
            flusher.on(Event::Read(upload()), now(), 0.0),
            [Command::Send(1, upload())]
        );
        assert_eq!(
            flusher.on(Event::Answered(1, reply()), now(), 0.0),
            [Command::Keep(upload(), reply())]
        );
        assert_eq!(flusher.on(KEPT_ALL, now(), 0.0), [Command::Show]);
        assert_eq!(flusher.standing(), Standing::UpToDate);
    }

    #[test]
    fn what_comes_up_while_it_is_busy_is_seen_to_afterwards() {
        let mut flusher = sending();
        assert_eq!(flusher.on(Event::Nudged, now(), 0.0), []);
        flusher.on(Event::Answered(1, reply()), now(), 0.0);
        assert_eq!(
            flusher.on(KEPT_ALL, now(), 0.0),
            [Command::Read],
            "still sending: nothing to show"
        );
    }

    #[test]
    fn it_waits_longer_each_time_and_never_for_ever() {
        let mut flusher = sending();
        let mut last = TimeDelta::zero();
        for failure in 1..=12 {
            let wait = wakes(&flusher.on(Event::Failed(failure, Failure::Unreachable), now(), 1.0)).unwrap();
            assert!(wait >= last && wait <= MOST_PATIENCE, "{failure}: {wait}");
            last = wait;
            assert_eq!(flusher.on(Event::Woke(failure), now(), 1.0)[0], Command::Read);
            flusher.on(Event::Read(upload()), now(), 1.0);
        }
        assert_eq!(last, MOST_PATIENCE);
        let early = wakes(&sending().on(Event::Failed(1, Failure::Unreachable), now(), 0.0)).unwrap();
        let late = wakes(&sending().on(Event::Failed(1, Failure::Unreachable), now(), 1.0)).unwrap();
        assert!(early < late, "phones do not come back together");
    }

    #[test]
    fn a_server_that_asks_for_patience_gets_it() {
        let mut flusher = sending();
        let wait = wakes(&flusher.on(Event::Failed(1, Failure::Busy { seconds: Some(90) }), now(), 0.0));
        assert_eq!(wait, Some(TimeDelta::seconds(90)));
        assert_eq!(flusher.standing(), Standing::Trouble, "it is there");
    }

    #[test]
    fn a_parent_does_not_wait_for_a_try_that_is_due_later() {
        let mut flusher = sending();
        flusher.on(Event::Failed(1, Failure::Unreachable), now(), 1.0);
        assert_eq!(flusher.on(Event::Online(true), now(), 0.0)[0], Command::Read);
    }

    #[test]
    fn signed_out_it_stays_quiet_until_somebody_signs_in() {
        for failure in [Failure::SignedOut, Failure::OtherAccount, Failure::TooOld] {
            let mut flusher = sending();
            assert_eq!(flusher.on(Event::Failed(1, failure), now(), 0.0), [Command::Show]);
            assert_eq!(flusher.on(Event::Nudged, now(), 0.0), []);
            assert_eq!(flusher.on(Event::Woke(1), now(), 0.0), []);
            assert_eq!(flusher.on(Event::Unblocked, now(), 0.0)[0], Command::Read);
        }
    }

    #[test]
    fn a_reply_that_could_not_be_kept_is_asked_for_again() {
        let mut flusher = sending();
        flusher.on(Event::Answered(1, reply()), now(), 0.0);
        assert!(wakes(&flusher.on(Event::NotKept { full: true }, now(), 0.0)).is_some());
        assert_eq!(flusher.standing(), Standing::DiskFull);
        assert_eq!(flusher.on(Event::Woke(1), now(), 0.0)[0], Command::Read);
    }

    #[test]
    fn a_reply_to_an_attempt_that_was_given_up_is_none_to_the_next() {
        let mut flusher = sending();
        flusher.on(Event::Failed(1, Failure::Unreachable), now(), 0.0);
        flusher.on(Event::Nudged, now(), 0.0);
        flusher.on(Event::Read(upload()), now(), 0.0);
        assert_eq!(flusher.on(Event::Answered(1, reply()), now(), 0.0), []);
        assert_eq!(flusher.on(Event::Failed(1, Failure::SignedOut), now(), 0.0), []);
        assert_eq!(
            flusher.on(Event::Answered(2, reply()), now(), 0.0),
            [Command::Keep(upload(), reply())]
        );
    }

    #[test]
    fn what_the_server_could_not_take_now_is_sent_again_after_a_while() {
        let mut flusher = sending();
        flusher.on(Event::Answered(1, reply()), now(), 0.0);
        let commands = flusher.on(
            Event::Kept {
                more: false,
                retry: true,
            },
            now(),
            0.0,
        );
        assert!(wakes(&commands).is_some());
        assert_eq!(flusher.standing(), Standing::Trouble);
        assert_eq!(flusher.on(Event::Woke(1), now(), 0.0)[0], Command::Read);
    }

    #[test]
    fn of_several_timers_only_the_last_counts() {
        let mut flusher = sending();
        for attempt in 1..=3 {
            flusher.on(Event::Failed(attempt, Failure::Unreachable), now(), 0.0);
            flusher.on(Event::Nudged, now(), 0.0);
            flusher.on(Event::Read(upload()), now(), 0.0);
        }
        flusher.on(Event::Failed(4, Failure::Unreachable), now(), 0.0);
        for early in 1..=3 {
            assert_eq!(flusher.on(Event::Woke(early), now(), 0.0), []);
        }
        assert_eq!(flusher.on(Event::Woke(4), now(), 0.0)[0], Command::Read);
    }

    #[test]
    fn who_asks_for_it_is_not_told_of_a_network_that_only_the_browser_misses() {
        let mut flusher = Flusher::default();
        flusher.on(Event::Online(false), now(), 0.0);
        flusher.on(Event::Leads(true), now(), 0.0);
        assert_eq!(flusher.on(Event::Nudged, now(), 0.0), []);
        assert_eq!(flusher.on(Event::Unblocked, now(), 0.0)[0], Command::Read);
    }

    #[test]
    fn a_tab_that_no_longer_leads_lets_go() {
        let mut flusher = sending();
        assert_eq!(flusher.on(Event::Leads(false), now(), 0.0), []);
        assert_eq!(flusher.on(Event::Answered(1, reply()), now(), 0.0), []);
        assert_eq!(flusher.on(Event::Nudged, now(), 0.0), []);
    }

    #[test]
    fn offline_it_rests() {
        let mut flusher = Flusher::default();
        assert_eq!(flusher.on(Event::Online(false), now(), 0.0), [Command::Show]);
        assert_eq!(flusher.on(Event::Leads(true), now(), 0.0), []);
        assert_eq!(flusher.on(Event::Online(true), now(), 0.0)[0], Command::Read);
    }
}
