//! What every request must pass and every answer carries: origin check, size limit, headers.

use crate::config::{Network, PublicUrl};
use crate::problem::Problem;
use app::request::ClientAddress;
use axum::body::{Body, HttpBody as _};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, COOKIE, HOST, ORIGIN,
    STRICT_TRANSPORT_SECURITY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// The most a request may carry, in bytes: the longest meal there is, several times over.
pub const BODY_LIMIT: usize = 256 * 1024;

/// For answers that are not pages: nothing may run or load in them.
pub const STRICT_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The policy of a rendered page, whose inline scripts carry `nonce`.
///
/// Call it while the page renders, with leptos' own nonce, and put it into `ResponseOptions`
/// as `content-security-policy`; an answer without one gets [`STRICT_POLICY`].
pub fn page_policy(nonce: &str) -> String {
    policy(&format!("'nonce-{nonce}' "))
}

/// The policy of a document that is the same for everybody, and so has no script inside it.
pub(crate) fn document_policy() -> String {
    policy("")
}

/// `nonce` with a space after it, or nothing.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self' {nonce}'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'{reload}; worker-src 'self'; \
         manifest-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
        reload = *RELOAD
    )
}

/// Where `cargo leptos watch` tells a page to load again; nothing when it does not run us.
static RELOAD: LazyLock<String> = LazyLock::new(|| {
    let port = std::env::var("LEPTOS_RELOAD_PORT").unwrap_or_else(|_| "3001".to_owned());
    match std::env::var_os("LEPTOS_WATCH") {
        Some(_) => format!(" ws://127.0.0.1:{port} ws://localhost:{port}"),
        None => String::new(),
    }
});

/// What the checks need to know of the configuration.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub public_url: Option<PublicUrl>,
    pub trusted_proxies: Vec<Network>,
}

/// Finds the [`ClientAddress`].
pub async fn client_address(State(rules): State<Arc<Rules>>, mut request: Request, next: Next) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(address)| address.ip().to_canonical());
    if let Some(peer) = peer {
        let address = rules.client_address(peer, request.headers());
        request.extensions_mut().insert(ClientAddress(address));
    }
    next.run(request).await
}

impl Rules {
    /// From the right, the first address that is no proxy of ours: what stands further left anyone may have written.
    fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let trusted = |address: IpAddr| self.trusted_proxies.iter().any(|network| network.contains(address));
        let mut address = peer;
        let forwarded = headers.get_all("x-forwarded-for").iter().rev();
        let hops = forwarded
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.rsplit(','));
        for hop in hops {
            if !trusted(address) {
                break;
            }
            match parse_hop(hop.trim()) {
                Some(hop) => address = hop,
                None => break,
            }
        }
        address
    }

    /// Whether a request that changes something comes from a page of ours.
    ///
    /// No token in the form: one cached on a phone would be stale by the time it is online again.
    fn comes_from_us(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        // A page elsewhere cannot set this header without asking first, which we never allow.
        if headers.get(AUTHORIZATION).is_some_and(is_bearer) {
            return true;
        }
        // Browsers write this one, pages cannot. Sent to https and localhost only.
        let mut sites = headers.get_all("sec-fetch-site").iter().peekable();
        if sites.peek().is_some() {
            return sites.all(|site| site == "same-origin" || site == "none");
        }
        let mut origins = headers.get_all(ORIGIN).iter().peekable();
        if origins.peek().is_some() {
            let host = headers
                .get(HOST)
                .and_then(|host| host.to_str().ok())
                .or_else(|| uri.authority().map(|authority| authority.as_str()));
            return origins.all(|origin| origin.to_str().is_ok_and(|origin| self.is_our_origin(origin, host)));
        }
        // No browser: nothing to forge, unless there is a session to ride on.
        !headers.contains_key(COOKIE)
    }

    fn is_our_origin(&self, origin: &str, host: Option<&str>) -> bool {
        let origin = origin.to_ascii_lowercase();
        // `null` has none.
        let Some((scheme, authority)) = origin.split_once("://") else {
            return false;
        };
        if self.public_url.as_ref().is_some_and(|own| own.origin() == origin) {
            return true;
        }
        // A proxy may speak TLS for us, so the scheme is not compared.
        host.is_some_and(|host| {
            let host = host.to_ascii_lowercase();
            without_default_port(scheme, &host) == without_default_port(scheme, authority)
        })
    }
}

/// An address with or without port, as proxies write them.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let address = hop
        .parse::<IpAddr>()
        .or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()))
        .or_else(|_| hop.trim_start_matches('[').trim_end_matches(']').parse())
        .ok()?;
    Some(address.to_canonical())
}

fn is_bearer(value: &HeaderValue) -> bool {
    value
        .as_bytes()
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"bearer "))
}

pub(crate) fn without_default_port<'a>(scheme: &str, authority: &'a str) -> &'a str {
    let port = if scheme == "https" { ":443" } else { ":80" };
    authority.strip_suffix(port).unwrap_or(authority)
}

/// Refuses requests that another site made a browser send.
pub async fn check_origin(State(rules): State<Arc<Rules>>, request: Request, next: Next) -> Response {
    if !request.method().is_safe() && !rules.comes_from_us(request.headers(), request.uri()) {
        tracing::warn!("refused a change that does not come from a page of ours");
        return Problem {
            status: StatusCode::FORBIDDEN,
            code: "other_site",
            title: "That did not come from TinyTummy",
            detail: "Nothing was changed. Open TinyTummy and try it there. If you host it yourself behind a proxy, \
                     set PUBLIC_URL to the address you type."
                .to_owned(),
        }
        .answer(request.headers());
    }
    next.run(request).await
}

/// Refuses bodies over [`BODY_LIMIT`] with words, also those that do not say their length.
pub async fn limit_body(request: Request, next: Next) -> Response {
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<u64>().ok());
    let (head, body) = request.into_parts();
    match length {
        // hyper sees to it that no more comes.
        Some(length) if length <= BODY_LIMIT as u64 => next.run(Request::from_parts(head, body)).await,
        Some(_) => {
            read_away(body).await;
            too_large().answer(&head.headers)
        }
        None if body.is_end_stream() => next.run(Request::from_parts(head, body)).await,
        // In pieces: read it here, or the handler would meet the limit halfway and could only say "broken".
        None => match Limited::new(body, BODY_LIMIT).collect().await {
            Ok(whole) => next.run(Request::from_parts(head, Body::from(whole.to_bytes()))).await,
            Err(error) if error.is::<LengthLimitError>() => too_large().answer(&head.headers),
            Err(_) => cut_short().answer(&head.headers),
        },
    }
}

/// The longest that an answer may take to begin.
const PATIENCE: Duration = Duration::from_secs(25);

/// Answers for whatever never does: a statement ends after a while, but a database that hangs says
/// nothing at all. What was sent is read before the clock starts, since a phone may send slowly.
pub async fn in_time(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let headers = head.headers.clone();
    let Ok(body) = body.collect().await else {
        return cut_short().answer(&headers);
    };
    let request = Request::from_parts(head, Body::from(body.to_bytes()));
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("a request was given up after {} s", PATIENCE.as_secs());
            Problem {
                status: StatusCode::SERVICE_UNAVAILABLE,
                code: "unavailable",
                title: "The notebook is closed for a moment",
                detail: "Our notebook cannot be reached just now. If you sent something, go back: what you typed \
                         should still be there. Try again in a moment."
                    .to_owned(),
            }
            .answer(&headers)
        }
    }
}

fn cut_short() -> Problem {
    Problem {
        status: StatusCode::BAD_REQUEST,
        code: "cut_short",
        title: "That did not arrive whole",
        detail: "The connection broke while it was being sent. Nothing was saved; please send it again.".to_owned(),
    }
}

fn too_large() -> Problem {
    Problem {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        code: "too_large",
        title: "That is more than TinyTummy can take in one go",
        detail: format!(
            "Nothing was saved. Go back: what you typed should still be there. Shorten it, or log it as several \
             meals. The most is {} kB.",
            BODY_LIMIT / 1024
        ),
    }
}

/// A browser reads our answer only once it has sent what it wanted to: let it, within reason.
async fn read_away(mut body: Body) {
    let reason = async {
        let mut left = 32 * BODY_LIMIT;
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len()));
            if left == 0 {
                break;
            }
        }
    };
    // Slower than this, and the answer is lost on them.
    let _ = tokio::time::timeout(Duration::from_secs(5), reason).await;
}

/// What stands above every answer, and above a document that a service worker answers with.
pub(crate) const EVERYWHERE: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(self), microphone=(self), geolocation=(), payment=(), usb=(), browsing-topics=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Puts the headers of every answer on it, where a handler did not choose its own.
pub async fn set_headers(State(rules): State<Arc<Rules>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    for (name, value) in EVERYWHERE {
        set(HeaderName::from_static(name), value);
    }
    set(CONTENT_SECURITY_POLICY, STRICT_POLICY);
    // Whatever did not say otherwise may be about a child.
    set(CACHE_CONTROL, "no-store");
    if rules.public_url.as_ref().is_some_and(PublicUrl::is_https) {
        set(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    fn allowed(public_url: Option<&str>, pairs: &[(&'static str, &'static str)]) -> bool {
        let rules = Rules {
            public_url: public_url.map(|url| url.parse().expect("a public address")),
            trusted_proxies: Vec::new(),
        };
        rules.comes_from_us(&headers(pairs), &Uri::from_static("/log"))
    }

    #[test]
    fn a_change_is_taken_from_our_own_pages_only() {
        let cookie = ("cookie", "session=1");
        let host = ("host", "tummy.example.org");
        // What the browser says of the site is enough, either way.
        assert!(allowed(None, &[cookie, host, ("sec-fetch-site", "same-origin")]));
        assert!(allowed(None, &[cookie, host, ("sec-fetch-site", "none")]));
        assert!(!allowed(None, &[cookie, host, ("sec-fetch-site", "same-site")]));
        assert!(!allowed(None, &[cookie, host, ("sec-fetch-site", "cross-site")]));
        assert!(!allowed(
            None,
            &[
                cookie,
                host,
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://tummy.example.org")
            ]
        ));
        assert!(!allowed(
            None,
            &[
                cookie,
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-site", "cross-site")
            ]
        ));
        // Without it, the origin.
        assert!(allowed(None, &[cookie, host, ("origin", "https://tummy.example.org")]));
        assert!(allowed(
            None,
            &[cookie, host, ("origin", "HTTPS://Tummy.example.org:443")]
        ));
        assert!(!allowed(None, &[cookie, host, ("origin", "https://evil.example.org")]));
        assert!(!allowed(
            None,
            &[cookie, host, ("origin", "https://tummy.example.org.evil.net")]
        ));
        assert!(!allowed(
            None,
            &[cookie, host, ("origin", "https://tummy.example.org:8443")]
        ));
        assert!(!allowed(None, &[cookie, host, ("origin", "null")]));
        // Behind a proxy that rewrites the host.
        let inner = ("host", "app:3000");
        let public = Some("https://tummy.example.org");
        assert!(allowed(
            public,
            &[cookie, inner, ("origin", "https://tummy.example.org")]
        ));
        assert!(!allowed(
            public,
            &[cookie, inner, ("origin", "http://tummy.example.org")]
        ));
        assert!(!allowed(
            None,
            &[cookie, inner, ("origin", "https://tummy.example.org")]
        ));
        // Neither header: a program, which may not ride on a session.
        assert!(allowed(None, &[host]));
        assert!(!allowed(None, &[cookie, host]));
        assert!(allowed(None, &[cookie, host, ("authorization", "Bearer abc")]));
        assert!(!allowed(None, &[cookie, host, ("authorization", "Basic abc")]));
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_about_the_client() {
        let rules = Rules {
            public_url: None,
            trusted_proxies: vec!["10.0.0.0/8".parse().expect("a network")],
        };
        let seen = |peer: &str, forwarded: &'static str| {
            rules
                .client_address(
                    peer.parse().expect("an address"),
                    &headers(&[("x-forwarded-for", forwarded)]),
                )
                .to_string()
        };
        assert_eq!(seen("203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", "198.51.100.1:4711"), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", "[2001:db8::1]:4711"), "2001:db8::1");
        assert_eq!(seen("10.0.0.1", "unknown"), "10.0.0.1");
    }
}
