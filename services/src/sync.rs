//! What a phone wrote goes in, what others wrote since goes out: in one transaction.

use crate::changes;
use crate::children;
use crate::database::Tx;
use crate::error::ServiceError;
use crate::fault;
use crate::meals::select_meals;
use chrono::{DateTime, Days, Utc};
use domain::account::Account;
use domain::change::Change;
use domain::child::Child;
use domain::field::Refusal;
use domain::food::Table;
use domain::id::ChildId;
use domain::meal::Meal;
use domain::sync::{
    ChildNews, DAYS_KEPT, Fate, MOST_CHANGES, MOST_FOLLOWED, MOST_MEALS, Outcome, PROTOCOL, Rejection, Reply, Upload,
};
use serde_json::json;
use sqlx::types::Json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Why a phone is not served at all. Its writes stay on the phone.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// It speaks a protocol that this server does not.
    #[error("the app is older or newer than this server: it speaks {0}, the server {PROTOCOL}")]
    OtherProtocol(u32),
    /// Somebody else is signed in: their phone, or their writes, are not to be mixed.
    #[error("the phone is another account's")]
    OtherAccount,
    #[error("more than {MOST_CHANGES} changes at once")]
    TooMany,
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// Applies what was written on a phone, each change by itself, and answers what became of it and
/// what is new. `device` is its session's id; of a token
/// nothing is noted. To be committed by the caller.
///
/// # Errors
/// [`SyncError`]; nothing was written then.
pub async fn sync(
    tx: &mut Tx,
    account: &Account,
    device: Option<Uuid>,
    upload: &Upload,
    foods: &Table,
    now: DateTime<Utc>,
) -> Result<Reply, SyncError> {
    if upload.protocol != PROTOCOL {
        return Err(SyncError::OtherProtocol(upload.protocol));
    }
    if upload.account != account.id {
        return Err(SyncError::OtherAccount);
    }
    if upload.changes.len() > MOST_CHANGES {
        return Err(SyncError::TooMany);
    }
    let outcomes = apply_all(tx, &upload.changes, foods, now).await?;
    fault::point("after the changes");
    let mut news = Vec::new();
    for child in children::list(tx).await? {
        news.push(child_news(tx, child, upload, now).await?);
    }
    let reply = Reply {
        now,
        outcomes,
        account: account.clone(),
        children: news,
    };
    if let Some(device) = device {
        note(tx, device, upload, &reply, now).await?;
    }
    Ok(reply)
}

/// Each change in a savepoint of its own: one that cannot be written takes no other with it.
async fn apply_all(
    tx: &mut Tx,
    changes: &[Change],
    foods: &Table,
    now: DateTime<Utc>,
) -> Result<Vec<Outcome>, ServiceError> {
    let mut outcomes = Vec::with_capacity(changes.len());
    // Order is kept per child: nothing overtakes a change that is to be sent again.
    let mut waiting: BTreeSet<ChildId> = BTreeSet::new();
    for change in changes {
        let fate = if waiting.contains(&change.child) {
            Fate::Retry
        } else {
            tx.savepoint().await?;
            match changes::apply(tx, change, foods, now).await {
                Ok(applied) => {
                    tx.keep_savepoint().await?;
                    Fate::Accepted {
                        restamped: applied.restamped,
                    }
                }
                // Then all of it has to be sent again.
                Err(ServiceError::Unavailable(source)) => return Err(ServiceError::Unavailable(source)),
                Err(error) => {
                    tx.undo_to_savepoint().await?;
                    match rejection(error) {
                        Ok(reason) => Fate::Rejected { reason },
                        Err(error) => {
                            tracing::error!(error = ?error, change = %change.id, "a change could not be applied");
                            waiting.insert(change.child);
                            Fate::Retry
                        }
                    }
                }
            }
        };
        fault::point("between two changes");
        outcomes.push(Outcome {
            change: change.id,
            fate,
        });
    }
    Ok(outcomes)
}

/// What a parent is told of a change that will never be written as it is; else the error comes back.
fn rejection(error: ServiceError) -> Result<Rejection, ServiceError> {
    match error {
        ServiceError::NotFound => Ok(Rejection::NotFound),
        ServiceError::ReadOnly => Ok(Rejection::ReadOnly),
        ServiceError::Refused(refusals) => {
            let first: Option<Refusal> = refusals.into_iter().next();
            Ok(first.map_or(Rejection::NotFound, Rejection::from))
        }
        error => Err(error),
    }
}

/// What changed of a child since the number the phone knows; all that a phone keeps, where it knows none.
async fn child_news(tx: &mut Tx, child: Child, upload: &Upload, now: DateTime<Utc>) -> Result<ChildNews, ServiceError> {
    // Read before the rows: they are as new as this number, or newer.
    let last = sqlx::query_scalar!("select last_seq from change_counters where child_id = $1", child.id.0)
        .fetch_optional(tx.connection())
        .await?
        .unwrap_or(0);
    match upload.known.get(&child.id).copied() {
        // A number that was never given out is of another database, restored from before it.
        Some(known) if known <= last => since(tx, child, known, last).await,
        _ => from_the_beginning(tx, child, last, now).await,
    }
}

async fn since(tx: &mut Tx, child: Child, known: i64, last: i64) -> Result<ChildNews, ServiceError> {
    let mut news = ChildNews {
        seq: last,
        whole: false,
        more: false,
        meals: Vec::new(),
        deleted: Vec::new(),
        child,
    };
    if known == last {
        return Ok(news);
    }
    let lines = sqlx::query!(
        r#"
        select seq, row_id
        from changes
        where child_id = $1
          and seq > $2
          and noun = 'meal'
        order by seq
        limit $3
        "#,
        news.child.id.0,
        known,
        MOST_FOLLOWED
    )
    .fetch_all(tx.connection())
    .await?;
    if lines.len() as i64 == MOST_FOLLOWED
        && let Some(line) = lines.last()
    {
        news.more = line.seq < last;
        news.seq = line.seq;
    }
    let mut rows: Vec<Uuid> = lines.iter().map(|line| line.row_id).collect();
    rows.sort_unstable();
    rows.dedup();
    let child = &news.child;
    news.meals = select_meals!(
        "where child_id = $1 and id = any($2) order by logged_at, id",
        child.id.0,
        &rows
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(|row| row.meal(children::zone(child), |date| child.eater(date)))
    .collect::<Result<_, _>>()?;
    let deleted = sqlx::query_scalar!(
        r#"
        select state as "state: Json<Meal>"
        from tombstones
        where child_id = $1
          and id = any($2)
          and noun = 'meal'
        order by id
        "#,
        child.id.0,
        &rows
    )
    .fetch_all(tx.connection())
    .await?;
    news.deleted = deleted.into_iter().map(|Json(meal)| meal).collect();
    Ok(news)
}

async fn from_the_beginning(
    tx: &mut Tx,
    child: Child,
    last: i64,
    now: DateTime<Utc>,
) -> Result<ChildNews, ServiceError> {
    let zone = children::zone(&child);
    let first = children::today(&child, now)
        .checked_sub_days(Days::new(DAYS_KEPT - 1))
        .unwrap_or_default();
    let mut meals = select_meals!(
        "where child_id = $1 and meal_date >= $2 order by meal_date desc, logged_at desc, id limit $3",
        child.id.0,
        first,
        MOST_MEALS
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(|row| row.meal(zone, |date| child.eater(date)))
    .collect::<Result<Vec<_>, _>>()?;
    meals.reverse();
    Ok(ChildNews {
        seq: last,
        whole: true,
        more: false,
        meals,
        deleted: Vec::new(),
        child,
    })
}

/// Notes what the phone said and was told, for its owner's list of devices and for whoever looks for a fault.
async fn note(
    tx: &mut Tx,
    device: Uuid,
    upload: &Upload,
    reply: &Reply,
    now: DateTime<Utc>,
) -> Result<(), ServiceError> {
    let told = |news: &ChildNews| (news.child.id.to_string(), news.seq);
    let count = |fate: fn(&Fate) -> bool| reply.outcomes.iter().filter(|outcome| fate(&outcome.fate)).count();
    let data = json!({
        "protocol": upload.protocol,
        "known": upload.known,
        "told": reply.children.iter().map(told).collect::<BTreeMap<_, _>>(),
        "sent": upload.changes.len(),
        "accepted": count(|fate| matches!(fate, Fate::Accepted { .. })),
        "rejected": count(|fate| matches!(fate, Fate::Rejected { .. })),
        "retry": count(|fate| matches!(fate, Fate::Retry)),
    });
    sqlx::query!(
        r#"
        insert into offline_sync (user_id, device_id, sync_data, last_sync_at)
        values ($1, $2, $3, $4)
        on conflict (user_id, device_id) do update
        set sync_data = excluded.sync_data,
            last_sync_at = excluded.last_sync_at
        "#,
        reply.account.id.0,
        device,
        data,
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
