//! Personal tokens for programs: making, listing and revoking them.

use crate::error::AppError;
use chrono::NaiveDate;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::request;

/// What the page of tokens shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tokens {
    pub tokens: Vec<TokenLine>,
    /// Id and name of each child one may choose.
    pub children: Vec<(String, String)>,
    /// The id of the token that the form makes: sent twice, it makes one.
    pub new: String,
}

/// One token. Dates are those of the parent's own calendar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenLine {
    pub id: String,
    pub name: String,
    /// `None` for all; a child that is gone has no name left.
    pub children: Option<Vec<String>>,
    pub may_write: bool,
    pub made_on: NaiveDate,
    pub last_used_on: Option<NaiveDate>,
    pub expires_on: Option<NaiveDate>,
    pub expired: bool,
}

/// A token just made. Its key is in this one answer and nowhere else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MadeToken {
    pub name: String,
    pub key: String,
}

#[server(endpoint = "token/list")]
pub async fn load_tokens() -> Result<Tokens, AppError> {
    let (mut tx, session) = request::look().await?;
    let children = services::children::list(&mut tx).await?;
    let tokens = services::tokens::list(&mut tx).await?;
    let zone = services::zone::parse(&session.account.time_zone).unwrap_or(chrono_tz::Tz::UTC);
    let on = |at| services::zone::date(at, zone);
    let line = |token: services::tokens::AccessToken| TokenLine {
        id: token.id.to_string(),
        name: token.name,
        children: token.children.map(|ids| {
            children
                .iter()
                .filter(|child| ids.contains(&child.id))
                .map(|child| child.profile.name.clone())
                .collect()
        }),
        may_write: token.may_write,
        made_on: on(token.created_at),
        last_used_on: token.last_used_at.map(on),
        expires_on: token.expires_at.map(on),
        expired: token.expires_at.is_some_and(|end| end <= request::now()),
    };
    Ok(Tokens {
        tokens: tokens.into_iter().map(line).collect(),
        children: children
            .iter()
            .map(|child| (child.id.to_string(), child.profile.name.clone()))
            .collect(),
        new: request::new_id().to_string(),
    })
}

/// Answers with the key and leads nowhere: the page shows it (see `form::answered`).
#[server(endpoint = "token/make")]
pub async fn make_token(
    #[server(default)] token: String,
    #[server(default)] name: String,
    #[server(default)] reach: String,
    #[server(default)] children: Vec<String>,
    #[server(default)] access: String,
    #[server(default)] lifetime: String,
) -> Result<MadeToken, AppError> {
    use domain::token::NewToken;
    let id = token.parse().map_err(|_| AppError::Malformed)?;
    let (mut tx, _) = request::begin().await?;
    let new =
        NewToken::parse(&name, &reach, &children, &access, &lifetime, request::now()).map_err(AppError::Invalid)?;
    let key = services::tokens::create(&mut tx, id, &new, request::now()).await?;
    tx.commit().await?;
    Ok(MadeToken {
        name: new.name,
        key: key.expose().to_owned(),
    })
}

#[server(endpoint = "token/revoke")]
pub async fn revoke_token(token: String) -> Result<(), AppError> {
    let id = token.parse().map_err(|_| AppError::NotFound)?;
    let (mut tx, _) = request::begin().await?;
    services::tokens::revoke(&mut tx, id).await?;
    tx.commit().await?;
    leptos_axum::redirect("/settings/tokens");
    Ok(())
}
