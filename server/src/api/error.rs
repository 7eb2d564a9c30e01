//! What an API request that failed is answered with: `application/problem+json` with a stable code.

use crate::problem::{FieldError, Problem};
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::field::Refusal;
use services::ServiceError;

/// A problem, and the fields it lies in.
#[derive(Debug)]
pub(super) struct ApiError {
    problem: Problem,
    errors: Vec<FieldError>,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            problem: Problem {
                status,
                code,
                title,
                detail: detail.into(),
            },
            errors: Vec::new(),
        }
    }

    /// Also what is another family's: existence is never revealed.
    pub(super) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is nothing here",
            "It does not exist, or it is not yours to see. /api/v1/docs lists what there is.",
        )
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "That method does not work here",
            "The header Allow says which do.",
        )
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Who is asking?",
            "Send a personal token as \u{201c}Authorization: Bearer tt_\u{2026}\u{201d}. Yours are under More, \
             Tokens; one that has expired or was revoked opens nothing.",
        )
    }

    pub(super) fn is_unauthorized(&self) -> bool {
        self.problem.status == StatusCode::UNAUTHORIZED
    }

    pub(super) fn deleted() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "deleted",
            "This meal was deleted",
            "Nothing was written: putting a meal does not undo its deletion. Restore it first, or use another id.",
        )
    }

    pub(super) fn bad_json(detail: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_json", "That is not JSON", detail)
    }

    pub(super) fn cut_short() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "cut_short",
            "That did not arrive whole",
            "Nothing was saved; please send it again.",
        )
    }

    pub(super) fn bad_query(detail: String) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad_query",
            "The address asks for something odd",
            detail,
        )
    }

    pub(super) fn not_json() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "Please send JSON",
            "The header Content-Type must be application/json.",
        )
    }

    /// One field that is not as it should be.
    pub(super) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::refused(vec![FieldError {
            field: field.into(),
            message: message.into(),
        }])
    }

    fn refused(errors: Vec<FieldError>) -> Self {
        let detail = errors
            .iter()
            .map(|error| error.message.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        Self {
            errors,
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid",
                "Some of it cannot be kept",
                detail,
            )
        }
    }
}

impl From<Vec<Refusal>> for ApiError {
    fn from(refusals: Vec<Refusal>) -> Self {
        let field = |refusal: Refusal| FieldError {
            // As the API calls it.
            field: match refusal.field {
                domain::field::Field::When => "eaten_at".to_owned(),
                field => field.name().to_owned(),
            },
            message: refusal.message,
        };
        Self::refused(refusals.into_iter().map(field).collect())
    }
}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        match error {
            // The password is asked for on pages only.
            ServiceError::SignedOut | ServiceError::WrongPassword => Self::unauthorized(),
            ServiceError::NotFound => Self::not_found(),
            ServiceError::ReadOnly => Self::new(
                StatusCode::FORBIDDEN,
                "read_only",
                "You may look, but not change this",
                "Nothing was written. The token, or the invitation of its owner, is for reading only or does not \
                 reach as far.",
            ),
            ServiceError::NotOwner => Self::new(
                StatusCode::FORBIDDEN,
                "not_owner",
                "Only whoever added the child may do that",
                "Nothing was changed.",
            ),
            ServiceError::NeedsPremium(feature) => Self::new(
                StatusCode::PAYMENT_REQUIRED,
                "needs_premium",
                "That belongs to premium",
                feature.refusal(),
            ),
            ServiceError::Refused(refusals) => refusals.into(),
            ServiceError::Unavailable(source) => {
                tracing::warn!(error = %source, "the database cannot be reached");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "The notebook is closed for a moment",
                    "Please send it again in a while; a meal that is put twice is one meal.",
                )
            }
            // What asks for passwords is not in the API.
            error @ (ServiceError::Throttled { .. } | ServiceError::LinkOver | ServiceError::Busy) => {
                Self::from(ServiceError::Unexpected(error.into()))
            }
            ServiceError::Unexpected(source) => {
                // Logged once, here, where it is handled, beside the request's number.
                tracing::error!(error = ?source, "a request failed unexpectedly");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "unexpected",
                    "Something broke on our side",
                    "Please try again. If it stays, tell whoever runs this TinyTummy the number in the header \
                     x-request-id.",
                )
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.problem.json(self.errors);
        if self.problem.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"TinyTummy\""));
        }
        response
    }
}
