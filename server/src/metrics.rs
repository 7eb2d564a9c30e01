//! What Prometheus is told, on a listener of its own: counts and times, and never a name, an e-mail
//! address or an id.

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use services::Database;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// In seconds: a page takes a few milliseconds, a sign-in tens, a database that is away three seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// The route of every server function.
const FUNCTIONS: &str = "/api/{*function}";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: &'static str,
    status: &'static str,
}

/// What is measured, and how it is told.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Histogram, fn() -> Histogram>,
    functions: HashSet<&'static str>,
}

impl Metrics {
    pub fn new(database: &Database) -> Self {
        let requests = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        let counts = database.counts();
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process::new()));
        let own = registry.sub_registry_with_prefix("tinytummy");
        own.register(
            "http_request_duration_seconds",
            "Time until the head of an answer was ready, by route, method and class of status",
            requests.clone(),
        );
        own.register("sign_ins", "Tries to sign in, by outcome", counts.sign_ins.clone());
        own.register(
            "meals_logged",
            "Meals logged, by how they were entered and by the tier of who logged them",
            counts.meals.clone(),
        );
        own.register(
            "changes",
            "Changes on the write path: written, or repeated by a client that was not sure",
            counts.changes.clone(),
        );
        own.register(
            "database_waiting",
            "Transactions that wait for a connection, or for it to begin them",
            counts.waiting.clone(),
        );
        own.register(
            "build",
            "Which TinyTummy this is",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        own.register_collector(Box::new(Pool(database.clone())));
        Self {
            registry,
            requests,
            functions: leptos::server_fn::axum::server_fn_paths()
                .map(|(path, _)| path)
                .collect(),
        }
    }

    /// The pattern of the request's route. A path is told only where it is a server function's, which
    /// are known beforehand: any other may hold an id, or whatever a stranger thinks of.
    fn route(&self, request: &Request) -> String {
        let path = request.uri().path();
        match request.extensions().get::<MatchedPath>().map(MatchedPath::as_str) {
            Some(FUNCTIONS) if self.functions.contains(path) => path.to_owned(),
            Some(pattern) => pattern.to_owned(),
            None => "(file)".to_owned(),
        }
    }
}

/// Measures every request.
pub async fn observe(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = metrics.route(&request);
    let method = method(request.method());
    let response = next.run(request).await;
    let labels = RequestLabels {
        route,
        method,
        status: class(response.status()),
    };
    let seconds = began.elapsed().as_secs_f64();
    metrics.requests.get_or_create(&labels).observe(seconds);
    response
}

/// A method may be any word: a stranger's make no lines of their own.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

/// `/metrics`, and nothing else: for the listener that only Prometheus reaches.
pub fn router(metrics: Arc<Metrics>) -> Router {
    Router::new().route("/metrics", get(tell)).with_state(metrics)
}

async fn tell(State(metrics): State<Arc<Metrics>>) -> Response {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let mut text = String::new();
    match encode(&mut text, &metrics.registry) {
        Ok(()) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(fmt::Error) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// One figure, read when it is asked for.
fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let gauge = ConstGauge::new(value);
    gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
}

/// The pool of connections, as it is at the moment.
#[derive(Debug)]
struct Pool(Database);

impl Collector for Pool {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (size, idle) = self.0.connections();
        let idle = u64::try_from(idle).unwrap_or(u64::MAX);
        gauge(
            &mut encoder,
            "database_connections",
            "Connections to the database",
            size.into(),
        )?;
        gauge(
            &mut encoder,
            "database_connections_idle",
            "Those that wait for work",
            idle,
        )
    }
}

/// This process, under the names that Prometheus' own clients use.
#[derive(Debug)]
struct Process {
    /// Seconds since 1970.
    started: u64,
}

impl Process {
    fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the edge: when the process started")]
        let now = SystemTime::now();
        Self {
            started: now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let started = "When the process started, in seconds since 1970";
        gauge(&mut encoder, "process_start_time_seconds", started, self.started)?;
        if let Some(bytes) = resident_bytes() {
            gauge(
                &mut encoder,
                "process_resident_memory_bytes",
                "Memory in use, in bytes",
                bytes,
            )?;
        }
        Ok(())
    }
}

/// `None` where there is no /proc, as on macOS.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
