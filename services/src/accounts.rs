//! Signing up, in and out.

use crate::database::{Database, Tx};
use crate::error::{OnConstraint, ServiceError};
use crate::sessions::{self, Token};
use crate::{id, zone};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use chrono::{DateTime, Utc};
use domain::account::{Account, Email, NewAccount, Password};
use domain::entitlement::{Subscription, Tier};
use domain::field::{Field, Refusal};
use domain::id::AccountId;
use domain::measure::Units;
use std::time::Duration;

/// What signing in gives: the account, and the token for the cookie.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub account: AccountId,
    pub token: Token,
    pub expires_at: DateTime<Utc>,
}

/// A password nobody has, hashed as every other: an unknown e-mail costs the same time.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$dGlueXR1bW15LW5vYm9keQ$Jm3hS1ALhFGrqQKLs0hWqW8mTzjTQ3NEzKfSqmqOI8M";

/// How long to wait for one's turn to have a password hashed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes an account and signs it in.
///
/// # Errors
/// [`ServiceError::Refused`] when the address has an account already, or the time zone is none.
pub async fn sign_up(
    db: &Database,
    new: NewAccount,
    user_agent: &str,
    now: DateTime<Utc>,
) -> Result<SignedIn, ServiceError> {
    zone::parse(&new.time_zone)?;
    let hash = hash(db, new.password).await?;
    let account = AccountId(id::new(now));
    let mut tx = Tx::begin(db, account).await?;
    sqlx::query!(
        r#"
        insert into users (id, email, password_hash, first_name, last_name, time_zone, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        "#,
        account.0,
        new.email.as_str(),
        hash,
        new.first_name,
        new.last_name,
        new.time_zone,
        now
    )
    .execute(tx.connection())
    .await
    .on_constraint("users_email_key", || {
        Refusal::new(Field::Email, "That address already has an account. Sign in instead.")
    })?;
    let token = sessions::start(&mut tx, user_agent, now).await?;
    tx.commit().await?;
    Ok(SignedIn {
        account,
        token,
        expires_at: now + sessions::LIFE,
    })
}

/// Signs in.
///
/// # Errors
/// [`ServiceError::WrongPassword`], for an address without an account too, and in the same time.
pub async fn sign_in(
    db: &Database,
    email: &Email,
    password: Password,
    user_agent: &str,
    now: DateTime<Utc>,
) -> Result<SignedIn, ServiceError> {
    // The transaction is over before the hashing begins: no connection waits for it.
    let (account, hash) = match look_up(db, email).await? {
        Some((account, hash)) => (Some(account), hash),
        None => (None, NOBODYS_HASH.to_owned()),
    };
    let right = verify(db, password, hash).await?;
    let Some(account) = account.filter(|_| right) else {
        return Err(ServiceError::WrongPassword);
    };
    let mut tx = Tx::begin(db, account).await?;
    let token = sessions::start(&mut tx, user_agent, now).await?;
    tx.commit().await?;
    Ok(SignedIn {
        account,
        token,
        expires_at: now + sessions::LIFE,
    })
}

/// The account of an address, for what the server does by itself.
pub(crate) async fn find(db: &Database, email: &Email) -> Result<Option<AccountId>, ServiceError> {
    Ok(look_up(db, email).await?.map(|(account, _)| account))
}

async fn look_up(db: &Database, email: &Email) -> Result<Option<(AccountId, String)>, ServiceError> {
    let mut tx = Tx::begin_visitor(db).await?;
    let found = sqlx::query!(
        r#"select id as "id!", password_hash as "password_hash!" from app.find_account($1)"#,
        email.as_str()
    )
    .fetch_optional(tx.connection())
    .await?;
    tx.commit().await?;
    Ok(found.map(|row| (AccountId(row.id), row.password_hash)))
}

/// Signs out: the session is over, wherever its cookie may still be. One that was over already
/// stays over.
///
/// # Errors
/// [`ServiceError::Unavailable`] when the database is away.
pub async fn sign_out(db: &Database, token: &Token, now: DateTime<Utc>) -> Result<(), ServiceError> {
    if let Some((mut tx, session)) = Tx::begin_session(db, token, now).await? {
        sessions::end(&mut tx, session.id).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The signed-in person.
///
/// # Errors
/// [`ServiceError::SignedOut`] when nobody is, or the account is gone.
pub async fn account(tx: &mut Tx, now: DateTime<Utc>) -> Result<Account, ServiceError> {
    let id = tx.account()?;
    let default = tx.default_tier();
    sqlx::query!(
        r#"
        select email,
               first_name,
               last_name,
               time_zone,
               units::text as "units!",
               subscription_tier::text as "tier!",
               subscription_expires_at
        from users
        where id = $1
        "#,
        id.0
    )
    .fetch_optional(tx.connection())
    .await?
    .map(|row| Account {
        id,
        email: row.email,
        first_name: row.first_name,
        last_name: row.last_name,
        time_zone: row.time_zone,
        units: Units::from_id(&row.units).unwrap_or_default(),
        tier: subscription(&row.tier, row.subscription_expires_at).tier_at(now, default),
    })
    .ok_or(ServiceError::SignedOut)
}

/// Measures in these from now on. What is stored stays as it is.
///
/// # Errors
/// [`ServiceError::SignedOut`] when nobody asks.
pub async fn set_units(tx: &mut Tx, units: Units) -> Result<(), ServiceError> {
    let account = tx.account()?;
    sqlx::query!(
        "update users set units = $2::text::units where id = $1",
        account.0,
        units.id()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// A subscription as it is stored. A tier that this release does not know grants nothing extra.
pub(crate) fn subscription(tier: &str, expires_at: Option<DateTime<Utc>>) -> Subscription {
    Subscription {
        tier: Tier::from_id(tier).unwrap_or_default(),
        expires_at,
    }
}

/// What the asker may use now. Until the transaction ends no other can add to what this one has:
/// a count that follows is still true when something is added to it.
pub(crate) async fn lock_tier(tx: &mut Tx, now: DateTime<Utc>) -> Result<Tier, ServiceError> {
    let (account, default) = (tx.account()?, tx.default_tier());
    sqlx::query!(
        r#"
        select subscription_tier::text as "tier!",
               subscription_expires_at
        from users
        where id = $1
        for no key update
        "#,
        account.0
    )
    .fetch_optional(tx.connection())
    .await?
    .map(|row| subscription(&row.tier, row.subscription_expires_at).tier_at(now, default))
    .ok_or(ServiceError::SignedOut)
}

/// Writes down what was agreed with the asker.
pub(crate) async fn subscribe(tx: &mut Tx, subscription: Subscription) -> Result<(), ServiceError> {
    let account = tx.account()?;
    sqlx::query!(
        r#"
        update users
        set subscription_tier = $2::text::subscription_tier,
            subscription_expires_at = $3
        where id = $1
        "#,
        account.0,
        subscription.tier.id(),
        subscription.expires_at
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

async fn hash(db: &Database, password: Password) -> Result<String, ServiceError> {
    in_turn(db, move || {
        Argon2::default()
            .hash_password(password.expose().as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| ServiceError::fault(error.to_string()))
    })
    .await
}

async fn verify(db: &Database, password: Password, hash: String) -> Result<bool, ServiceError> {
    in_turn(db, move || {
        let hash = PasswordHash::new(&hash).map_err(|error| ServiceError::fault(error.to_string()))?;
        Ok(Argon2::default()
            .verify_password(password.expose().as_bytes(), &hash)
            .is_ok())
    })
    .await
}

/// Hashing takes tens of milliseconds and 19 MiB: off the async threads, and few at a time.
async fn in_turn<T: Send + 'static>(
    db: &Database,
    work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let turn = tokio::time::timeout(PATIENCE, db.hashing.clone().acquire_owned())
        .await
        .map_err(|error| ServiceError::Unavailable(error.into()))?
        .map_err(ServiceError::fault)?;
    tokio::task::spawn_blocking(move || {
        let result = work();
        drop(turn);
        result
    })
    .await
    .map_err(ServiceError::fault)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_hash_costs_what_every_other_costs() {
        let nobody = PasswordHash::new(NOBODYS_HASH).unwrap();
        let somebody = Argon2::default().hash_password(b"a few words").unwrap();
        let somebody = PasswordHash::new(somebody.to_string().as_str())
            .unwrap()
            .params
            .to_string();
        assert_eq!(nobody.params.to_string(), somebody);
    }
}
