//! What a request brings: its path, its query, its body. Each refusal is a problem of ours.

use super::error::ApiError;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

/// What the path names. A text that is no id names nothing.
#[derive(Debug)]
pub(super) struct InPath<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for InPath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(named)) => Ok(Self(named)),
            Err(_) => Err(ApiError::not_found()),
        }
    }
}

/// What the query asks for.
#[derive(Debug)]
pub(super) struct InQuery<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for InQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(asked)| Self(asked))
            .map_err(|error| ApiError::bad_query(error.body_text()))
    }
}

/// How many of a list are wanted.
///
/// # Errors
/// Fewer than one, or more than `most`.
pub(super) fn limit(asked: Option<u32>, usual: u32, most: u32) -> Result<u32, ApiError> {
    let limit = asked.unwrap_or(usual);
    if (1..=most).contains(&limit) {
        Ok(limit)
    } else {
        Err(ApiError::bad_query(format!("The limit must be from 1 to {most}.")))
    }
}

/// A JSON body. Unknown fields are refused: a slip of the pen must not lose what was meant.
#[derive(Debug)]
pub(super) struct Sent<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::not_json());
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| ApiError::cut_short())?;
        let mut json = serde_json::Deserializer::from_slice(&body);
        let sent = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            match error.inner().classify() {
                serde_json::error::Category::Data => ApiError::invalid(path, error.inner().to_string()),
                _ => ApiError::bad_json(error.inner().to_string()),
            }
        })?;
        json.end().map_err(|error| ApiError::bad_json(error.to_string()))?;
        Ok(Self(sent))
    }
}

/// `application/json`, or a kind of it such as `application/merge-patch+json`.
fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .map(|kind| kind.trim().to_ascii_lowercase())
        .is_some_and(|kind| kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json")))
}

/// A calendar date as year-month-day, of a year that PostgreSQL knows.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Date(pub(super) NaiveDate);

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Some(&text)
            .filter(|text| text.len() == 10 && text.starts_with(|c: char| c.is_ascii_digit()))
            .and_then(|text| text.parse().ok())
            .map(Self)
            .ok_or_else(|| D::Error::custom("a date is year-month-day, such as 2026-03-14"))
    }
}

/// An instant as RFC 3339 has it, with its offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instant(pub(super) DateTime<Utc>);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|instant| Self(instant.to_utc()))
            .map_err(|_| D::Error::custom("a time is a date, a time and an offset, such as 2026-03-14T18:30:00+01:00"))
    }
}

macro_rules! text_with_format {
    ($($name:ident $format:ident),+) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::$format)))
                    .into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

text_with_format!(Date Date, Instant DateTime);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_date_is_a_date() {
        let date = |text: &str| serde_json::from_value::<Date>(text.into()).is_ok();
        assert!(date("2026-03-14") && date("0001-01-01"));
        for text in [
            "",
            "2026-3-14",
            "14.03.2026",
            "2026-02-30",
            "+262142-01-01",
            "-0001-01-1",
            "2026-03-14T00:00:00Z",
        ] {
            assert!(!date(text), "{text}");
        }
    }

    #[test]
    fn a_kind_of_json_is_json() {
        let json = |kind: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, kind.parse().expect("a header"));
            is_json(&headers)
        };
        assert!(json("application/json") && json("Application/JSON; charset=utf-8"));
        assert!(json("application/merge-patch+json"));
        assert!(!json("text/plain") && !json("application/x-www-form-urlencoded") && !json("text/json"));
    }
}
