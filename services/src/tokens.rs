//! Personal tokens: a parent's own programs, each with its reach. The program keeps the key, the
//! database only its hash. How much a token reaches is up to row security: app.enter_token.

use crate::children;
use crate::database::Tx;
use crate::error::{OnConstraint, ServiceError};
use crate::sessions::{self, Token};
use chrono::{DateTime, TimeDelta, Utc};
use domain::field::{Field, Refusal};
use domain::id::{AccountId, ChildId};
use domain::token::NewToken;
use uuid::Uuid;

/// What every key begins with, so that one that was published by mistake is known for what it is.
pub const PREFIX: &str = "tt_";

/// The most tokens an account has at a time: more is a program that makes tokens.
pub const MOST: i64 = 50;

/// How often its use is noted: writing at every request would cost more than it says.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(5);

/// What a program presents: [`PREFIX`] and 256 random bits in hex. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    fn new() -> Result<Self, ServiceError> {
        Ok(Self(format!("{PREFIX}{}", Token::new()?.expose())))
    }

    /// A key as a request brought it; `None` when it never was one of ours.
    pub fn parse(presented: &str) -> Option<Self> {
        Token::parse(presented.strip_prefix(PREFIX)?)?;
        Some(Self(presented.to_owned()))
    }

    /// The text to be shown once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> String {
        sessions::sha256(&self.0)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(tt_…)")
    }
}

/// A token as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    pub id: Uuid,
    pub name: String,
    /// `None`: every child its owner can see.
    pub children: Option<Vec<ChildId>>,
    pub may_write: bool,
    pub created_at: DateTime<Utc>,
    /// To within some minutes.
    pub last_used_at: Option<DateTime<Utc>>,
    /// `None`: not until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A token that has entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    pub id: Uuid,
    pub account: AccountId,
    pub name: String,
    pub children: Option<Vec<ChildId>>,
    pub may_write: bool,
    pub expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

impl Bearer {
    pub(crate) fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.last_used_at.is_none_or(|last| now - last >= NOTED_EVERY)
    }
}

/// Makes a token for the asker. `id` is the form's own, so that a form sent twice makes one.
///
/// # Errors
/// [`ServiceError::Refused`] for a child one cannot see, for a form sent twice (the key is shown
/// only once), and past [`MOST`]; [`ServiceError::SignedOut`].
pub async fn create(tx: &mut Tx, id: Uuid, new: &NewToken, now: DateTime<Utc>) -> Result<Key, ServiceError> {
    let account = tx.account()?;
    if let Some(chosen) = &new.children {
        let visible = children::list(tx).await?;
        if !chosen.iter().all(|id| visible.iter().any(|child| child.id == *id)) {
            return Err(Refusal::new(Field::Children, "Please choose children from the list.").into());
        }
    }
    let there = sqlx::query_scalar!(r#"select count(*) as "count!" from access_tokens"#)
        .fetch_one(tx.connection())
        .await?;
    if there >= MOST {
        let message = format!("You have {there} tokens, and no more fit. Please revoke one you no longer use.");
        return Err(Refusal::new(Field::Name, message).into());
    }
    let key = Key::new()?;
    let children: Option<Vec<Uuid>> = new.children.as_ref().map(|ids| ids.iter().map(|id| id.0).collect());
    sqlx::query!(
        r#"
        insert into access_tokens (id, user_id, name, token_hash, child_ids, may_write, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        "#,
        id,
        account.0,
        new.name,
        key.hash(),
        children.as_deref(),
        new.may_write,
        now,
        new.expires_at
    )
    .execute(tx.connection())
    .await
    .on_constraint("access_tokens_pkey", || {
        Refusal::new(
            Field::Name,
            "This token was made already, and its text is shown only once. If you missed it, revoke it and make \
             another.",
        )
    })?;
    Ok(key)
}

/// The asker's tokens, the latest first.
///
/// # Errors
/// [`ServiceError::Unavailable`] when the database is away.
pub async fn list(tx: &mut Tx) -> Result<Vec<AccessToken>, ServiceError> {
    let rows = sqlx::query!(
        r#"
        select id,
               name,
               child_ids,
               may_write,
               created_at,
               last_used_at,
               expires_at
        from access_tokens
        order by created_at desc, id
        "#
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| AccessToken {
            id: row.id,
            name: row.name,
            children: of_children(row.child_ids),
            may_write: row.may_write,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
        })
        .collect())
}

/// Revokes a token of the asker: it opens nothing from the next request on. One that is gone stays gone.
///
/// # Errors
/// [`ServiceError::Unavailable`] when the database is away.
pub async fn revoke(tx: &mut Tx, id: Uuid) -> Result<(), ServiceError> {
    sqlx::query!("delete from access_tokens where id = $1", id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(crate) async fn enter(tx: &mut Tx, key: &Key, now: DateTime<Utc>) -> Result<Option<Bearer>, ServiceError> {
    let found = sqlx::query!(
        r#"
        select id as "id!",
               user_id as "user_id!",
               name as "name!",
               child_ids,
               may_write as "may_write!",
               last_used_at,
               expires_at
        from app.enter_token($1, $2)
        "#,
        key.hash(),
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    let bearer = found.map(|row| Bearer {
        id: row.id,
        account: AccountId(row.user_id),
        name: row.name,
        children: of_children(row.child_ids),
        may_write: row.may_write,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    });
    if let Some(bearer) = &bearer {
        tx.entered_by_token(bearer.account, key, now);
    }
    Ok(bearer)
}

pub(crate) async fn note_use(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<(), ServiceError> {
    sqlx::query!(
        "update access_tokens set last_used_at = greatest(last_used_at, $2) where id = $1",
        id,
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

fn of_children(ids: Option<Vec<Uuid>>) -> Option<Vec<ChildId>> {
    ids.map(|ids| ids.into_iter().map(ChildId).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_beginning_and_nothing_else_passes() {
        let key = Key::new().unwrap();
        assert!(key.expose().starts_with("tt_"));
        assert_eq!(Key::parse(key.expose()), Some(key.clone()));
        assert_ne!(key, Key::new().unwrap());
        for forged in [
            "",
            "tt_",
            "tt_abc",
            &"a".repeat(64),
            &format!("tt_{}", "A".repeat(64)),
            "tt_'; drop",
        ] {
            assert_eq!(Key::parse(forged), None, "{forged:?} passed");
        }
    }

    #[test]
    fn a_key_does_not_print() {
        let key = Key::new().unwrap();
        assert!(!format!("{key:?}").contains(&key.expose()[3..]));
    }
}
