//! `/api/v1`: the app as JSON, for a family's own programs. Thin doors to the same service functions
//! that the pages go through.

mod account;
mod analysis;
mod answer;
mod asker;
mod children;
mod days;
mod document;
mod error;
mod events;
mod foods;
mod meals;
mod reader;
mod received;
mod sync;
mod words;

use app::request::Site;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use error::ApiError;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the handlers share.
#[derive(Clone, Debug)]
struct Api {
    site: Site,
    /// The document, as it is served.
    document: Arc<str>,
    reader: Arc<reader::Page>,
}

/// Everything under `/api/v1`. `stylesheet` is the address of the app's own.
pub(crate) fn router(site: Site, stylesheet: &str) -> Router {
    let (router, described) = operations().split_for_parts();
    let document = document::finished(described);
    let api = Api {
        site,
        document: serde_json::to_string(&document).unwrap_or_default().into(),
        reader: Arc::new(reader::Page::new(&document, stylesheet)),
    };
    router
        .route("/api/v1/openapi.json", get(openapi))
        .route("/api/v1/docs", get(docs))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        // Server functions are at /api/{*function}: nothing of ours may fall through to them.
        .route("/api/v1", any(nothing_here))
        .route("/api/v1/", any(nothing_here))
        .route("/api/v1/{*rest}", any(nothing_here))
        .with_state(api)
}

/// Each operation once: its route and its description come from the same function.
fn operations() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(document::begun())
        .routes(routes!(account::read))
        .routes(routes!(children::list))
        .routes(routes!(
            children::read,
            children::put,
            children::change,
            children::delete
        ))
        .routes(routes!(foods::search))
        .routes(routes!(analysis::analyse))
        .routes(routes!(meals::list))
        .routes(routes!(meals::read, meals::put, meals::change, meals::delete))
        .routes(routes!(meals::restore))
        .routes(routes!(days::read))
        .routes(routes!(sync::sync))
        .routes(routes!(events::events))
}

async fn nothing_here() -> ApiError {
    ApiError::not_found()
}

/// `GET /api/v1/openapi.json`
async fn openapi(State(api): State<Api>) -> Response {
    ([(CONTENT_TYPE, "application/json")], api.document.to_string()).into_response()
}

/// `GET /api/v1/docs`
async fn docs(State(api): State<Api>, headers: HeaderMap) -> Response {
    api.reader.answer(&headers)
}
