//! Starting the server, and stopping it so that nothing is cut short.

use crate::config::{DatabaseSource, Settings, SignUp};
use crate::embedded::{self, Postgres};
use crate::foods::{FoodFile, FoodsError};
use crate::metrics::{self, Metrics};
use crate::security::Rules;
use crate::{assets, foods, health, logging, pwa, router, security};
use app::request::Site;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use leptos::config::{Env, LeptosOptions};
use services::database::{self, Database, PrepareError};
use sqlx::postgres::PgConnectOptions;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// How long requests in hand may take once we were told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// How long we wait for a given database that is still starting, as compose files start them together.
const DATABASE_PATIENCE: Duration = Duration::from_secs(30);

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{address} is in use by another program. Stop that one, or choose another with {option}.")]
    PortTaken { address: SocketAddr, option: &'static str },
    #[error("{address} cannot be listened on: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Postgres(#[from] embedded::Error),
    #[error("{name} is not a PostgreSQL address: {source}")]
    Url { name: &'static str, source: sqlx::Error },
    #[error(
        "The database of {name} did not answer within {} s: {source}\nIs it running, and is the address right?",
        DATABASE_PATIENCE.as_secs()
    )]
    Away { name: &'static str, source: sqlx::Error },
    #[error("The database cannot be used: {0}")]
    Prepare(#[source] PrepareError),
    #[error(transparent)]
    Foods(#[from] FoodsError),
    #[error("the demo family could not be made: {0}")]
    Demo(#[source] services::ServiceError),
}

/// A server that answers.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    database: Database,
    postgres: Option<Postgres>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
    metrics: Option<(SocketAddr, JoinHandle<io::Result<()>>)>,
}

impl Server {
    /// Where it listens; the port that was found when 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where Prometheus asks, if it may.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(|(address, _)| *address)
    }

    /// Until it ends by itself, which it should not.
    ///
    /// # Errors
    /// What made it end.
    pub async fn failed(&mut self) -> io::Error {
        match (&mut self.serving).await {
            Ok(Ok(())) => io::Error::other("the server ended by itself"),
            Ok(Err(error)) => error,
            Err(error) => io::Error::other(error),
        }
    }

    /// Takes no new requests, finishes those in hand, closes the database and stops the private one.
    pub async fn stop(mut self) {
        // Gone already means that it serves no more.
        let _ = self.stop.send(());
        // Streams last as long as somebody listens.
        self.database.live().stop();
        if !self.serving.is_finished() && timeout(DRAIN, &mut self.serving).await.is_err() {
            tracing::warn!("some requests took too long and were cut off");
            self.serving.abort();
        }
        if let Some((_, metrics)) = self.metrics {
            metrics.abort();
        }
        // Connections of requests that were cut off are not waited for.
        let _ = timeout(Duration::from_secs(5), self.database.close()).await;
        if let Some(postgres) = self.postgres {
            postgres.stop().await;
        }
        tracing::info!("stopped");
    }
}

/// Listens, brings or finds the database, migrates it, and serves. `began` is when the process did.
///
/// # Errors
/// See [`StartError`]; nothing is left running.
pub async fn start(settings: &Settings, began: Instant) -> Result<Server, StartError> {
    // First, so that a port in use costs nothing. Who connects meanwhile waits.
    let (listener, address) = listen(settings.listen, "--listen").await?;
    let metrics_listener = match settings.metrics {
        Some(address) => Some(listen(address, "--metrics").await?),
        None => None,
    };
    // Unpacked while PostgreSQL starts.
    let food_file = settings.foods.clone();
    let unpacking = tokio::task::spawn_blocking(move || FoodFile::in_use(food_file.as_deref()));

    let (postgres, app, owner) = match &settings.database {
        DatabaseSource::Private { data_dir, postgres_dir } => {
            let setup = embedded::Setup {
                data_dir: data_dir.clone(),
                postgres_dir: postgres_dir.clone(),
                max_connections: settings.max_connections,
            };
            let postgres = Postgres::start(&setup).await?;
            let (app, owner) = (postgres.app_url().to_owned(), postgres.owner_url().to_owned());
            (Some(postgres), app, owner)
        }
        DatabaseSource::Given { app, owner } => (None, app.reveal().to_owned(), owner.reveal().to_owned()),
    };
    let opened = async {
        let foods = match unpacking.await {
            Ok(read) => read?,
            Err(broken) => std::panic::resume_unwind(broken.into_panic()),
        };
        let (database, site) = open(settings, foods, &app, &owner, postgres.is_none()).await?;
        Ok((database, site, foods))
    };
    let (database, site, foods) = match opened.await {
        Ok(opened) => opened,
        Err(error) => {
            if let Some(postgres) = postgres {
                postgres.stop().await;
            }
            return Err(error);
        }
    };

    let up = postgres.as_ref().map(Postgres::up);
    let (stop, stopped) = oneshot::channel();
    let metrics = metrics_listener.as_ref().map(|_| Arc::new(Metrics::new(&database)));
    let service = assemble(settings, site, foods, address, up, metrics.clone());
    let service = service.into_make_service_with_connect_info::<SocketAddr>();
    let serving = tokio::spawn(
        axum::serve(listener, service)
            .with_graceful_shutdown(async {
                // A dropped sender is a server that was let go of.
                let _ = stopped.await;
            })
            .into_future(),
    );
    let metrics = metrics_listener.zip(metrics).map(|((listener, address), metrics)| {
        tracing::info!(%address, "metrics for Prometheus");
        let serving = axum::serve(listener, metrics::router(metrics));
        (address, tokio::spawn(serving.into_future()))
    });
    let total = began.elapsed();
    let postgres_took = postgres.as_ref().map_or(Duration::ZERO, Postgres::own_start);
    tracing::info!(
        %address,
        ms = total.as_millis(),
        postgres_ms = postgres_took.as_millis(),
        own_ms = total.saturating_sub(postgres_took).as_millis(),
        "ready in {} ms, of which PostgreSQL took {} ms",
        total.as_millis(),
        postgres_took.as_millis()
    );
    Ok(Server {
        address,
        database,
        postgres,
        stop,
        serving,
        metrics,
    })
}

/// Listens at an address that was given with `option`; answers also with the port that was found.
async fn listen(address: SocketAddr, option: &'static str) -> Result<(TcpListener, SocketAddr), StartError> {
    let listener = TcpListener::bind(address).await.map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            StartError::PortTaken { address, option }
        } else {
            StartError::Listen { address, source }
        }
    })?;
    let found = listener
        .local_addr()
        .map_err(|source| StartError::Listen { address, source })?;
    Ok((listener, found))
}

/// The database made fit for use, and what the pages share.
async fn open(
    settings: &Settings,
    files: &'static [&'static FoodFile],
    app: &str,
    owner: &str,
    wait: bool,
) -> Result<(Database, Site), StartError> {
    let foods = files[0].table;
    let app: PgConnectOptions = app.parse().map_err(|source| StartError::Url {
        name: "DATABASE_URL",
        source,
    })?;
    let owner: PgConnectOptions = owner.parse().map_err(|source| StartError::Url {
        name: "DATABASE_OWNER_URL",
        source,
    })?;
    let patience = if wait { DATABASE_PATIENCE } else { Duration::ZERO };
    answers("DATABASE_OWNER_URL", patience, || Database::prepare(&owner, &app)).await?;
    let database = Database::new(
        app,
        &database::Settings {
            max_connections: settings.max_connections,
            default_tier: settings.default_tier,
            ..database::Settings::default()
        },
    );
    answers("DATABASE_URL", Duration::ZERO, || database.refuse_bypass()).await?;
    if settings.demo {
        #[expect(clippy::disallowed_methods, reason = "the edge: the demo's three weeks end today")]
        let now = chrono::Utc::now();
        services::demo::seed(&database, foods, now)
            .await
            .map_err(StartError::Demo)?;
    }
    database.go_live();
    let site = Site {
        db: database.clone(),
        foods,
        food_files: files.iter().map(|file| file.url.as_str()).collect(),
        sign_up_open: settings.sign_up == SignUp::Open,
        mailer: settings.mailer.clone(),
        public_url: settings.public_url.as_ref().map(|url| url.origin().to_owned()),
        secure: settings
            .public_url
            .as_ref()
            .is_some_and(crate::config::PublicUrl::is_https),
    };
    Ok((database, site))
}

/// Asks until the database is there to answer, within `patience`.
async fn answers<F: Future<Output = Result<(), PrepareError>>>(
    name: &'static str,
    patience: Duration,
    ask: impl Fn() -> F,
) -> Result<(), StartError> {
    let deadline = Instant::now() + patience;
    loop {
        let source = match ask().await {
            Ok(()) => return Ok(()),
            Err(PrepareError::Database(source)) if is_away(&source) => source,
            Err(error) => return Err(StartError::Prepare(error)),
        };
        if Instant::now() >= deadline {
            return Err(StartError::Away { name, source });
        }
        tracing::info!("waiting for the database of {name}");
        sleep(Duration::from_secs(1)).await;
    }
}

fn is_away(error: &sqlx::Error) -> bool {
    const STARTING_UP: &str = "57P03";
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => error.code().as_deref() == Some(STARTING_UP),
        _ => false,
    }
}

/// Everything around the pages; `up` says whether the private PostgreSQL is. The last layer is the first that a request meets.
fn assemble(
    settings: &Settings,
    site: Site,
    foods: &'static [&'static FoodFile],
    address: SocketAddr,
    up: Option<watch::Receiver<bool>>,
    metrics: Option<Arc<Metrics>>,
) -> Router {
    let rules = Arc::new(Rules {
        public_url: settings.public_url.clone(),
        trusted_proxies: settings.trusted_proxies.clone(),
    });
    if !settings.site_root.join("pkg").is_dir() {
        tracing::warn!(
            folder = %settings.site_root.display(),
            "the app's style and wasm are not there: run tools/site, or say with --site-root where they are"
        );
    }
    let files = assets::Site::new(&settings.site_root, settings.hash_file.is_some());
    let database = site.db.clone();
    let ready = move || {
        let (database, up) = (database.clone(), up.clone());
        async move { health::ready(database.ready(), up).await }
    };
    let leptos = leptos_options(settings, address);
    let pwa = pwa::router(leptos.clone(), site.food_files.clone(), router::live_pages(&site));
    let router = router::router(site, leptos)
        .merge(pwa)
        .route("/health/live", get(health::live))
        .route("/health/ready", get(ready))
        .route("/foods/{file}", get(foods::get).with_state(foods))
        .layer(from_fn(security::in_time))
        .layer(from_fn_with_state(files, assets::serve_files))
        .layer(from_fn(security::limit_body))
        .layer(from_fn_with_state(rules.clone(), security::check_origin))
        .layer(assets::compression());
    let router = match metrics {
        Some(metrics) => router.layer(from_fn_with_state(metrics, metrics::observe)),
        None => router,
    };
    router
        .layer(from_fn(logging::log_request))
        .layer(from_fn_with_state(rules.clone(), security::client_address))
        .layer(from_fn_with_state(rules, security::set_headers))
}

/// What leptos wants to know; `cargo leptos watch` says some of it by environment.
fn leptos_options(settings: &Settings, address: SocketAddr) -> LeptosOptions {
    let variable = |name: &str| std::env::var(name).ok();
    LeptosOptions::builder()
        .output_name("tinytummy")
        .site_root(settings.site_root.to_string_lossy().into_owned())
        .site_pkg_dir("pkg")
        .env(if variable("LEPTOS_ENV").as_deref() == Some("DEV") {
            Env::DEV
        } else {
            Env::PROD
        })
        .site_addr(address)
        .reload_port(
            variable("LEPTOS_RELOAD_PORT")
                .and_then(|port| port.parse().ok())
                .unwrap_or(3001),
        )
        .hash_files(settings.hash_file.is_some())
        // Absolute: it is joined to the binary's folder, and replaces it.
        .hash_file(
            settings
                .hash_file
                .as_deref()
                .unwrap_or(Path::new("hash.txt"))
                .to_string_lossy()
                .into(),
        )
        .build()
}
