//! Proving that one knows a password, and changing it.

use crate::accounts::SignedIn;
use crate::database::{Database, Tx};
use crate::error::ServiceError;
use crate::hashing::NOBODYS_HASH;
use crate::sessions::{self, Visitor};
use crate::throttle::{Purpose, Try};
use chrono::{DateTime, Utc};
use domain::account::{Account, Email, Password};
use domain::field::{Field, Refusal};

/// Changes the password of a signed-in person. Every session is over then, and this browser has a
/// new one.
///
/// # Errors
/// [`ServiceError::Refused`] for a wrong current password or one that will not do;
/// [`ServiceError::Throttled`]; [`ServiceError::Busy`].
pub async fn change(
    db: &Database,
    account: &Account,
    current: Password,
    typed: &str,
    visitor: &Visitor,
    now: DateTime<Utc>,
) -> Result<SignedIn, ServiceError> {
    let new = Password::choose_for(&email(account)?, typed)?;
    confirm(db, account, current, visitor, now).await?;
    let hash = db.hashing.hash(new).await?;
    let mut tx = Tx::begin(db, account.id).await?;
    replace(&mut tx, &hash, now).await?;
    let token = sessions::start(&mut tx, &visitor.user_agent, now).await?;
    tx.commit().await?;
    Ok(SignedIn {
        account: account.id,
        token,
        expires_at: now + sessions::LIFE,
    })
}

/// Whether somebody who is signed in knows the password too: a phone left on the table does not.
pub(crate) async fn confirm(
    db: &Database,
    account: &Account,
    password: Password,
    visitor: &Visitor,
    now: DateTime<Utc>,
) -> Result<(), ServiceError> {
    let mut tx = Tx::begin(db, account.id).await?;
    // Counted together with sign-ins: guessing here gains nothing.
    let attempt = Try::begin(&mut tx, Purpose::Password, Some(&email(account)?), visitor.address, now).await?;
    let hash = sqlx::query_scalar!("select password_hash from credentials where user_id = $1", account.id.0)
        .fetch_optional(tx.connection())
        .await?;
    tx.commit().await?;
    let hash = hash.unwrap_or_else(|| NOBODYS_HASH.to_owned());
    let right = match db.hashing.verify(password, hash).await {
        Ok(right) => right,
        Err(error) => {
            attempt.was_none(db).await?;
            return Err(error);
        }
    };
    if !right {
        return Err(Refusal::new(
            Field::CurrentPassword,
            "That is not your password. Please type it again.",
        )
        .into());
    }
    let mut tx = Tx::begin_visitor(db).await?;
    attempt.was_right(&mut tx).await?;
    tx.commit().await
}

/// Sets the asker's password by its hash.
pub(crate) async fn set(tx: &mut Tx, hash: &str, now: DateTime<Utc>) -> Result<(), ServiceError> {
    let account = tx.account()?;
    sqlx::query!(
        r#"
        insert into credentials (user_id, password_hash, changed_at)
        values ($1, $2, $3)
        on conflict (user_id) do update
        set password_hash = excluded.password_hash,
            changed_at = excluded.changed_at
        "#,
        account.0,
        hash,
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Sets another password, and ends what the old one opened: sessions, and links to set a new one.
pub(crate) async fn replace(tx: &mut Tx, hash: &str, now: DateTime<Utc>) -> Result<(), ServiceError> {
    set(tx, hash, now).await?;
    sessions::end_all(tx).await?;
    let account = tx.account()?;
    sqlx::query!("delete from password_resets where user_id = $1", account.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The address of an account, which was checked before it was stored.
pub(crate) fn email(account: &Account) -> Result<Email, ServiceError> {
    Email::parse(&account.email).map_err(|_| ServiceError::fault("a stored address is none"))
}
