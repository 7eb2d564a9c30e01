//! Answers of the machinery itself, when no page of the app can be asked: refused, too large, broken.
//!
//! A person gets a small page, a program `application/problem+json` (RFC 9457).

use axum::Json;
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use std::sync::LazyLock;
use utoipa::ToSchema;

/// Something that stands in the way of a request, in words for a parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    /// Stable, for programs: `too_large`.
    pub code: &'static str,
    pub title: &'static str,
    /// What happened to what they entered, and what to do next.
    pub detail: String,
}

/// A problem as it is sent to a program.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always about:blank: the code says which problem it is.
    r#type: &'static str,
    title: &'static str,
    status: u16,
    /// What happened to what was sent, and what to do next.
    detail: String,
    /// Stable, for programs, such as not_found.
    code: &'static str,
    /// The fields it lies in, where it lies in some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// One field that was refused, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field's name, or its path, such as items[0].grams.
    pub field: String,
    pub message: String,
}

const STYLE: &str = "html{color-scheme:light dark;font:1.125rem/1.6 system-ui,sans-serif}\
    body{max-width:34rem;margin:12vh auto;padding:0 1.25rem}h1{font-size:1.5rem;line-height:1.25}\
    a{display:inline-block;padding:.75rem 0}";

/// The page's one style is named by its hash, so that nothing else may be inline.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    use base64::Engine as _;
    use sha2::Digest as _;
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(STYLE));
    HeaderValue::try_from(format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ))
    .unwrap_or_else(|_| HeaderValue::from_static(crate::security::STRICT_POLICY))
});

impl Problem {
    /// The answer in the form that the request's `headers` ask for.
    pub fn answer(&self, headers: &HeaderMap) -> Response {
        if wants_page(headers) {
            let page = format!(
                "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
                 <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
                 <title>{title} · TinyTummy</title><style>{STYLE}</style></head>\
                 <body><main><h1>{title}</h1><p>{detail}</p><a href=\"/\">Go to TinyTummy</a></main></body></html>",
                title = escape(self.title),
                detail = escape(&self.detail),
            );
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
                (CONTENT_SECURITY_POLICY, POLICY.clone()),
            ];
            (self.status, headers, page).into_response()
        } else {
            self.json(Vec::new())
        }
    }

    /// The answer for a program, with the fields the problem lies in.
    pub(crate) fn json(&self, errors: Vec<FieldError>) -> Response {
        let body = ProblemBody {
            r#type: "about:blank",
            title: self.title,
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            code: self.code,
            errors,
        };
        let kind = HeaderValue::from_static("application/problem+json");
        (self.status, [(CONTENT_TYPE, kind)], Json(body)).into_response()
    }
}

/// Browsers name text/html when they navigate or post a form; scripts do not.
fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_problem_says_is_never_markup() {
        assert_eq!(escape("<b a=\"1\">&"), "&lt;b a=&quot;1&quot;&gt;&amp;");
    }

    #[test]
    fn a_browser_gets_a_page_and_a_program_gets_json() {
        let problem = Problem {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            code: "too_large",
            title: "Too much",
            detail: String::new(),
        };
        let mut headers = HeaderMap::new();
        let kind = |headers: &HeaderMap| problem.answer(headers).headers()[CONTENT_TYPE].clone();
        assert_eq!(kind(&headers), "application/problem+json");
        headers.insert(
            ACCEPT,
            HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8"),
        );
        assert_eq!(kind(&headers), "text/html; charset=utf-8");
    }
}
