//! What a phone keeps of its family: rows as the server last told them, what was written here since,
//! and what a page shows of both.
//!
//! Pure: where it is kept, what time it is and who asks are handed in. The same code runs in the
//! browser over `IndexedDB` and in the tests over a map.

use crate::account::Account;
use crate::change::{Change, Noun};
use crate::child::Child;
use crate::id::{AccountId, ChangeId, ChildId, MealId};
use crate::sync::{ChildNews, Fate, MOST_CHANGES, PROTOCOL, Rejection, Reply, Upload};
use crate::write::{Ground, Kept, Unwritable, write};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A row on the phone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// As the server last told it; `None` where it never did.
    pub told: Option<Kept>,
    /// With what was written here since; `None` where that is nothing.
    pub shown: Option<Kept>,
}

impl Row {
    /// What a page shows.
    pub fn shown(&self) -> Option<&Kept> {
        self.shown.as_ref().or(self.told.as_ref())
    }
}

/// A write that waits on the phone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the queue.
    pub number: u64,
    /// Who wrote it: nobody else's sign-in sends it.
    pub account: AccountId,
    pub change: Change,
    /// Why the server will not have it. Then it waits for the parent, and no longer for the server.
    #[serde(default)]
    pub rejected: Option<Rejection>,
}

impl Entry {
    pub const fn row(&self) -> (ChildId, MealId) {
        let Noun::Meal { row, .. } = &self.change.noun;
        (self.change.child, *row)
    }
}

/// One account's part of what waits on a phone, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    pub entries: Vec<Entry>,
    /// What this release cannot read, a newer one wrote it or it is broken: by its place, as it is. It is
    /// never sent and never dropped, and the parent is told.
    pub unread: Vec<(u64, String)>,
}

impl Queue {
    /// From the texts as they are stored, each with its place. Other accounts' are left alone.
    pub fn read(account: AccountId, texts: Vec<(u64, String)>) -> Self {
        #[derive(Deserialize)]
        struct Whose {
            account: AccountId,
        }
        let mut queue = Self::default();
        for (number, text) in texts {
            match serde_json::from_str::<Entry>(&text) {
                Ok(entry) if entry.account == account => queue.entries.push(Entry { number, ..entry }),
                Ok(_) => {}
                Err(_) => {
                    // Nobody else is shown it, unless nobody can say whose it is.
                    let whose = serde_json::from_str::<Whose>(&text).map(|whose| whose.account);
                    if whose.unwrap_or(account) == account {
                        queue.unread.push((number, text));
                    }
                }
            }
        }
        queue
    }
}

/// A child on the phone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    pub child: Child,
    /// The number of the last change that is kept; the rows up to it are.
    pub seq: i64,
    /// When the server last told of it, by the server's clock.
    pub told_at: DateTime<Utc>,
}

/// Everything that is kept for one account, beside the rows and the queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Owner {
    pub account: Account,
    /// What to add to the phone's clock to have the server's, in milliseconds.
    pub offset_ms: i64,
}

impl Owner {
    /// The time for a stamp, by a phone's clock.
    pub fn time(&self, phone: DateTime<Utc>) -> DateTime<Utc> {
        phone + TimeDelta::milliseconds(self.offset_ms)
    }
}

/// The row after one more write, as it is kept and shown before the server has seen it.
///
/// # Errors
/// [`Unwritable`], as the server would say it; nothing is to be kept then.
pub fn written(row: &Row, change: &Change, ground: &Ground<'_>) -> Result<Row, Unwritable> {
    let Noun::Meal { row: id, fields } = &change.noun;
    let written = write(
        row.shown().cloned(),
        *id,
        fields.clone(),
        change.id,
        change.stamp,
        ground,
    )?;
    Ok(Row {
        told: row.told.clone(),
        shown: Some(written.kept()),
    })
}

/// The row with what waits for it written anew over what the server told. A write that no longer
/// fits shows nothing; the server will say why.
pub fn shown_again<'a>(told: Option<Kept>, waiting: impl IntoIterator<Item = &'a Change>, ground: &Ground<'_>) -> Row {
    let mut row = Row { told, shown: None };
    for change in waiting {
        if let Ok(after) = written(&row, change, ground) {
            row = after;
        }
    }
    row
}

/// The next thing to send: the oldest that wait for the server, and the numbers up to which
/// everything is known.
pub fn upload(account: AccountId, queue: &[Entry], known: impl IntoIterator<Item = (ChildId, i64)>) -> Upload {
    let mut size = 0;
    let fits = |change: &&Change| {
        size += serde_json::to_string(change).map_or(0, |json| json.len());
        size <= MOST_BYTES
    };
    Upload {
        protocol: PROTOCOL,
        account,
        changes: queue
            .iter()
            .filter(|entry| entry.account == account && entry.rejected.is_none())
            .map(|entry| &entry.change)
            .take(MOST_CHANGES)
            .take_while(fits)
            .cloned()
            .collect(),
        known: known.into_iter().collect(),
    }
}

/// The most bytes of changes in one upload: a server refuses bodies much longer. No one change is.
const MOST_BYTES: usize = 150_000;

/// What a reply does to what is kept: to be done at once or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Update {
    /// Entries that leave the queue: accepted.
    pub done: Vec<u64>,
    /// Entries that stay, with the reason.
    pub rejected: Vec<(u64, Rejection)>,
    /// Children as they now are.
    pub children: Vec<Known>,
    /// Children of whom nothing may stay.
    pub gone: Vec<ChildId>,
    /// Children whose rows are all replaced by those told.
    pub whole: Vec<ChildId>,
    /// Rows as the server told them.
    pub told: BTreeMap<(ChildId, MealId), Kept>,
    /// Rows that are to be shown anew, for their queue has changed or what was told of them.
    pub touched: Vec<(ChildId, MealId)>,
    /// Something is left to send or to be told.
    pub more: bool,
    /// The server could not take something now.
    pub retry: bool,
}

/// What `reply` does, with this queue and these children on the phone.
///
/// A reply that is late, or comes twice, does no harm: what it says was done is done, rows of a child
/// whose numbers have moved on since are left out, and a child that was not known yet when it was asked
/// for stays.
pub fn answered(reply: &Reply, sent: &Upload, queue: &[Entry], known: &BTreeMap<ChildId, Known>) -> Update {
    let mut update = Update {
        more: reply.has_more(),
        ..Update::default()
    };
    for outcome in &reply.outcomes {
        let Some(entry) = queue.iter().find(|entry| entry.change.id == outcome.change) else {
            continue;
        };
        match &outcome.fate {
            Fate::Accepted { .. } => update.done.push(entry.number),
            Fate::Rejected { reason } => update.rejected.push((entry.number, reason.clone())),
            Fate::Retry => {
                update.retry = true;
                continue;
            }
        }
        update.touched.push(entry.row());
    }
    let answered: Vec<ChangeId> = reply.outcomes.iter().map(|outcome| outcome.change).collect();
    update.more |= queue
        .iter()
        .any(|entry| entry.account == sent.account && entry.rejected.is_none() && !answered.contains(&entry.change.id));
    for news in &reply.children {
        update.news(news, sent, known, reply.now);
    }
    let theirs = |child: &ChildId| reply.children.iter().any(|news| news.child.id == *child);
    let gone = |child: &&ChildId| sent.known.contains_key(child) && !theirs(child);
    update.gone = known.keys().filter(gone).copied().collect();
    update.touched.sort_unstable();
    update.touched.dedup();
    update
}

impl Update {
    fn news(&mut self, news: &ChildNews, sent: &Upload, known: &BTreeMap<ChildId, Known>, now: DateTime<Utc>) {
        let child = news.child.id;
        let asked_from = sent.known.get(&child).copied();
        let kept_to = known.get(&child).map(|known| known.seq);
        let fits = match (asked_from, kept_to) {
            (None, None) => true,
            // A later answer was faster. Rows are as new as the number that comes with them.
            (Some(asked), Some(kept)) => asked <= kept && (kept < news.seq || asked == kept),
            // What was known went meanwhile, or came: these rows would leave a gap, or go back.
            _ => false,
        };
        if !fits {
            return;
        }
        if news.whole {
            self.whole.push(child);
        }
        self.children.push(Known {
            child: news.child.clone(),
            seq: news.seq,
            told_at: now,
        });
        // An accepted write is shown as it was made until the server tells of its row.
        if news.more {
            self.touched.retain(|row| row.0 != child);
        }
        for (meals, deleted) in [(&news.meals, false), (&news.deleted, true)] {
            for meal in meals {
                let meal = meal.clone();
                self.touched.push((child, meal.id));
                self.told.insert((child, meal.id), Kept { meal, deleted });
            }
        }
    }
}

/// The stamp of a write made at `now` by whoever looks at `row`: later than all they see of it, so
/// that a clock that was set back does not undo what they just did.
pub fn stamp(row: &Row, now: DateTime<Utc>) -> DateTime<Utc> {
    let seen = row
        .shown()
        .and_then(|kept| kept.meal.stamps.0.values().map(|stamp| stamp.at).max());
    seen.map_or(now, |seen| now.max(seen + TimeDelta::microseconds(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::child::{Profile, Sex};
    use uuid::Uuid;

    #[test]
    fn a_reply_to_what_was_asked_before_a_child_was_known_does_not_take_it_away() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let account = AccountId(Uuid::nil());
        let child = Child {
            id: ChildId(Uuid::from_u128(1)),
            owner: account,
            profile: Profile::new("Pip", at(0).date_naive(), Sex::Female, "UTC"),
            may_write: true,
        };
        let known = Known {
            child,
            seq: 1,
            told_at: at(2_000),
        };
        let known = BTreeMap::from([(known.child.id, known)]);
        let child = ChildId(Uuid::from_u128(1));
        let gone = |asked: &[(ChildId, i64)]| {
            let sent = upload(account, &[], asked.iter().copied());
            answered(&Reply::nothing(at(3_000)), &sent, &[], &known).gone
        };
        assert_eq!(gone(&[]), []);
        assert_eq!(gone(&[(child, 1)]), [child]);
    }
}
