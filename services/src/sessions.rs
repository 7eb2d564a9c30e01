//! Who is signed in where. The browser keeps a random token, the database only its hash.

use crate::database::Tx;
use crate::error::ServiceError;
use crate::id;
use chrono::{DateTime, TimeDelta, Utc};
use domain::account::Account;
use domain::id::AccountId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How long a session lives without being used.
pub const LIFE: TimeDelta = TimeDelta::days(90);

/// How often its end is moved: writing at every request would cost more than it says.
const RENEWED_EVERY: TimeDelta = TimeDelta::days(1);

/// What the cookie holds: 256 random bits, in hex. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// # Errors
    /// [`ServiceError::Unexpected`] when the system has no randomness to give.
    pub(crate) fn new() -> Result<Self, ServiceError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| ServiceError::fault(error.to_string()))?;
        Ok(Self(hex(&bytes)))
    }

    /// A token as a cookie brought it; `None` when it never was one of ours.
    pub fn parse(cookie: &str) -> Option<Self> {
        let ours = cookie.len() == 64 && cookie.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        ours.then(|| Self(cookie.to_owned()))
    }

    /// The text for the cookie.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> String {
        sha256(&self.0)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A session that is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: Uuid,
    pub account: Account,
    pub last_seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// Its end has just been moved: the cookie's should follow.
    pub renewed: bool,
}

impl Session {
    pub(crate) fn is_due(&self, now: DateTime<Utc>) -> bool {
        now - self.last_seen_at >= RENEWED_EVERY
    }
}

/// Starts a session for the account that `tx` has entered as.
pub(crate) async fn start(tx: &mut Tx, user_agent: &str, now: DateTime<Utc>) -> Result<Token, ServiceError> {
    let token = Token::new()?;
    let account = tx.account()?;
    let user_agent: String = user_agent.chars().filter(|c| !c.is_control()).take(300).collect();
    sqlx::query!(
        r#"
        insert into sessions (id, user_id, token_hash, user_agent, created_at, last_seen_at, expires_at)
        values ($1, $2, $3, $4, $5, $5, $6)
        "#,
        id::new(now),
        account.0,
        token.hash(),
        user_agent,
        now,
        now + LIFE
    )
    .execute(tx.connection())
    .await?;
    // The account's own sessions that are over go when it starts another.
    sqlx::query!(
        "delete from sessions where user_id = $1 and expires_at <= $2",
        account.0,
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(token)
}

pub(crate) async fn enter(tx: &mut Tx, token: &Token, now: DateTime<Utc>) -> Result<Option<Session>, ServiceError> {
    let found = sqlx::query!(
        r#"
        select id as "id!",
               user_id as "user_id!",
               email as "email!",
               first_name as "first_name!",
               last_name as "last_name!",
               time_zone as "time_zone!",
               last_seen_at as "last_seen_at!",
               expires_at as "expires_at!"
        from app.enter_session($1, $2)
        "#,
        token.hash(),
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    let session = found.map(|row| Session {
        id: row.id,
        account: Account {
            id: AccountId(row.user_id),
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            time_zone: row.time_zone,
        },
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
        renewed: false,
    });
    if let Some(session) = &session {
        tx.entered(session.account.id);
    }
    Ok(session)
}

pub(crate) async fn renew(tx: &mut Tx, session: &Session, now: DateTime<Utc>) -> Result<(), ServiceError> {
    sqlx::query!(
        "update sessions set last_seen_at = $2, expires_at = $3 where id = $1",
        session.id,
        now,
        now + LIFE
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends one session of the asker; nothing happens when it is over already.
pub(crate) async fn end(tx: &mut Tx, session: Uuid) -> Result<(), ServiceError> {
    sqlx::query!("delete from sessions where id = $1", session)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// In hex, as tokens of every kind are stored.
pub(crate) fn sha256(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_cookie_and_nothing_else_passes() {
        let token = Token::new().unwrap();
        assert_eq!(Token::parse(token.expose()), Some(token.clone()));
        assert_ne!(token, Token::new().unwrap());
        for forged in [
            "",
            "abc",
            &"G".repeat(64),
            &"a".repeat(65),
            &"A".repeat(64),
            "'; drop table users; --",
        ] {
            assert_eq!(Token::parse(forged), None, "{forged:?} passed");
        }
    }

    #[test]
    fn a_token_does_not_print() {
        let token = Token::new().unwrap();
        assert!(!format!("{token:?}").contains(token.expose()));
    }
}
