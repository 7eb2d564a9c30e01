//! Tries at a password, counted in the database: a restart forgets none of them.

use crate::database::{Database, Tx};
use crate::error::ServiceError;
use chrono::{DateTime, Utc};
use domain::account::Email;
use domain::throttle::{Counted, MEMORY, Tries};
use sha2::{Digest, Sha256};
use std::net::{IpAddr, Ipv6Addr};

/// What is tried; each is counted apart.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// To know a password.
    Password,
    /// To have a link mailed.
    Reset,
    /// To sign up: whether an address has an account already is told there.
    SignUp,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Reset => "reset",
            Self::SignUp => "sign-up",
        }
    }
}

/// A try that has begun, and counts until it is taken back.
#[derive(Debug)]
#[must_use = "a try that was right must be taken back"]
pub(crate) struct Try(Vec<Count>);

#[derive(Debug)]
struct Count {
    counted: Counted,
    key: String,
    /// The wait that this very try began.
    blocked_until: Option<DateTime<Utc>>,
}

impl Try {
    /// Counts a try. Whoever comes at the same time waits for the outcome of `tx`.
    ///
    /// # Errors
    /// [`ServiceError::Throttled`]; nothing is counted then.
    pub(crate) async fn begin(
        tx: &mut Tx,
        purpose: Purpose,
        account: Option<&Email>,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<Self, ServiceError> {
        let account = account.map(|email| (Counted::Account, email.as_str().to_owned()));
        let address = address.map(|address| (Counted::Address, network(address).to_string()));
        forget_old(tx, now).await?;
        let mut counts = Vec::new();
        // Always in this order: two that lock each other's rows would wait for ever.
        for (counted, what) in account.into_iter().chain(address) {
            let key = key(purpose, counted, &what);
            let blocked_until = count(tx, &key, counted, now).await?;
            counts.push(Count {
                counted,
                key,
                blocked_until,
            });
        }
        Ok(Self(counts))
    }

    /// It was right: the account's tries are forgotten. Those of the address are not, or whoever
    /// has an account could go on guessing at others.
    pub(crate) async fn was_right(self, tx: &mut Tx) -> Result<(), ServiceError> {
        for count in self.0 {
            match count.counted {
                Counted::Account => {
                    sqlx::query!("delete from sign_in_throttle where key = $1", count.key)
                        .execute(tx.connection())
                        .await?;
                }
                Counted::Address => take_back(tx, &count).await?,
            }
        }
        Ok(())
    }

    /// It was none: the answer was never looked at.
    pub(crate) async fn was_none(self, db: &Database) -> Result<(), ServiceError> {
        let mut tx = Tx::begin_visitor(db).await?;
        for count in self.0 {
            take_back(&mut tx, &count).await?;
        }
        tx.commit().await
    }
}

/// Counts one key up, and gives the wait that this began.
async fn count(
    tx: &mut Tx,
    key: &str,
    counted: Counted,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, ServiceError> {
    // The update that changes nothing locks the row.
    let row = sqlx::query!(
        r#"
        insert into sign_in_throttle (key, failures, last_failure_at)
        values ($1, 0, $2)
        on conflict (key) do update
        set failures = sign_in_throttle.failures
        returning failures,
                  last_failure_at,
                  blocked_until
        "#,
        key,
        now
    )
    .fetch_one(tx.connection())
    .await?;
    let before = Tries {
        count: u32::try_from(row.failures).unwrap_or(0),
        last_at: row.last_failure_at,
        blocked_until: row.blocked_until,
    };
    let tries = Tries::another(Some(before), counted, now).map_err(|until| ServiceError::Throttled {
        seconds: u64::try_from((until - now).num_seconds()).unwrap_or(0) + 1,
    })?;
    sqlx::query!(
        r#"
        update sign_in_throttle
        set failures = $2,
            last_failure_at = $3,
            blocked_until = $4
        where key = $1
        "#,
        key,
        i32::try_from(tries.count).unwrap_or(i32::MAX),
        tries.last_at,
        tries.blocked_until
    )
    .execute(tx.connection())
    .await?;
    Ok(tries.blocked_until)
}

async fn take_back(tx: &mut Tx, count: &Count) -> Result<(), ServiceError> {
    sqlx::query!(
        r#"
        update sign_in_throttle
        set failures = greatest(failures - 1, 0),
            blocked_until = nullif(blocked_until, $2)
        where key = $1
        "#,
        count.key,
        count.blocked_until
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// A few rows that mean nothing any more; some at every try, so that they never pile up.
async fn forget_old(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), ServiceError> {
    sqlx::query!(
        r#"
        delete from sign_in_throttle
        where key in (
            select key
            from sign_in_throttle
            where last_failure_at < $1
            order by last_failure_at
            limit 10
            for update skip locked
        )
        "#,
        now - MEMORY
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Forgets an account's tries, for somebody who proved otherwise whose it is.
pub(crate) async fn forgive(tx: &mut Tx, account: &Email) -> Result<(), ServiceError> {
    sqlx::query!(
        "delete from sign_in_throttle where key = $1",
        key(Purpose::Password, Counted::Account, account.as_str())
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// One household has a whole /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

fn key(purpose: Purpose, counted: Counted, what: &str) -> String {
    let kind = match counted {
        Counted::Account => "account",
        Counted::Address => "address",
    };
    crate::sessions::hex(&Sha256::digest(format!("{} {kind} {what}", purpose.name())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_one_address_and_its_neighbour_is_another() {
        let network = |address: &str| network(address.parse().unwrap());
        assert_eq!(network("2001:db8:1:2:aaaa::1"), network("2001:db8:1:2:bbbb::2"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn a_key_tells_nobody_who_it_was() {
        let key = key(Purpose::Password, Counted::Account, "ada@example.org");
        assert!(key.len() == 64 && !key.contains("ada"));
    }
}
