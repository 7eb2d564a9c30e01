//! The cluster that everything is measured on, and pgbench.

use crate::CONNECTIONS;
use crate::load::Load;
use anyhow::{Context as _, ensure};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, PgConnection};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A durable PostgreSQL of its own: `TEST_DATABASE_URL`, as tools/with-postgres gives it.
#[derive(Debug)]
pub(crate) struct Cluster {
    superuser: PgConnectOptions,
}

impl Cluster {
    pub(crate) async fn prepare() -> anyhow::Result<Self> {
        let url = std::env::var("TEST_DATABASE_URL").context("run this by way of tools/bench")?;
        let superuser: PgConnectOptions = url.parse()?;
        let mut connection = superuser.connect().await?;
        let fsync: String = sqlx::query_scalar("show fsync").fetch_one(&mut connection).await?;
        ensure!(
            fsync == "on",
            "the cluster is not durable: run this by way of tools/bench"
        );
        for statement in [
            "create role bench_owner login password 'o'",
            "create role bench_app login password 'a'",
            "create database bench owner bench_owner",
        ] {
            connection.execute(statement).await?;
        }
        let superuser = superuser.database("bench");
        superuser.connect().await?.execute("create extension vector").await?;
        Ok(Self { superuser })
    }

    pub(crate) async fn superuser(&self) -> anyhow::Result<PgConnection> {
        Ok(self.superuser.connect().await?)
    }

    pub(crate) fn app(&self) -> PgConnectOptions {
        self.superuser.clone().username("bench_app").password("a")
    }

    /// For a server that works on it.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let owner = self.superuser.clone().username("bench_owner").password("o");
        vec![
            ("DATABASE_URL", self.app().to_url_lossy().to_string()),
            ("DATABASE_OWNER_URL", owner.to_url_lossy().to_string()),
            // Families come from homes of their own.
            ("TINYTUMMY_TRUSTED_PROXIES", "127.0.0.1".to_owned()),
            ("TINYTUMMY_LOG", "warn".to_owned()),
        ]
    }

    /// The average row of a logged meal.
    pub(crate) async fn row_bytes(&self) -> anyhow::Result<usize> {
        let bytes: i32 = sqlx::query_scalar("select avg(pg_column_size(m.*))::integer from meals m")
            .fetch_one(&mut self.superuser().await?)
            .await?;
        Ok(usize::try_from(bytes)?)
    }

    /// The table that pgbench writes: a key like a meal's, and one text.
    pub(crate) async fn ready_pgbench(&self) -> anyhow::Result<()> {
        let table = "
            create table one_row (child_id uuid, id uuid, body text, primary key (child_id, id));
            alter table one_row alter column body set storage external;";
        self.superuser().await?.execute(table).await?;
        Ok(())
    }

    /// One row a transaction, as long as a meal's, from as many clients as the server gets.
    pub(crate) fn pgbench(&self, time: Duration, row_bytes: usize) -> anyhow::Result<Load> {
        let program = std::env::var_os("TINYTUMMY_POSTGRES_DIR").context("run this by way of tools/bench")?;
        let dir = tempfile::tempdir()?;
        let script = dir.path().join("one_row.sql");
        std::fs::write(
            &script,
            "insert into one_row (child_id, id, body) values (gen_random_uuid(), gen_random_uuid(), :body);\n",
        )?;
        // The key and the row's head are 60 bytes.
        let body: String = (0..row_bytes.saturating_sub(60))
            .map(|place| char::from(b'a' + u8::try_from(place * place % 23).unwrap_or_default()))
            .collect();
        let output = Command::new(PathBuf::from(program).join("bin/pgbench"))
            .args([
                "--no-vacuum",
                "--protocol=prepared",
                "--jobs=2",
                "--log",
                "--log-prefix=times",
            ])
            .arg(format!("--client={CONNECTIONS}"))
            .arg(format!("--time={}", time.as_secs()))
            .arg(format!("--define=body={body}"))
            .arg(format!(
                "--host={}",
                self.superuser.get_socket().context("a socket")?.display()
            ))
            .arg(format!("--username={}", self.superuser.get_username()))
            .arg("--file")
            .arg(&script)
            .arg("bench")
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut micros = Vec::new();
        for entry in std::fs::read_dir(dir.path())? {
            let path = entry?.path();
            if path == script {
                continue;
            }
            // client, number, microseconds, …
            for line in std::fs::read_to_string(&path)?.lines() {
                micros.push(line.split(' ').nth(2).context("a time")?.parse()?);
            }
        }
        Ok(Load { micros, took: time })
    }

    /// Runs statements as the superuser, whom row security does not hold.
    pub(crate) async fn run(&self, connection: &mut PgConnection, statements: String) -> anyhow::Result<()> {
        connection.execute(AssertSqlSafe(statements)).await?;
        Ok(())
    }
}
