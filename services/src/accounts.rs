//! Signing up, in and out, and going for good.

use crate::database::{Database, Tx};
use crate::error::{OnConstraint, ServiceError};
use crate::hashing::NOBODYS_HASH;
use crate::sessions::{self, Token, Visitor};
use crate::throttle::{Purpose, Try};
use crate::{id, passwords, zone};
use chrono::{DateTime, Utc};
use domain::account::{Account, Email, NewAccount, Password};
use domain::entitlement::{Subscription, Tier};
use domain::field::{Field, Refusal};
use domain::id::AccountId;
use domain::measure::Units;

/// What signing in gives: the account, and the token for the cookie.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub account: AccountId,
    pub token: Token,
    pub expires_at: DateTime<Utc>,
}

/// Makes an account and signs it in.
///
/// # Errors
/// [`ServiceError::Refused`] when the address has an account already, or the time zone is none;
/// [`ServiceError::Throttled`] for who tries one address after the other; [`ServiceError::Busy`].
pub async fn sign_up(
    db: &Database,
    new: NewAccount,
    visitor: &Visitor,
    now: DateTime<Utc>,
) -> Result<SignedIn, ServiceError> {
    zone::parse(&new.time_zone)?;
    let mut tx = Tx::begin_visitor(db).await?;
    let attempt = Try::begin(&mut tx, Purpose::SignUp, None, visitor.address, now).await?;
    tx.commit().await?;
    let hash = match db.hashing.hash(new.password).await {
        Ok(hash) => hash,
        Err(error) => {
            attempt.was_none(db).await?;
            return Err(error);
        }
    };
    let account = AccountId(id::new(now));
    let mut tx = Tx::begin(db, account).await?;
    sqlx::query!(
        r#"
        insert into users (id, email, first_name, last_name, time_zone, created_at)
        values ($1, $2, $3, $4, $5, $6)
        "#,
        account.0,
        new.email.as_str(),
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
    passwords::set(&mut tx, &hash, now).await?;
    attempt.was_right(&mut tx).await?;
    let token = sessions::start(&mut tx, &visitor.user_agent, now).await?;
    tx.commit().await?;
    leave(db, visitor, now).await?;
    Ok(SignedIn {
        account,
        token,
        expires_at: now + sessions::LIFE,
    })
}

/// Signs in. A session that the browser already had is over then: its token may have been planted.
///
/// # Errors
/// [`ServiceError::WrongPassword`], for an address without an account too, and for the same work;
/// [`ServiceError::Throttled`]; [`ServiceError::Busy`].
pub async fn sign_in(
    db: &Database,
    email: &Email,
    password: Password,
    visitor: &Visitor,
    now: DateTime<Utc>,
) -> Result<SignedIn, ServiceError> {
    let mut tx = Tx::begin_visitor(db).await?;
    let attempt = Try::begin(&mut tx, Purpose::Password, Some(email), visitor.address, now).await?;
    let (account, hash) = match look_up(&mut tx, email).await? {
        Some((account, hash)) => (Some(account), hash),
        None => (None, NOBODYS_HASH.to_owned()),
    };
    // The transaction is over before the hashing begins: no connection waits for it.
    tx.commit().await?;
    let right = match db.hashing.verify(password, hash).await {
        Ok(right) => right,
        Err(error) => {
            attempt.was_none(db).await?;
            return Err(error);
        }
    };
    let Some(account) = account.filter(|_| right) else {
        return Err(ServiceError::WrongPassword);
    };
    leave(db, visitor, now).await?;
    let mut tx = Tx::begin(db, account).await?;
    attempt.was_right(&mut tx).await?;
    let token = sessions::start(&mut tx, &visitor.user_agent, now).await?;
    tx.commit().await?;
    Ok(SignedIn {
        account,
        token,
        expires_at: now + sessions::LIFE,
    })
}

/// The account of an address, for what the server does by itself.
pub(crate) async fn find(db: &Database, email: &Email) -> Result<Option<AccountId>, ServiceError> {
    let mut tx = Tx::begin_visitor(db).await?;
    let found = look_up(&mut tx, email).await?;
    tx.commit().await?;
    Ok(found.map(|(account, _)| account))
}

async fn look_up(tx: &mut Tx, email: &Email) -> Result<Option<(AccountId, String)>, ServiceError> {
    let found = sqlx::query!(
        r#"select id as "id!", password_hash from app.find_account($1)"#,
        email.as_str()
    )
    .fetch_optional(tx.connection())
    .await?;
    // An account without a password is one that nobody can sign in to.
    Ok(found.map(|row| {
        (
            AccountId(row.id),
            row.password_hash.unwrap_or_else(|| NOBODYS_HASH.to_owned()),
        )
    }))
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

/// Ends the session that a visitor came with, if there is one.
pub(crate) async fn leave(db: &Database, visitor: &Visitor, now: DateTime<Utc>) -> Result<(), ServiceError> {
    match &visitor.presented {
        Some(token) => sign_out(db, token, now).await,
        None => Ok(()),
    }
}

/// Deletes the asker's account and everything that is theirs: see [`crate::belongings`].
///
/// # Errors
/// [`ServiceError::Refused`] for a wrong password; [`ServiceError::Throttled`];
/// [`ServiceError::Busy`].
pub async fn delete(
    db: &Database,
    account: &Account,
    password: Password,
    visitor: &Visitor,
    now: DateTime<Utc>,
) -> Result<(), ServiceError> {
    passwords::confirm(db, account, password, visitor, now).await?;
    let mut tx = Tx::begin(db, account.id).await?;
    sqlx::query!("delete from users where id = $1", account.id.0)
        .execute(tx.connection())
        .await?;
    tx.commit().await
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
    let account = tx.account()?;
    // Not the row itself: a token may see it, and not lock it.
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended($1, 0)) as "locked: ()""#,
        account.to_string()
    )
    .execute(tx.connection())
    .await?;
    Ok(self::account(tx, now).await?.tier)
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
