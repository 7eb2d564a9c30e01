//! A look into the private PostgreSQL, past row security.

use super::sender::{Parent, Step, What};
use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// A connection of its own.
#[derive(Debug)]
pub(crate) struct Inside {
    runtime: Runtime,
    connection: PgConnection,
}

/// One line of a child's changes.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Line {
    pub(crate) seq: i64,
    pub(crate) id: Uuid,
    pub(crate) row: Uuid,
    pub(crate) fields: serde_json::Value,
    pub(crate) stamp: DateTime<Utc>,
}

/// How often a meal is there: as a row, as a tombstone, as lines of changes.
pub(crate) type Rows = (i64, i64, i64);

impl Inside {
    /// As the superuser.
    pub(crate) fn open(dir: &Path) -> Self {
        Self::try_open(dir, "postgres").expect("the private PostgreSQL answers")
    }

    pub(crate) fn try_open(dir: &Path, role: &str) -> Result<Self, sqlx::Error> {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let options = PgConnectOptions::new_without_pgpass()
            .socket(socket(dir))
            .port(5432)
            .username(role)
            .database("tinytummy")
            .ssl_mode(PgSslMode::Disable);
        let connection = runtime.block_on(options.connect())?;
        Ok(Self { runtime, connection })
    }

    pub(crate) fn run(&mut self, sql: &str) {
        let ran = self
            .runtime
            .block_on(self.connection.execute(AssertSqlSafe(sql.to_owned())));
        ran.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Runs what takes the whole PostgreSQL with it.
    pub(crate) fn end_by(mut self, sql: &str) {
        let ran = self
            .runtime
            .block_on(self.connection.execute(AssertSqlSafe(sql.to_owned())));
        assert!(ran.is_err(), "it survived {sql}");
    }

    pub(crate) fn number(&mut self, sql: &str) -> i64 {
        let asked = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut self.connection);
        self.runtime
            .block_on(asked)
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// How many statements of the server wait for a lock.
    pub(crate) fn waiting(&mut self) -> i64 {
        self.number(
            "select count(*) from pg_stat_activity where usename = 'tinytummy_app' and wait_event_type = 'Lock'",
        )
    }

    /// A child's changes, in the order they were written.
    pub(crate) fn lines(&mut self, child: Uuid) -> Vec<Line> {
        let sql = "select seq, id, row_id as row, fields, stamp from changes where child_id = $1 order by seq";
        let asked = sqlx::query_as(sql).bind(child).fetch_all(&mut self.connection);
        self.runtime.block_on(asked).expect("the changes")
    }

    pub(crate) fn rows(&mut self, child: Uuid, meal: Uuid) -> Rows {
        let mut count = |table: &str, id: &str| {
            self.number(&format!(
                "select count(*) from {table} where child_id = '{child}' and {id} = '{meal}'"
            ))
        };
        (
            count("meals", "id"),
            count("tombstones", "id"),
            count("changes", "row_id"),
        )
    }

    /// That the child's changes are exactly these, each once, numbered without a gap, and that each
    /// meal is as its last step left it.
    pub(crate) fn assert_exactly<'a>(&mut self, parent: &Parent, steps: impl IntoIterator<Item = &'a Step>) {
        let child = parent.child;
        let asked = sqlx::query_as("select id, seq from changes where child_id = $1 order by seq")
            .bind(child)
            .fetch_all(&mut self.connection);
        let stored: Vec<(Uuid, i64)> = self.runtime.block_on(asked).expect("the changes");
        let seqs: Vec<i64> = stored.iter().map(|(_, seq)| *seq).collect();
        assert_eq!(seqs, (1..=stored.len() as i64).collect::<Vec<_>>(), "a gap in {child}");
        let last = self.number(&format!(
            "select last_seq from change_counters where child_id = '{child}'"
        ));
        assert_eq!(last, stored.len() as i64);

        let mut answered = BTreeSet::new();
        let mut alive = BTreeSet::new();
        let mut gone = BTreeSet::new();
        for step in steps {
            answered.insert(step.change);
            match step.what {
                What::Log | What::Mend => alive.insert(step.meal),
                What::Delete => alive.remove(&step.meal) && gone.insert(step.meal),
            };
        }
        let stored: BTreeSet<Uuid> = stored.into_iter().map(|(id, _)| id).collect();
        assert_eq!(stored.difference(&answered).count(), 0, "changes that nobody made");
        assert_eq!(
            answered.difference(&stored).count(),
            0,
            "changes that were answered and are lost"
        );
        let mut ids = |table: &str| -> BTreeSet<Uuid> {
            let sql = format!("select id from {table} where child_id = '{child}'");
            let asked = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut self.connection);
            self.runtime.block_on(asked).expect("ids").into_iter().collect()
        };
        assert_eq!(ids("meals"), alive);
        assert_eq!(ids("tombstones"), gone);
    }

    pub(crate) fn close(self) {
        // One whose server went away is closed already.
        let _ = self.runtime.block_on(self.connection.close());
    }
}

/// Where the socket is, as PostgreSQL's pid file says.
fn socket(dir: &Path) -> PathBuf {
    let file = std::fs::read_to_string(dir.join("postgres/postmaster.pid")).expect("PostgreSQL runs");
    file.lines().nth(4).map(PathBuf::from).expect("a socket's folder")
}
