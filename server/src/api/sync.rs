//! What a phone wrote goes in, what others wrote since goes out.

use super::Api;
use super::asker::Asker;
use super::error::ApiError;
use super::received::Sent;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::sync::{MOST_CHANGES, PROTOCOL, Reply, Upload};
use serde::Deserialize;
use serde_json::json;
use services::sync::SyncError;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The body of a request, as `domain::sync` reads it.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Written(Upload);

impl PartialSchema for Written {
    fn schema() -> RefOr<Schema> {
        schema(json!({
            "type": "object",
            "description": "What a phone wrote, and up to where it knows what others did.",
            "required": ["protocol", "account", "changes", "known"],
            "properties": {
                "protocol": {"type": "integer", "enum": [PROTOCOL], "description": "The version of all this: 1."},
                "account": {"type": "string", "format": "uuid", "description": "Whose phone it is."},
                "changes": {
                    "type": "array",
                    "maxItems": MOST_CHANGES,
                    "description": "In the order they were made.",
                    "items": {
                        "type": "object",
                        "description": "One write, known by its id. The last stamp wins, field by field.",
                        "required": ["id", "child", "noun", "row", "fields", "stamp"],
                        "properties": {
                            "id": {"type": "string", "format": "uuid", "description": "A UUIDv7, made where the write was."},
                            "child": {"type": "string", "format": "uuid"},
                            "noun": {"type": "string", "enum": ["meal"]},
                            "row": {"type": "string", "format": "uuid", "description": "Made where the row was."},
                            "fields": {"type": "object", "description": "What is left out stays as it is."},
                            "stamp": {"type": "string", "format": "date-time", "description": "When it was written."}
                        }
                    }
                },
                "known": {
                    "type": "object",
                    "description": "By child, the number of the last change that is known. A child left out is sent whole.",
                    "additionalProperties": {"type": "integer", "minimum": 0}
                }
            }
        }))
    }
}

impl ToSchema for Written {}

/// The answer, as `domain::sync` writes it.
#[derive(Debug, serde::Serialize)]
#[serde(transparent)]
pub(super) struct Told(Reply);

impl PartialSchema for Told {
    fn schema() -> RefOr<Schema> {
        schema(json!({
            "type": "object",
            "required": ["now", "outcomes", "account", "children"],
            "properties": {
                "now": {"type": "string", "format": "date-time", "description": "The server's clock, to set stamps by."},
                "outcomes": {
                    "type": "array",
                    "description": "Of each change, in order.",
                    "items": {
                        "type": "object",
                        "required": ["change", "fate"],
                        "properties": {
                            "change": {"type": "string", "format": "uuid"},
                            "fate": {"type": "string", "enum": ["accepted", "rejected", "retry"]},
                            "restamped": {"type": "boolean", "description": "Its stamp ran ahead and was set back."},
                            "reason": {"type": "object", "description": "Why it was rejected."}
                        }
                    }
                },
                "account": {"type": "object", "description": "Who asked."},
                "children": {
                    "type": "array",
                    "description": "Every child there is for the account: its profile, and what is new.",
                    "items": {
                        "type": "object",
                        "required": ["id", "seq", "whole", "more", "meals", "deleted"],
                        "properties": {
                            "id": {"type": "string", "format": "uuid"},
                            "seq": {"type": "integer", "description": "Up to here everything is known now."},
                            "whole": {"type": "boolean", "description": "What was known before goes."},
                            "more": {"type": "boolean", "description": "Ask again at once."},
                            "meals": {"type": "array", "items": {"type": "object"}, "description": "As they stand now."},
                            "deleted": {"type": "array", "items": {"type": "object"}, "description": "As they last were."}
                        }
                    }
                }
            }
        }))
    }
}

impl ToSchema for Told {}

fn schema(json: serde_json::Value) -> RefOr<Schema> {
    RefOr::T(serde_json::from_value(json).expect("a schema as utoipa writes it"))
}

/// Send what was written on a phone, and get what is new
///
/// Each change is written by itself: accepted, rejected with a reason, or to be sent again. Sent twice, it is
/// written once. The answer brings, for each child, every row that changed after the number the phone knows, also
/// those deleted. A file that belongs to a row goes up by itself before.
#[utoipa::path(
    post,
    path = "/api/v1/sync",
    operation_id = "sync",
    tag = "Sync",
    request_body = Written,
    responses(
        (status = 200, description = "What became of each change, and what is new.", body = Told),
        (status = 409, description = "The phone is another account's: its changes stay there.",
         body = crate::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 426, description = "The app speaks another protocol: its changes stay on the phone until it is updated.",
         body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn sync(
    State(api): State<Api>,
    asker: Asker,
    Sent(Written(upload)): Sent<Written>,
) -> Result<Json<Told>, ApiError> {
    let (mut tx, device) = asker.enter_from_device(&api.site).await?;
    let account = services::accounts::account(&mut tx, asker.now).await?;
    let reply = services::sync::sync(&mut tx, &account, device, &upload, api.site.foods, asker.now).await?;
    tx.commit().await?;
    Ok(Json(Told(reply)))
}

impl From<SyncError> for ApiError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::OtherProtocol(_) => Self::new(
                StatusCode::UPGRADE_REQUIRED,
                "other_protocol",
                "This app needs an update",
                format!("Nothing was written; it stays on the phone. This server speaks protocol {PROTOCOL}."),
            ),
            SyncError::OtherAccount => Self::new(
                StatusCode::CONFLICT,
                "other_account",
                "Somebody else is signed in",
                "Nothing was written; it stays on the phone until its account signs in again.",
            ),
            SyncError::TooMany => Self::invalid("changes", format!("No more than {MOST_CHANGES} changes at once.")),
            SyncError::Service(error) => error.into(),
        }
    }
}
