//! Making ids where a row is made.

use chrono::{DateTime, Utc};
use domain::id::{ChangeId, ChildId, LinkId, MealId};
use uuid::{NoContext, Timestamp, Uuid};

/// A fresh UUIDv7 whose time is `now`.
pub fn new(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

pub fn child(now: DateTime<Utc>) -> ChildId {
    ChildId(new(now))
}

pub fn meal(now: DateTime<Utc>) -> MealId {
    MealId(new(now))
}

pub fn change(now: DateTime<Utc>) -> ChangeId {
    ChangeId(new(now))
}

pub fn link(now: DateTime<Utc>) -> LinkId {
    LinkId(new(now))
}
