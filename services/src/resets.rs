//! Links that set a new password: mailed to whoever forgot theirs, or handed out by whoever runs
//! the server.

use crate::accounts::{self, SignedIn};
use crate::database::{Database, Tx};
use crate::error::ServiceError;
use crate::mail::Mailer;
use crate::sessions::{Token, Visitor};
use crate::throttle::{self, Purpose, Try};
use crate::{id, passwords, sessions};
use chrono::{DateTime, TimeDelta, Utc};
use domain::account::{Email, Password};
use domain::id::AccountId;
use std::net::IpAddr;

/// How long a mailed link is good for.
pub const MAILED_LIFE: TimeDelta = TimeDelta::hours(1);
/// How long one is that somebody passes on.
pub const HANDED_LIFE: TimeDelta = TimeDelta::hours(24);

/// Lets somebody ask for a link. Says nothing of whether the address has an account: what
/// follows, [`mail`], is done with nobody waiting.
///
/// # Errors
/// [`ServiceError::Throttled`].
pub async fn ask(
    db: &Database,
    email: &Email,
    address: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<(), ServiceError> {
    let mut tx = Tx::begin_visitor(db).await?;
    // Asking is never right or wrong: every one counts.
    let _ = Try::begin(&mut tx, Purpose::Reset, Some(email), address, now).await?;
    tx.commit().await
}

/// Mails a link to the address, if it has an account; in the background, so that the one who asked
/// cannot tell by the time it takes. What goes wrong is logged.
pub fn mail(db: &Database, mailer: &Mailer, public_url: &str, email: Email, now: DateTime<Utc>) {
    let (db, mailer, public_url) = (db.clone(), mailer.clone(), public_url.to_owned());
    tokio::spawn(async move {
        let token = match issue(&db, &email, MAILED_LIFE, now).await {
            Ok(Some(token)) => token,
            Ok(None) => return,
            Err(error) => {
                tracing::error!(%error, "a link for a new password could not be made");
                return;
            }
        };
        let text = format!(
            "Somebody, you we hope, asked for a new password for your TinyTummy account. \
             Choose one here within an hour:\n\n{}\n\n\
             If it was not you, do nothing: your password stays as it is.\n",
            link(&public_url, &token)
        );
        if let Err(error) = mailer.send(&email, "A new password for TinyTummy", &text).await {
            tracing::error!(error = ?error, "a mail with a link for a new password could not be sent");
        }
    });
}

/// The address of the page that takes the token.
pub fn link(public_url: &str, token: &Token) -> String {
    format!("{public_url}/reset-password?token={}", token.expose())
}

/// Makes a link's token for the account of an address; `None` when there is no such account.
///
/// # Errors
/// [`ServiceError::Unavailable`] when the database is away.
pub async fn issue(
    db: &Database,
    email: &Email,
    life: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Option<Token>, ServiceError> {
    let Some(account) = accounts::find(db, email).await? else {
        return Ok(None);
    };
    let token = Token::new()?;
    let mut tx = Tx::begin(db, account).await?;
    sqlx::query!(
        "delete from password_resets where user_id = $1 and expires_at <= $2",
        account.0,
        now
    )
    .execute(tx.connection())
    .await?;
    sqlx::query!(
        r#"
        insert into password_resets (id, user_id, token_hash, created_at, expires_at)
        values ($1, $2, $3, $4, $5)
        "#,
        id::new(now),
        account.0,
        token.hash(),
        now,
        now + life
    )
    .execute(tx.connection())
    .await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Sets the password that was typed on a link's page, uses the link up, signs everybody out of the
/// account and its owner in.
///
/// # Errors
/// [`ServiceError::LinkOver`] for a link that was used, is too old, or never was;
/// [`ServiceError::Refused`] for a password that will not do: the link is still good then.
pub async fn redeem(
    db: &Database,
    token: &Token,
    typed: &str,
    visitor: &Visitor,
    now: DateTime<Utc>,
) -> Result<SignedIn, ServiceError> {
    let mut tx = Tx::begin_visitor(db).await?;
    let account = sqlx::query_scalar!("select app.find_reset($1, $2)", token.hash(), now)
        .fetch_one(tx.connection())
        .await?
        .map(AccountId)
        .ok_or(ServiceError::LinkOver)?;
    tx.commit().await?;
    let mut tx = Tx::begin(db, account).await?;
    let email = passwords::email(&accounts::account(&mut tx, now).await?)?;
    tx.commit().await?;
    let password = Password::choose_for(&email, typed)?;
    let hash = db.hashing.hash(password).await?;

    accounts::leave(db, visitor, now).await?;
    let mut tx = Tx::begin(db, account).await?;
    // Of two at once, one finds it gone.
    let used = sqlx::query!(
        "delete from password_resets where token_hash = $1 and expires_at > $2",
        token.hash(),
        now
    )
    .execute(tx.connection())
    .await?;
    if used.rows_affected() == 0 {
        return Err(ServiceError::LinkOver);
    }
    passwords::replace(&mut tx, &hash, now).await?;
    throttle::forgive(&mut tx, &email).await?;
    let token = sessions::start(&mut tx, &visitor.user_agent, now).await?;
    tx.commit().await?;
    Ok(SignedIn {
        account,
        token,
        expires_at: now + sessions::LIFE,
    })
}

/// Sets a password for the account of an address, by whoever runs the server. False when there is
/// no such account.
///
/// # Errors
/// [`ServiceError::Refused`] for a password that will not do.
pub async fn set_password(db: &Database, email: &Email, typed: &str, now: DateTime<Utc>) -> Result<bool, ServiceError> {
    let Some(account) = accounts::find(db, email).await? else {
        return Ok(false);
    };
    let hash = db.hashing.hash(Password::choose_for(email, typed)?).await?;
    let mut tx = Tx::begin(db, account).await?;
    passwords::replace(&mut tx, &hash, now).await?;
    throttle::forgive(&mut tx, email).await?;
    tx.commit().await?;
    Ok(true)
}
