//! The log: one line a request, and never a name, an e-mail address or a meal.

use crate::config::LogFormat;
use crate::problem::Problem;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt as _;
use std::io::IsTerminal as _;
use std::panic::AssertUnwindSafe;
use tokio::time::Instant;
use tracing::Instrument as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

/// Sends the log to standard error; standard output is for what a command answers.
///
/// # Errors
/// When `levels` is not a list like `info,sqlx=warn`.
pub fn start(format: LogFormat, levels: &str) -> Result<(), String> {
    let refuse = || format!("TINYTUMMY_LOG: {levels:?} is not a level, nor a list like info,sqlx=warn");
    // A lone word that is no level would be taken for the name of a part.
    if levels
        .split(',')
        .any(|part| !part.contains('=') && part.trim().parse::<LevelFilter>().is_err())
    {
        return Err(refuse());
    }
    let filter: Targets = levels.parse().map_err(|_| refuse())?;
    // A slow or failed statement is logged where it is handled; sqlx would print its text too.
    let filter = if levels.contains("sqlx") {
        filter
    } else {
        filter.with_target("sqlx", tracing::Level::ERROR)
    };
    let registry = tracing_subscriber::registry();
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let done = match format {
        LogFormat::Text => {
            let lines = lines.with_target(false).with_ansi(std::io::stderr().is_terminal());
            registry.with(lines.with_filter(filter)).try_init()
        }
        LogFormat::Json => registry
            .with(lines.json().flatten_event(true).with_filter(filter))
            .try_init(),
    };
    // Already there when tests start several servers in one process.
    if done.is_ok() {
        log_panics();
    }
    Ok(())
}

/// A panic is one line with its place. Its message only when it is a literal: any other may quote a meal.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload().downcast_ref::<&'static str>().copied();
        tracing::error!(place, message, "a panic: this is a bug");
        if let Some(message) = panic.payload().downcast_ref::<String>() {
            tracing::debug!(message, "what it said");
        }
    }));
}

/// The number of a request, in its log lines, in its answer's `x-request-id` and on an error page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    fn new() -> Self {
        let id = uuid::Uuid::new_v4().simple().to_string();
        // Twelve digits are enough to find a line, and can be read out on the phone.
        Self(id[..12].to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Gives the request its id, logs it, and turns a panic into a page.
///
/// The route is logged, not the path: paths hold children's ids and search words.
pub async fn log_request(mut request: Request, next: Next) -> Response {
    let id = RequestId::new();
    let span = tracing::info_span!("request", id = id.as_str());
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let headers = request.headers().clone();
    request.extensions_mut().insert(id.clone());
    let answer = AssertUnwindSafe(next.run(request))
        .catch_unwind()
        .instrument(span.clone());
    let mut response = answer.await.unwrap_or_else(|_| broken(&id).answer(&headers));
    if let Ok(id) = HeaderValue::try_from(id.as_str()) {
        response.headers_mut().insert("x-request-id", id);
    }
    let _inside = span.enter();
    let status = response.status().as_u16();
    let route = route.as_ref().map_or("(file)", MatchedPath::as_str);
    let ms = began.elapsed().as_secs_f64() * 1000.0;
    let ms = (ms * 10.0).round() / 10.0;
    if route.starts_with("/health/") {
        tracing::debug!(target: "tinytummy::request", %method, route, status, ms);
    } else {
        tracing::info!(target: "tinytummy::request", %method, route, status, ms);
    }
    response
}

fn broken(id: &RequestId) -> Problem {
    Problem {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        code: "broken",
        title: "Something broke on our side",
        detail: format!(
            "It was written down as report {}. What was saved before is safe. Go back and try again; if it stays, \
             tell whoever runs this TinyTummy that number.",
            id.as_str()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    async fn breaks() -> StatusCode {
        panic!("half a banana for {}", "Ada")
    }

    #[tokio::test]
    async fn a_panic_becomes_a_page_with_its_report_and_nothing_of_what_it_said() {
        let router = Router::new().route("/", get(breaks)).layer(from_fn(log_request));
        let request = Request::builder().header("accept", "text/html").body(Body::empty());
        let Ok(answer) = router.oneshot(request.expect("a request")).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let id = answer.headers()["x-request-id"].to_str().expect("an id").to_owned();
        let page = answer.into_body().collect().await.expect("a page").to_bytes();
        let page = String::from_utf8_lossy(&page);
        assert!(page.contains(&format!("report {id}")), "{page}");
        assert!(!page.contains("banana") && !page.contains("Ada"), "{page}");
    }

    #[test]
    fn a_lone_word_that_is_no_level_is_refused() {
        assert!(start(LogFormat::Text, "loud").is_err());
        assert!(start(LogFormat::Text, "info,loud").is_err());
    }
}
