//! A server in this process, on a database of its own.

use super::client::{self, Answer};
use domain::entitlement::Tier;
use server::config::{DatabaseSource, Network, PublicUrl, Secret, Settings, SignUp};
use server::serve::{self, Server};
use services::mail::Mailer;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::time::Instant;

/// Stop it with [`House::stop`]: its database goes with it.
#[derive(Debug)]
pub(crate) struct House {
    server: Server,
    pub(crate) address: SocketAddr,
    name: String,
    settings: Settings,
    site: tempfile::TempDir,
}

/// What a test wants otherwise.
#[derive(Debug)]
pub(crate) struct Wishes {
    pub(crate) public_url: Option<&'static str>,
    pub(crate) sign_up: SignUp,
    pub(crate) default_tier: Tier,
    pub(crate) mailer: Option<Mailer>,
    pub(crate) trusted_proxies: Vec<Network>,
    /// Whether Prometheus is let in.
    pub(crate) metrics: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            public_url: None,
            sign_up: SignUp::Open,
            default_tier: Tier::Free,
            mailer: None,
            trusted_proxies: Vec::new(),
            metrics: false,
        }
    }
}

impl House {
    pub(crate) async fn start() -> Self {
        Self::start_with(Wishes::default()).await
    }

    pub(crate) async fn start_with(wishes: Wishes) -> Self {
        let name = format!("tt{}", uuid::Uuid::new_v4().simple());
        let (owner, app) = (format!("{name}_owner"), format!("{name}_app"));
        // Roles are the whole cluster's: each test has its own.
        as_superuser(&[
            format!("create role {owner} login password 'o'"),
            format!("create role {app} login password 'a'"),
            format!("create database {name} owner {owner}"),
        ])
        .await;
        superuser()
            .database(&name)
            .connect()
            .await
            .expect("the new database")
            .execute("create extension vector")
            .await
            .expect("pgvector");
        let address = |role: &str, password: &str| {
            let url = superuser()
                .username(role)
                .password(password)
                .database(&name)
                .to_url_lossy();
            Secret::new(url.to_string())
        };
        let site = site();
        let settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            metrics: wishes.metrics.then(|| SocketAddr::from(([127, 0, 0, 1], 0))),
            public_url: wishes
                .public_url
                .map(|url| url.parse::<PublicUrl>().expect("an address")),
            site_root: site.path().to_owned(),
            hash_file: Some(site.path().join("hash.txt")),
            trusted_proxies: wishes.trusted_proxies,
            database: DatabaseSource::Given {
                app: address(&app, "a"),
                owner: address(&owner, "o"),
            },
            max_connections: 4,
            sign_up: wishes.sign_up,
            default_tier: wishes.default_tier,
            foods: None,
            demo: false,
            mailer: wishes.mailer,
        };
        let server = serve::start(&settings, Instant::now())
            .await
            .expect("the server starts");
        Self {
            address: server.address(),
            server,
            name,
            settings,
            site,
        }
    }

    /// Stops the server and starts it anew on the same database.
    pub(crate) async fn restart(self) -> Self {
        self.restart_with(|_| {}).await
    }

    /// The same house under other rules.
    pub(crate) async fn restart_with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self.server.stop().await;
        let server = serve::start(&self.settings, Instant::now())
            .await
            .expect("the server starts again");
        Self {
            address: server.address(),
            server,
            ..self
        }
    }

    /// Writes a file of its site, as another build would.
    pub(crate) fn write(&self, path: &str, content: &[u8]) {
        std::fs::write(self.site.path().join(path), content).expect("a file");
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.site.path().join(path)).expect("a file");
    }

    /// Another server of the same database, as behind a balancer.
    pub(crate) async fn another_server(&self) -> Server {
        serve::start(&self.settings, Instant::now())
            .await
            .expect("another server starts")
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        client::send(self.address, "GET", path, headers, b"").await
    }

    /// A form, posted as a browser does it from a page of ours.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut all = vec![
            ("accept", "text/html,application/xhtml+xml"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
        ];
        all.retain(|(name, _)| !headers.iter().any(|(given, _)| given == name));
        all.extend_from_slice(headers);
        client::send(self.address, "POST", path, &all, body).await
    }

    /// What Prometheus would be told.
    pub(crate) async fn metrics(&self, path: &str) -> Answer {
        let address = self.server.metrics_address().expect("Prometheus is let in");
        client::send(address, "GET", path, &[], b"").await
    }

    /// Runs a statement on its database, past row security.
    pub(crate) async fn run(&self, statement: &str) {
        let mut connection = superuser().database(&self.name).connect().await.expect("its database");
        connection
            .execute(AssertSqlSafe(statement.to_owned()))
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// Takes the database away (or gives it back): nobody may connect, and who is connected is thrown out.
    pub(crate) async fn database_away(&self, away: bool) {
        let name = &self.name;
        as_superuser(&[format!("alter database {name} with allow_connections {}", !away)]).await;
        if away {
            as_superuser(&[format!(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
            )])
            .await;
        }
    }

    pub(crate) async fn stop(self) {
        self.server.stop().await;
        let name = &self.name;
        as_superuser(&[
            format!("drop database {name} with (force)"),
            format!("drop role {name}_owner"),
            format!("drop role {name}_app"),
        ])
        .await;
    }
}

/// A site as the build lays it out, with nothing to speak of in its hashed files.
fn site() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let write = |path: &str, content: &[u8]| {
        let path: PathBuf = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    };
    write("pkg/tinytummy.0123456789abcdef.js", b"plain");
    write("pkg/tinytummy.0123456789abcdef.js.br", b"brotli");
    write(
        "hash.txt",
        b"js:0123456789abcdef\nwasm:0123456789abcdef\ncss:0123456789abcdef\n",
    );
    write("pkg/tinytummy.0123456789abcdef.wasm", b"wasm");
    write("pkg/tinytummy.0123456789abcdef.css", b"css");
    let public = concat!(env!("CARGO_MANIFEST_DIR"), "/../public");
    for file in std::fs::read_dir(public).expect("the public files") {
        let file = file.expect("a file");
        let name = file.file_name().into_string().expect("a name");
        write(&name, &std::fs::read(file.path()).expect("its bytes"));
    }
    dir
}

fn superuser() -> PgConnectOptions {
    std::env::var("TEST_DATABASE_URL")
        .expect("TEST_DATABASE_URL names a PostgreSQL: run the tests by way of tools/with-postgres")
        .parse()
        .expect("an address")
}

async fn as_superuser(statements: &[String]) {
    let mut connection = superuser().connect().await.expect("the test database");
    for statement in statements {
        connection
            .execute(AssertSqlSafe(statement.clone()))
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    connection.close().await.expect("it closes");
}
