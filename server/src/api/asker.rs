//! Who asks: a program with a personal token, or a page of ours with its session.

use super::Api;
use super::error::ApiError;
use app::request::{Site, session_of};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use services::Tx;
use services::sessions::{Session, Token};
use services::tokens::{Bearer, Key};
use uuid::Uuid;

/// A request that names somebody. Whether they may come in, [`Asker::enter`] finds out.
#[derive(Debug)]
pub(super) struct Asker {
    credential: Credential,
    /// The time of this request: read once, here, handed down.
    pub(super) now: DateTime<Utc>,
}

#[derive(Clone, Debug)]
enum Credential {
    Key(Key),
    Session(Token),
}

/// What a credential turned out to be.
enum Entered {
    Token(Bearer),
    Session(Session),
}

impl Credential {
    /// A token counts, or nothing does: a request with a token has skipped the check that guards a
    /// session.
    fn of(headers: &HeaderMap) -> Option<Self> {
        match headers.get(AUTHORIZATION) {
            Some(value) => {
                let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
                scheme
                    .eq_ignore_ascii_case("bearer")
                    .then(|| Key::parse(key.trim()))?
                    .map(Self::Key)
            }
            None => session_of(headers).map(Self::Session),
        }
    }
}

impl FromRequestParts<Api> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, ApiError> {
        let credential = Credential::of(&parts.headers).ok_or_else(ApiError::unauthorized)?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the edge: the time of a request is read here and handed down"
        )]
        let now = Utc::now();
        Ok(Self { credential, now })
    }
}

impl Asker {
    /// The same, asking now.
    pub(super) fn again(&self) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the edge: a stream lasts, and whether its session does is asked by the clock"
        )]
        let now = Utc::now();
        Self {
            credential: self.credential.clone(),
            now,
        }
    }

    /// A transaction as who asks.
    pub(super) async fn enter(&self, site: &Site) -> Result<Tx, ApiError> {
        Ok(self.enter_with(site).await?.0)
    }

    /// The same, with the session's id, which stands for the device it is on; a token is no device.
    pub(super) async fn enter_from_device(&self, site: &Site) -> Result<(Tx, Option<Uuid>), ApiError> {
        let (tx, entered) = self.enter_as(site).await?;
        let device = match entered {
            Entered::Token(_) => None,
            Entered::Session(session) => Some(session.id),
        };
        Ok((tx, device))
    }

    /// The same, with the token if it is one.
    pub(super) async fn enter_with(&self, site: &Site) -> Result<(Tx, Option<Bearer>), ApiError> {
        let (tx, entered) = self.enter_as(site).await?;
        let bearer = match entered {
            Entered::Token(bearer) => Some(bearer),
            Entered::Session(_) => None,
        };
        Ok((tx, bearer))
    }

    async fn enter_as(&self, site: &Site) -> Result<(Tx, Entered), ApiError> {
        let entered = match &self.credential {
            Credential::Key(key) => Tx::begin_token(&site.db, key, self.now)
                .await?
                .map(|(tx, bearer)| (tx, Entered::Token(bearer))),
            Credential::Session(token) => Tx::begin_session(&site.db, token, self.now)
                .await?
                .map(|(tx, session)| (tx, Entered::Session(session))),
        };
        entered.ok_or_else(ApiError::unauthorized)
    }
}
