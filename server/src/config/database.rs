//! Which database: one that somebody else runs, or the private one.

use super::{ConfigError, DATABASE, Secret, default_data_dir, secret};
use clap::Args;
use std::path::PathBuf;

/// Which database, as given.
#[derive(Debug, Clone, Args)]
pub struct DatabaseOptions {
    /// Where the private PostgreSQL keeps its data
    ///
    /// [default: /var/lib/tinytummy as root, else $XDG_DATA_HOME/tinytummy or ~/.local/share/tinytummy]
    #[arg(long, env = "TINYTUMMY_DATA_DIR", value_name = "DIR", help_heading = DATABASE)]
    pub data_dir: Option<PathBuf>,

    /// The PostgreSQL 16 to run privately: a folder with bin/postgres, and with pgvector
    ///
    /// Not looked at when DATABASE_URL is given.
    ///
    /// [default: `postgresql` beside the binary, else the one that `tools/setup` fetched]
    #[arg(long, env = "TINYTUMMY_POSTGRES_DIR", value_name = "DIR", help_heading = DATABASE)]
    pub postgres_dir: Option<PathBuf>,

    /// A PostgreSQL of yours: the role the app works as (never a superuser, never the owner)
    ///
    /// Given together with DATABASE_OWNER_URL; then no private PostgreSQL is started.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", help_heading = DATABASE)]
    pub database_url: Option<String>,

    /// A file that holds DATABASE_URL
    #[arg(long, env = "DATABASE_URL_FILE", value_name = "FILE", help_heading = DATABASE)]
    pub database_url_file: Option<PathBuf>,

    /// The same database, as the role that owns it and runs the migrations
    #[arg(long, env = "DATABASE_OWNER_URL", hide_env_values = true, value_name = "URL", help_heading = DATABASE)]
    pub database_owner_url: Option<String>,

    /// A file that holds DATABASE_OWNER_URL
    #[arg(long, env = "DATABASE_OWNER_URL_FILE", value_name = "FILE", help_heading = DATABASE)]
    pub database_owner_url_file: Option<PathBuf>,
}

/// Where the families' data is.
#[derive(Clone, Debug)]
pub enum DatabaseSource {
    /// A PostgreSQL that someone else runs.
    Given { app: Secret, owner: Secret },
    /// The private one.
    Private {
        data_dir: PathBuf,
        /// `None`: looked for in the usual places.
        postgres_dir: Option<PathBuf>,
    },
}

impl DatabaseOptions {
    /// # Errors
    /// A [`ConfigError`] that says what to change.
    pub fn settle(self) -> Result<DatabaseSource, ConfigError> {
        let app = postgres_url("DATABASE_URL", self.database_url, self.database_url_file)?;
        let owner = postgres_url(
            "DATABASE_OWNER_URL",
            self.database_owner_url,
            self.database_owner_url_file,
        )?;
        match (app, owner) {
            (Some(app), Some(owner)) => {
                if app == owner {
                    return Err(ConfigError::SameRole);
                }
                Ok(DatabaseSource::Given { app, owner })
            }
            (Some(_), None) => Err(ConfigError::OneUrlOnly {
                given: "DATABASE_URL",
                missing: "DATABASE_OWNER_URL",
            }),
            (None, Some(_)) => Err(ConfigError::OneUrlOnly {
                given: "DATABASE_OWNER_URL",
                missing: "DATABASE_URL",
            }),
            (None, None) => Ok(DatabaseSource::Private {
                data_dir: match self.data_dir {
                    Some(dir) => dir,
                    None => default_data_dir().ok_or(ConfigError::NoHome)?,
                },
                postgres_dir: self.postgres_dir,
            }),
        }
    }
}

fn postgres_url(
    name: &'static str,
    value: Option<String>,
    file: Option<PathBuf>,
) -> Result<Option<Secret>, ConfigError> {
    let url = secret(name, value, file)?;
    match &url {
        Some(url) if !url.reveal().starts_with("postgres://") && !url.reveal().starts_with("postgresql://") => {
            Err(ConfigError::NotPostgres { name })
        }
        _ => Ok(url),
    }
}
