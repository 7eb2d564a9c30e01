//! `tinytummy reset-password`: a way back in for somebody who forgot their password, by whoever
//! runs the server; also while it runs.

use crate::config::{ConfigError, DatabaseSource, PublicUrl, ResetPasswordOptions};
use crate::embedded::{self, Postgres};
use chrono::{DateTime, Utc};
use domain::account::Email;
use domain::field::Refusal;
use services::database::{self, Database, PrepareError};
use services::{ServiceError, resets};
use sqlx::postgres::PgConnectOptions;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;

/// Why nobody's password can be set anew.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("No account has the address {0}.")]
    NoAccount(String),
    #[error(
        "There is no TinyTummy in {0}.\n\
         Set TINYTUMMY_DATA_DIR, or DATABASE_URL and DATABASE_OWNER_URL, as they are set for the server."
    )]
    NoDatabase(PathBuf),
    #[error(transparent)]
    Postgres(#[from] embedded::Error),
    #[error("DATABASE_URL is not a PostgreSQL address: {0}")]
    Url(#[source] sqlx::Error),
    #[error("The database cannot be used: {0}")]
    Prepare(#[from] PrepareError),
    #[error("The password could not be set: {0}")]
    Service(#[from] ServiceError),
    #[error("reading or writing failed: {0}")]
    Io(#[from] io::Error),
}

/// Prints a link that sets a new password once, or sets the one on `input`.
///
/// # Errors
/// See [`ResetPasswordError`].
pub async fn run(
    options: ResetPasswordOptions,
    mut input: impl BufRead,
    mut output: impl Write,
    now: DateTime<Utc>,
) -> Result<(), ResetPasswordError> {
    let email = Email::parse(&options.email)?;
    let site = match options.public_url.as_deref().map(str::trim) {
        None | Some("") => format!("http://{}", options.listen),
        Some(url) => url.parse::<PublicUrl>()?.origin().to_owned(),
    };
    let (db, postgres) = open(options.database.settle()?).await?;
    let done = if options.stdin {
        let mut typed = String::new();
        input.read_line(&mut typed)?;
        set(&db, &email, typed.trim_end_matches(['\r', '\n']), now).await
    } else {
        print_link(&db, &email, &site, &mut output, now).await
    };
    db.close().await;
    if let Some(postgres) = postgres {
        postgres.stop().await;
    }
    done
}

async fn set(db: &Database, email: &Email, typed: &str, now: DateTime<Utc>) -> Result<(), ResetPasswordError> {
    match resets::set_password(db, email, typed, now).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(ResetPasswordError::NoAccount(email.as_str().to_owned())),
        Err(ServiceError::Refused(refusals)) => match refusals.into_iter().next() {
            Some(refusal) => Err(refusal.into()),
            None => Ok(()),
        },
        Err(error) => Err(error.into()),
    }
}

async fn print_link(
    db: &Database,
    email: &Email,
    site: &str,
    output: &mut impl Write,
    now: DateTime<Utc>,
) -> Result<(), ResetPasswordError> {
    let token = resets::issue(db, email, resets::HANDED_LIFE, now)
        .await?
        .ok_or_else(|| ResetPasswordError::NoAccount(email.as_str().to_owned()))?;
    writeln!(output, "{}", resets::link(site, &token))?;
    Ok(())
}

/// The server's database: the given one; the private one, brought up for as long as this takes, or
/// as it is when a server runs on it.
async fn open(source: DatabaseSource) -> Result<(Database, Option<Postgres>), ResetPasswordError> {
    const FEW: u32 = 2;
    let (app, postgres) = match source {
        DatabaseSource::Given { app, .. } => (app.reveal().to_owned(), None),
        DatabaseSource::Private { data_dir, postgres_dir } => {
            // Starting would make one.
            if !data_dir.join("postgres").exists() {
                return Err(ResetPasswordError::NoDatabase(data_dir));
            }
            let setup = embedded::Setup {
                data_dir,
                postgres_dir,
                max_connections: FEW,
            };
            match Postgres::start(&setup).await {
                Ok(postgres) => (postgres.app_url().to_owned(), Some(postgres)),
                Err(embedded::Error::InUse { .. }) => (embedded::running_app_url(&setup.data_dir)?, None),
                Err(error) => return Err(error.into()),
            }
        }
    };
    match connect(&app, postgres.as_ref(), FEW).await {
        Ok(db) => Ok((db, postgres)),
        Err(error) => {
            if let Some(postgres) = postgres {
                postgres.stop().await;
            }
            Err(error)
        }
    }
}

async fn connect(app: &str, postgres: Option<&Postgres>, connections: u32) -> Result<Database, ResetPasswordError> {
    let app: PgConnectOptions = app.parse().map_err(ResetPasswordError::Url)?;
    if let Some(postgres) = postgres {
        // Its last server may have been an older one.
        let owner: PgConnectOptions = postgres.owner_url().parse().map_err(ResetPasswordError::Url)?;
        Database::prepare(&owner, &app).await?;
    }
    let settings = database::Settings {
        max_connections: connections,
        ..database::Settings::default()
    };
    Ok(Database::new(app, &settings))
}
