//! The account that asks.

use super::Api;
use super::asker::Asker;
use super::error::ApiError;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use services::tokens::Bearer;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Account {
    id: Uuid,
    email: String,
    first_name: String,
    last_name: String,
    /// IANA name, such as Europe/Berlin.
    time_zone: String,
    /// The token that asks; null for a session.
    token: Option<Token>,
}

/// How far a token reaches.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Token {
    name: String,
    may_write: bool,
    /// The children it reaches; null for every child its owner can see.
    children: Option<Vec<Uuid>>,
    expires_at: Option<DateTime<Utc>>,
}

impl From<Bearer> for Token {
    fn from(bearer: Bearer) -> Self {
        Self {
            name: bearer.name,
            may_write: bearer.may_write,
            children: bearer.children.map(|ids| ids.into_iter().map(|id| id.0).collect()),
            expires_at: bearer.expires_at,
        }
    }
}

/// Who is asking
///
/// The account, and how far the token reaches.
#[utoipa::path(
    get,
    path = "/api/v1/account",
    operation_id = "read_account",
    tag = "Account",
    responses((status = 200, description = "The account.", body = Account))
)]
pub(super) async fn read(State(api): State<Api>, asker: Asker) -> Result<Json<Account>, ApiError> {
    let (mut tx, bearer) = asker.enter_with(&api.site).await?;
    let account = services::accounts::account(&mut tx, asker.now).await?;
    tx.commit().await?;
    Ok(Json(Account {
        id: account.id.0,
        email: account.email,
        first_name: account.first_name,
        last_name: account.last_name,
        time_zone: account.time_zone,
        token: bearer.map(Token::from),
    }))
}
