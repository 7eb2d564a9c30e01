//! Whether we live, and whether we can serve: for whoever watches over us.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::time::Duration;
use tokio::sync::watch;

/// Longer than this to answer one row, and a parent waits too long as well.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Health {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<&'static str>,
}

/// `GET /health/live`: the process answers. Says nothing of the database, or a database that is away
/// would have us killed again and again.
pub async fn live() -> impl IntoResponse {
    Json(Health {
        status: "ok",
        database: None,
    })
}

/// `GET /health/ready`: 200 when `ask` answered in time, 503 otherwise, and at once while `up` is false:
/// a request may wait for a database that is being restarted, this question may not.
pub async fn ready<E: std::fmt::Display>(
    ask: impl Future<Output = Result<(), E>>,
    up: Option<watch::Receiver<bool>>,
) -> Response {
    let down = async {
        // A sender that is gone has stopped with the server.
        match up {
            Some(mut up) => drop(up.wait_for(|up| !up).await),
            None => std::future::pending().await,
        }
    };
    let trouble = tokio::select! {
        biased;
        () = down => "it is being restarted".to_owned(),
        answer = tokio::time::timeout(PATIENCE, ask) => match answer {
            Ok(Ok(())) => return Json(Health { status: "ok", database: Some("ok") }).into_response(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer in {} s", PATIENCE.as_secs()),
        },
    };
    tracing::warn!(trouble, "not ready: the database does not answer");
    let health = Health {
        status: "unavailable",
        database: Some("away"),
    };
    (StatusCode::SERVICE_UNAVAILABLE, Json(health)).into_response()
}
