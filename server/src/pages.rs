//! Showing pages, taking their forms, and calling server functions.
//!
//! A form posts to its own page (see `app::form`). What the server function refuses, the
//! page shows again with what was typed; what it accepts ends in a redirect, so that
//! loading the page again sends nothing twice. What it answers with (a key that is shown once)
//! the page shows at once instead, since no address may hold it.

use crate::problem::Problem;
use crate::pwa;
use crate::router::Pages;
use crate::security::{BODY_LIMIT, page_policy};
use app::Half;
use app::api::account::SignIn;
use app::error::AppError;
use app::form::{Answer, FUNCTION, Refused};
use app::request::{ClientAddress, OnePage, RequestTime, Site};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::header::{
    ACCEPT, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE,
};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos::server_fn::ServerFn as _;
use leptos_axum::ResponseOptions;
use std::time::Duration;
use tokio::time::timeout;

/// The header by which a server function says that its answer is an error.
const ERROR_HEADER: &str = "serverfnerror";

/// A little more than the longest statement may take, for a database that hangs without a word. The
/// form that waited comes back as it does when the database is away.
const PATIENCE: Duration = Duration::from_secs(11);

/// What every page and server function finds in its context.
pub(crate) fn provide(site: &Site) {
    #[expect(
        clippy::disallowed_methods,
        reason = "the edge: the time of a request is read here and handed down"
    )]
    provide_context(RequestTime(chrono::Utc::now()));
    provide_context(site.clone());
    if let (Some(nonce), Some(options)) = (use_nonce(), use_context::<ResponseOptions>())
        && let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce))
    {
        options.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

/// A page.
pub(crate) async fn show(State(pages): State<Pages>, request: Request<Body>) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    render(pages, None, request).await
}

/// What became of the form that a page was sent, where it is for the page to show.
#[derive(Clone)]
enum Outcome {
    Refused(Refused),
    Answered(Answer),
}

/// A page, with what became of its form if one was sent.
///
/// Rendered whole before the first byte goes out: a page that is not there and a form that
/// failed need their status code.
async fn render(pages: Pages, outcome: Option<Outcome>, request: Request<Body>) -> Response {
    let Pages { site, leptos, half } = pages;
    let client = (half == Half::Live).then(|| pwa::client(&leptos, &site.food_files));
    let page = OnePage::default();
    let read = page.clone();
    let context = move || {
        provide(&site);
        provide_context(read.clone());
        match &outcome {
            Some(Outcome::Refused(refused)) => {
                if let (Some(options), Ok(status)) = (
                    use_context::<ResponseOptions>(),
                    StatusCode::from_u16(refused.error.status()),
                ) {
                    options.set_status(status);
                    if let Some(seconds) = refused.error.retry_after() {
                        options.insert_header(RETRY_AFTER, seconds.into());
                    }
                }
                provide_context(refused.clone());
            }
            Some(Outcome::Answered(answer)) => provide_context(answer.clone()),
            None => {}
        }
    };
    let shell = move || app::shell(leptos.clone(), client.clone());
    let response = leptos_axum::render_app_async_with_context(context, shell)(request).await;
    page.end().await;
    response
}

/// A server function, called by the wasm.
pub(crate) async fn call(State(pages): State<Pages>, request: Request<Body>) -> Response {
    match run(&pages, request).await {
        Ok(response) => response,
        Err((error, mut response)) => {
            *response.status_mut() = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            if let Some(seconds) = error.retry_after() {
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
            }
            response
        }
    }
}

/// Runs the server function at the request's path and counts sign-ins; an error comes decoded,
/// beside the answer it stood in.
async fn run(pages: &Pages, request: Request<Body>) -> Result<Response, (AppError, Response)> {
    let signs_in = request.uri().path() == SignIn::PATH;
    let answer = answer(pages, request).await;
    if signs_in {
        let outcome = match &answer {
            Ok(_) => "signed_in",
            Err((AppError::WrongPassword, _)) => "wrong_password",
            Err((AppError::Unavailable | AppError::Unexpected { .. }, _)) => "failed",
            Err(_) => "refused",
        };
        pages.site.db.counts().sign_in(outcome);
    }
    answer
}

async fn answer(pages: &Pages, request: Request<Body>) -> Result<Response, (AppError, Response)> {
    let site = pages.site.clone();
    let answer = leptos_axum::handle_server_fns_with_context(move || provide(&site), request);
    let Ok(answer) = timeout(PATIENCE, answer).await else {
        tracing::warn!("a server function was given up after {} s", PATIENCE.as_secs());
        let error = AppError::Unavailable;
        let said = serde_json::to_string(&error).unwrap_or_default();
        return Err((error, ([(CONTENT_TYPE, "application/json")], said).into_response()));
    };
    let response = answer.into_response();
    if !response.headers().contains_key(ERROR_HEADER) {
        return Ok(response);
    }
    let (head, body) = response.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
    let error = serde_json::from_slice(&body).unwrap_or_else(|_| AppError::Unexpected {
        report: "none".to_owned(),
    });
    Err((error, Response::from_parts(head, Body::from(body))))
}

/// A form posted to its page, by a browser whose wasm has not arrived or never will.
pub(crate) async fn submit(State(pages): State<Pages>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return Problem {
            status: StatusCode::BAD_REQUEST,
            code: "cut_short",
            title: "That did not arrive whole",
            detail: "Nothing was saved; please go back and send it again.".to_owned(),
        }
        .answer(&head.headers);
    };
    let typed = fields(&body);
    let function = typed
        .iter()
        .find(|(name, _)| name == FUNCTION)
        .and_then(|(_, path)| path.parse::<Uri>().ok());
    let Some(function) = function.filter(|function| function.path().starts_with("/api/")) else {
        return Problem {
            status: StatusCode::BAD_REQUEST,
            code: "unknown_form",
            title: "This page is older than the server",
            detail: "Nothing was saved. Go back, load the page again, and send it once more.".to_owned(),
        }
        .answer(&head.headers);
    };

    let mut call = Request::new(Body::from(body));
    *call.method_mut() = Method::POST;
    *call.uri_mut() = function.clone();
    *call.headers_mut() = head.headers.clone();
    if let Some(address) = head.extensions.get::<ClientAddress>() {
        call.extensions_mut().insert(*address);
    }
    // Told that nobody reads HTML, a server function answers with its error instead of a
    // redirect that carries it in the address.
    call.headers_mut()
        .insert(ACCEPT, HeaderValue::from_static("application/json"));

    match run(&pages, call).await {
        Ok(answer) => {
            let (answer, value) = answer.into_parts();
            let value = to_bytes(value, BODY_LIMIT).await.unwrap_or_default();
            let mut response = match answer.headers.get(LOCATION) {
                // What it answers is shown, this once.
                None if !value.is_empty() && value != "null" => {
                    let shown = Answer {
                        function: function.path().to_owned(),
                        value: String::from_utf8_lossy(&value).into_owned(),
                    };
                    render(pages, Some(Outcome::Answered(shown)), page(head)).await
                }
                location => {
                    let here = || HeaderValue::from_str(head.uri.path()).unwrap_or(HeaderValue::from_static("/"));
                    let mut response = StatusCode::SEE_OTHER.into_response();
                    let location = location.cloned().unwrap_or_else(here);
                    response.headers_mut().insert(LOCATION, location);
                    response
                }
            };
            for cookie in answer.headers.get_all(SET_COOKIE) {
                response.headers_mut().append(SET_COOKIE, cookie.clone());
            }
            response
        }
        Err((error, _)) => {
            let typed = typed
                .into_iter()
                .filter(|(name, _)| name != FUNCTION && !name.contains("password"))
                .collect();
            let refused = Refused {
                function: function.path().to_owned(),
                typed,
                error,
            };
            render(pages, Some(Outcome::Refused(refused)), page(head)).await
        }
    }
}

/// The page that a form was posted to, asked for as if by a link.
fn page(head: Parts) -> Request<Body> {
    let mut page = Request::from_parts(head, Body::empty());
    *page.method_mut() = Method::GET;
    page.headers_mut().remove(CONTENT_LENGTH);
    page.headers_mut().remove(CONTENT_TYPE);
    page
}

fn fields(body: &Bytes) -> Vec<(String, String)> {
    form_urlencoded::parse(body).into_owned().collect()
}
