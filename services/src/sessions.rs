//! Who is signed in where. The browser keeps a random token, the database only its hash.

use crate::accounts;
use crate::database::Tx;
use crate::error::ServiceError;
use crate::{id, zone};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::account::Account;
use domain::device::{self, Device};
use domain::id::AccountId;
use domain::measure::Units;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use uuid::Uuid;

/// How long a session lives without being used.
pub const LIFE: TimeDelta = TimeDelta::days(90);

/// How often its end is moved, and when it was last seen is written down: doing so at every
/// request would cost more than it says.
const RENEWED_EVERY: TimeDelta = TimeDelta::hours(1);

/// What the cookie holds, or an invitation's link: 256 random bits, in hex. Never printed.
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

    pub(crate) fn hash(&self) -> String {
        sha256(&self.0)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Who is at the other end of a request, before anything is known of them.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// As the browser calls itself.
    pub user_agent: String,
    pub address: Option<IpAddr>,
    /// The session that came with the request.
    pub presented: Option<Token>,
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
    // And with those that were ended, what is known of their devices.
    sqlx::query!(
        r#"
        delete from offline_sync
        where user_id = $1
          and not exists (select 1 from sessions where sessions.id = device_id and sessions.user_id = $1)
        "#,
        account.0
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
               units as "units!",
               subscription_tier as "tier!",
               subscription_expires_at,
               last_seen_at as "last_seen_at!",
               expires_at as "expires_at!"
        from app.enter_session($1, $2)
        "#,
        token.hash(),
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = found else {
        return Ok(None);
    };
    tx.entered(AccountId(row.user_id));
    Ok(Some(Session {
        id: row.id,
        account: Account {
            id: AccountId(row.user_id),
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            time_zone: row.time_zone,
            units: Units::from_id(&row.units).unwrap_or_default(),
            tier: accounts::subscription(&row.tier, row.subscription_expires_at).tier_at(now, tx.default_tier()),
        },
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
        renewed: false,
    }))
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

/// Ends every session of the asker.
///
/// # Errors
/// [`ServiceError::SignedOut`] when nobody asks.
pub async fn end_all(tx: &mut Tx) -> Result<(), ServiceError> {
    let account = tx.account()?;
    sqlx::query!("delete from sessions where user_id = $1", account.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Ends one of the asker's sessions.
///
/// # Errors
/// [`ServiceError::NotFound`], also for somebody else's.
pub async fn revoke(tx: &mut Tx, session: Uuid) -> Result<(), ServiceError> {
    let account = tx.account()?;
    let gone = sqlx::query!(
        "delete from sessions where id = $1 and user_id = $2",
        session,
        account.0
    )
    .execute(tx.connection())
    .await?;
    if gone.rows_affected() == 0 {
        return Err(ServiceError::NotFound);
    }
    Ok(())
}

/// Where the account of `session` is signed in: this browser first, then the last seen.
///
/// # Errors
/// [`ServiceError::Unavailable`] when the database is away.
pub async fn devices(tx: &mut Tx, session: &Session, now: DateTime<Utc>) -> Result<Vec<Device>, ServiceError> {
    let rows = sqlx::query!(
        r#"
        select sessions.id,
               user_agent,
               last_seen_at,
               last_sync_at as "last_sync_at?"
        from sessions
        left join offline_sync on offline_sync.user_id = sessions.user_id and device_id = sessions.id
        where sessions.user_id = $1
          and expires_at > $2
        order by sessions.id = $3 desc, last_seen_at desc
        "#,
        session.account.id.0,
        now,
        session.id
    )
    .fetch_all(tx.connection())
    .await?;
    let zone: Tz = session.account.time_zone.parse().unwrap_or(Tz::UTC);
    let today = zone::date(now, zone);
    let day = |at| match zone::date(at, zone) {
        date if date >= today => "today".to_owned(),
        date if date.succ_opt() == Some(today) => "yesterday".to_owned(),
        date => date.format("%-d %B %Y").to_string(),
    };
    Ok(rows
        .into_iter()
        .map(|row| Device {
            id: row.id,
            name: device::name(&row.user_agent),
            last_seen: if row.id == session.id {
                "now".to_owned()
            } else {
                day(row.last_seen_at)
            },
            last_synced: row
                .last_sync_at
                .map(|at| format!("{} at {}", day(at), at.with_timezone(&zone).format("%H:%M"))),
            this: row.id == session.id,
        })
        .collect())
}

/// In hex, as tokens of every kind are stored.
pub(crate) fn sha256(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
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
