//! What a request brings to a server function, and how it gets through the one door to
//! the database.

use crate::error::AppError;
use axum::extract::Query;
use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HOST, HeaderValue, SET_COOKIE};
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use domain::food::Table;
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use services::mail::Mailer;
use services::sessions::{Session, Token, Visitor};
use services::{Database, ServiceError, Tx};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

/// What all requests share. The router provides one as context.
#[derive(Clone, Debug)]
pub struct Site {
    pub db: Database,
    pub foods: &'static Table,
    /// Where the browser finds the same table, and those of older meals after it; named by what they hold.
    pub food_files: Vec<&'static str>,
    pub sign_up_open: bool,
    /// Sends mail, where the server has somebody to send it through.
    pub mailer: Option<Mailer>,
    /// The address parents type, such as `https://tummy.example.org`, for links in mail. Always
    /// there with a mailer: the `Host` of a request is whatever the asker wrote.
    pub public_url: Option<String>,
    /// Whether cookies are marked `Secure`: the public address is https.
    pub secure: bool,
}

pub(crate) fn site() -> Site {
    expect_context()
}

/// Who is at the other end: the peer, or what a trusted proxy says. In every request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The time of this request: read once at the edge, handed down.
#[derive(Clone, Copy, Debug)]
pub struct RequestTime(pub DateTime<Utc>);

pub(crate) fn now() -> DateTime<Utc> {
    expect_context::<RequestTime>().0
}

/// The cookie that holds a session.
pub const SESSION_COOKIE: &str = "tinytummy_session";
const THEME_COOKIE: &str = "tinytummy_theme";
/// A year; the session in the database says when it really ends.
const COOKIE_SECONDS: u32 = 31_536_000;

fn cookie(name: &str) -> Option<String> {
    cookie_of(&use_context::<Parts>()?.headers, name)
}

fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, value)| value.to_owned())
}

fn set_cookie(name: &str, value: &str, seconds: u32, http_only: bool) {
    let secure = if site().secure { "; Secure" } else { "" };
    let http_only = if http_only { "; HttpOnly" } else { "" };
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax{http_only}{secure}");
    if let (Some(options), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
        options.append_header(SET_COOKIE, cookie);
    }
}

/// The session that a request outside the app presents, if it ever was one of ours.
pub fn session_of(headers: &HeaderMap) -> Option<Token> {
    Token::parse(&cookie_of(headers, SESSION_COOKIE)?)
}

/// The look that was chosen in that browser; see [`theme`].
pub fn theme_of(headers: &HeaderMap) -> Option<&'static str> {
    known_theme(&cookie_of(headers, THEME_COOKIE)?)
}

/// The token the browser presents, if it ever was one of ours.
pub(crate) fn session_token() -> Option<Token> {
    Token::parse(&cookie(SESSION_COOKIE)?)
}

pub(crate) fn keep_session(token: &Token) {
    set_cookie(SESSION_COOKIE, token.expose(), COOKIE_SECONDS, true);
}

pub(crate) fn forget_session() {
    set_cookie(SESSION_COOKIE, "", 0, true);
}

/// `light`, `dark`, or nothing: as the device has it.
pub(crate) fn theme() -> Option<&'static str> {
    known_theme(&cookie(THEME_COOKIE)?)
}

fn known_theme(theme: &str) -> Option<&'static str> {
    match theme {
        "light" => Some("light"),
        "dark" => Some("dark"),
        _ => None,
    }
}

pub(crate) fn keep_theme(theme: &str) {
    set_cookie(THEME_COOKIE, theme, COOKIE_SECONDS, false);
}

/// The address parents type; where none is configured, the one by which this browser found us. Only
/// for links that are shown to whoever asked, since the asker may have written it.
pub(crate) fn origin() -> Option<String> {
    let found = || {
        let host = use_context::<Parts>()?.headers.get(HOST)?.to_str().ok()?.to_owned();
        Some(format!("http://{host}"))
    };
    site().public_url.or_else(found)
}

/// What the address of the page asks for, by name. The router's own map decodes it twice (leptos#4731), and
/// an address within the address, such as where to go on to, would lose its end.
pub(crate) fn asked(name: &str) -> Option<String> {
    let asked = Query::<Vec<(String, String)>>::try_from_uri(&use_context::<Parts>()?.uri).ok()?;
    asked
        .0
        .into_iter()
        .find(|(asked, _)| asked == name)
        .map(|(_, value)| value)
}

/// The browser, for the parent's list of devices.
fn user_agent() -> String {
    use_context::<Parts>()
        .and_then(|parts| {
            Some(
                parts
                    .headers
                    .get("user-agent")?
                    .to_str()
                    .ok()?
                    .chars()
                    .take(300)
                    .collect(),
            )
        })
        .unwrap_or_default()
}

/// Who asks, as far as the request itself tells.
pub(crate) fn visitor() -> Visitor {
    Visitor {
        user_agent: user_agent(),
        address: use_context::<Parts>()
            .and_then(|parts| parts.extensions.get::<ClientAddress>().copied())
            .map(|ClientAddress(address)| address),
        presented: session_token(),
    }
}

/// A transaction as the account of this request's session.
///
/// # Errors
/// [`AppError::SignedOut`] without a live session; [`AppError::Unavailable`] without a database.
pub(crate) async fn begin() -> Result<(Tx, Session), AppError> {
    let token = session_token().ok_or(AppError::SignedOut)?;
    let (tx, session) = Tx::begin_session(&site().db, &token, now())
        .await?
        .ok_or(AppError::SignedOut)?;
    if session.renewed {
        keep_session(&token);
    }
    Ok((tx, session))
}

/// The transaction that everything on a page is read in, so that who asks is looked up once. The
/// page's renderer provides one as context, and ends it.
#[derive(Clone, Debug, Default)]
pub struct OnePage(Arc<Mutex<Option<(Tx, Session)>>>);

impl OnePage {
    /// Gives its connection back: the page is whole, and whoever reads it may be slow.
    pub async fn end(self) {
        // Dropped rather than committed: it only read, and that saves a round trip.
        self.0.lock().await.take();
    }
}

/// A transaction to read in, as the account of this request's session; nothing written in it stays.
/// What loads for one page takes turns.
///
/// # Errors
/// As of [`begin`].
pub(crate) async fn look() -> Result<(Look, Session), AppError> {
    let page = use_context::<OnePage>().unwrap_or_default();
    let mut open = page.0.lock_owned().await;
    let (tx, session) = match open.take() {
        Some(begun) => begun,
        None => begin().await?,
    };
    *open = Some((tx, session.clone()));
    let tx = OwnedMutexGuard::try_map(open, |open| open.as_mut().map(|(tx, _)| tx));
    Ok((tx.map_err(|_| AppError::SignedOut)?, session))
}

/// One's turn in it.
pub(crate) type Look = OwnedMappedMutexGuard<Option<(Tx, Session)>, Tx>;

/// A fresh id, made from the time of this request.
pub(crate) fn new_id() -> uuid::Uuid {
    services::id::new(now())
}

impl From<ServiceError> for AppError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::SignedOut => Self::SignedOut,
            ServiceError::NotFound => Self::NotFound,
            ServiceError::ReadOnly => Self::ReadOnly,
            ServiceError::NotOwner => Self::NotOwner,
            ServiceError::WrongPassword => Self::WrongPassword,
            ServiceError::Throttled { seconds } => Self::TooManyTries { seconds },
            ServiceError::Busy => Self::Busy,
            ServiceError::LinkOver => Self::LinkOver,
            ServiceError::NeedsPremium(feature) => Self::NeedsPremium(feature),
            ServiceError::Refused(refusals) => Self::Invalid(refusals),
            ServiceError::Unavailable(source) => {
                tracing::warn!(error = %source, "the database cannot be reached");
                Self::Unavailable
            }
            other => {
                // Logged once, here, where it is handled; the parent gets its number.
                let report = new_id().to_string();
                tracing::error!(error = ?other, %report, "a request failed unexpectedly");
                Self::Unexpected { report }
            }
        }
    }
}
