//! What a phone and the server say to each other: what was written on the phone, and what others
//! wrote since.
//!
//! A phone keeps, for each child, the number of the last change it has seen. It sends what it wrote
//! and these numbers; the answer says what became of each write, and brings every row that changed
//! after them. Both may be lost, cut short or sent twice: a change is known by its id, and a number
//! only moves once the rows up to it are kept.
//!
//! A file that belongs to a row (a photo) goes up by itself, before the change that names it.

use crate::account::Account;
use crate::change::Change;
use crate::child::Child;
use crate::field::{Field, Refusal};
use crate::id::{AccountId, ChangeId, ChildId};
use crate::meal::Meal;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of all this. A server takes the ones it knows and refuses others, whose writes stay
/// on the phone.
pub const PROTOCOL: u32 = 1;

/// The most changes in one [`Upload`].
pub const MOST_CHANGES: usize = 100;

/// How many changes of one child one [`Reply`] follows; then the phone asks again.
pub const MOST_FOLLOWED: i64 = 200;

/// The most meals a phone gets of one child at the beginning: the newest.
pub const MOST_MEALS: i64 = 1_000;

/// How many days of meals a phone keeps, today included.
pub const DAYS_KEPT: u64 = 35;

/// What a phone sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    pub protocol: u32,
    /// Whose phone it is: another account's writes are never taken for one's own.
    pub account: AccountId,
    /// In the order they were made.
    pub changes: Vec<Change>,
    /// By child, the number of the last change that is known. A child that is not named is sent
    /// from the beginning.
    pub known: BTreeMap<ChildId, i64>,
}

/// What it is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The server's clock, for stamps to be set by.
    pub now: DateTime<Utc>,
    /// Of each change that was sent, in the same order.
    pub outcomes: Vec<Outcome>,
    pub account: Account,
    /// Every child there is for this account. One that is missing is no longer theirs to see.
    pub children: Vec<ChildNews>,
}

impl Reply {
    /// Whether there is more to come for some child.
    pub fn has_more(&self) -> bool {
        self.children.iter().any(|news| news.more)
    }
}

#[cfg(test)]
impl Reply {
    /// To an account without children, which sent nothing.
    pub(crate) fn nothing(now: DateTime<Utc>) -> Self {
        Self {
            now,
            outcomes: Vec::new(),
            account: Account {
                id: AccountId(uuid::Uuid::nil()),
                email: String::new(),
                first_name: String::new(),
                last_name: String::new(),
                time_zone: "UTC".to_owned(),
                units: crate::measure::Units::Metric,
                tier: crate::entitlement::Tier::Free,
            },
            children: Vec::new(),
        }
    }
}

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub change: ChangeId,
    #[serde(flatten)]
    pub fate: Fate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// Written, now or before.
    Accepted {
        /// Its stamp was ahead of the server's clock and was set back.
        restamped: bool,
    },
    /// It cannot be written as it is; only a parent can say what is to become of it.
    Rejected { reason: Rejection },
    /// Not now. It stays where it is in the queue, and what follows for its child with it.
    Retry,
}

/// Why a change cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Rejection {
    /// The child or the meal is not there, or no longer this account's to see.
    #[error("This child, or this meal, is no longer shared with you.")]
    NotFound,
    #[error("You may look at this child's meals, but no longer change them.")]
    ReadOnly,
    #[error("{message}")]
    Refused { field: Option<Field>, message: String },
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::Refused {
            field: Some(refusal.field),
            message: refusal.message,
        }
    }
}

/// What is new of one child.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildNews {
    #[serde(flatten)]
    pub child: Child,
    /// The number of the last change that this brings.
    pub seq: i64,
    /// All that is kept of the child comes with this; what the phone had goes.
    pub whole: bool,
    /// Ask again: there is more.
    pub more: bool,
    /// Rows that were written, as they stand now.
    pub meals: Vec<Meal>,
    /// Rows that were deleted, as they last were: for an undo.
    pub deleted: Vec<Meal>,
}
