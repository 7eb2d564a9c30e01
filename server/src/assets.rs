//! The app's own files: compressed beforehand, cached by name.

use axum::body::Body;
use axum::extract::{MatchedPath, State};
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use leptos::config::LeptosOptions;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::Path;
use tower::ServiceExt as _;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::services::ServeDir;

pub(crate) const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const FOR_AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");
/// Kept, but asked for again each time: an old service worker or an unhashed script would meet new pages.
const CHECKED: HeaderValue = HeaderValue::from_static("public, no-cache");

/// The folder that the build laid out.
#[derive(Clone, Debug)]
pub struct Site {
    files: ServeDir,
    hashed: bool,
}

impl Site {
    /// `hashed`: the names in `pkg` carry a hash of what they hold.
    pub fn new(root: &Path, hashed: bool) -> Self {
        let files = ServeDir::new(root)
            .append_index_html_on_directories(false)
            .precompressed_br()
            .precompressed_gzip();
        Self { files, hashed }
    }

    /// The same request without its body, if it may mean a file.
    fn asked<B>(request: &Request<B>) -> Option<Request<Body>> {
        // A page's address has no dot in its last part, so most misses need no look at the disk.
        let may_mean_file =
            matches!(*request.method(), Method::GET | Method::HEAD) && name(request.uri()).contains('.');
        may_mean_file.then(|| {
            let mut asked = Request::new(Body::empty());
            *asked.method_mut() = request.method().clone();
            *asked.uri_mut() = request.uri().clone();
            *asked.headers_mut() = request.headers().clone();
            asked
        })
    }

    /// The file that was asked for, or `None`: then it is for the app to say "not found".
    async fn file(&self, asked: Request<Body>) -> Option<Response> {
        let uri = asked.uri().clone();
        let (path, name) = (uri.path(), name(&uri));
        let Ok(mut response) = self.files.clone().oneshot(asked).await;
        if !matches!(
            response.status(),
            StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED | StatusCode::RANGE_NOT_SATISFIABLE
        ) {
            return None;
        }
        let cache = if path.starts_with("/pkg/") && self.hashed && has_hash(name) {
            FOR_EVER
        } else if path.starts_with("/pkg/") || name.ends_with(".js") {
            CHECKED
        } else {
            FOR_AN_HOUR
        };
        response.headers_mut().insert(CACHE_CONTROL, cache);
        if name.ends_with(".webmanifest") {
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/manifest+json"));
        }
        Some(response.map(Body::new).into_response())
    }
}

/// The address of the app's stylesheet, with the hash in its name where names carry one.
pub fn stylesheet(options: &LeptosOptions) -> String {
    built(options, "css")
}

/// The address of the app's `js`, `wasm` or `css`.
pub(crate) fn built(options: &LeptosOptions, kind: &str) -> String {
    let hash = options
        .hash_files
        .then(|| fs::read_to_string(&*options.hash_file).ok())
        .flatten()
        .and_then(|list| {
            Some(
                list.lines()
                    .find_map(|line| line.strip_prefix(kind)?.strip_prefix(':'))?
                    .trim()
                    .to_owned(),
            )
        })
        .map(|hash| format!(".{hash}"))
        .unwrap_or_default();
    let (folder, name) = (&options.site_pkg_dir, &options.output_name);
    // cargo-leptos leaves the wasm the name that wasm-bindgen gave it.
    let bound = format!("/{folder}/{name}_bg.wasm");
    let site = Path::new(&*options.site_root);
    if kind == "wasm" && hash.is_empty() && site.join(&bound[1..]).is_file() {
        return bound;
    }
    format!("/{folder}/{name}{hash}.{kind}")
}

/// The addresses of the scripts that crates bring along for the wasm.
pub(crate) fn snippets(options: &LeptosOptions) -> Vec<String> {
    let site = Path::new(&*options.site_root);
    let pkg = Path::new(&*options.site_pkg_dir);
    let mut folders: Vec<_> = names(&site.join(pkg))
        .filter(|name| name.starts_with("snippets"))
        .map(|name| pkg.join(name))
        .collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in names(&site.join(&folder)).map(|name| folder.join(name)) {
            if site.join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "js") {
                found.push(format!("/{}", path.display()));
            }
        }
    }
    found.sort();
    found
}

/// What is in a folder; nothing where there is none.
fn names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok())
}

/// Answers with a file of the site where no route was found, before the app says "not found".
pub async fn serve_files(State(site): State<Site>, request: Request<Body>, next: Next) -> Response {
    if request.extensions().get::<MatchedPath>().is_none()
        && let Some(asked) = Site::asked(&request)
        && let Some(file) = site.file(asked).await
    {
        return file;
    }
    next.run(request).await
}

fn name(uri: &Uri) -> &str {
    uri.path().rsplit('/').next().unwrap_or_default()
}

/// 64 bits of SHA-256.
pub(crate) fn short_hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// `tinytummy.x7Yc0…Q.js`: a part between dots that is long enough to be no word.
pub(crate) fn has_hash(name: &str) -> bool {
    let mut parts = name.split('.').skip(1).peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        if !last
            && part.len() >= 8
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        {
            return true;
        }
    }
    false
}

/// A file that we hold as brotli, such as the food table: as it is to whoever takes brotli, else unpacked.
///
/// `brotli` is only unpacked for the rare client without; its address must carry a hash, since it is kept for ever.
pub fn brotli_bytes(headers: &HeaderMap, brotli: &'static [u8], unpack: impl FnOnce() -> Vec<u8>) -> Response {
    let common = [
        (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (CACHE_CONTROL, FOR_EVER),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if takes_brotli(headers) {
        let encoding = [(header::CONTENT_ENCODING, HeaderValue::from_static("br"))];
        (common, encoding, brotli).into_response()
    } else {
        (common, unpack()).into_response()
    }
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    let lists = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br"));
        named && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// Compresses what is made on the fly: pages and JSON, and files for a phone on plain http, which takes no
/// brotli. What is compressed already is left alone; an event stream would sit in the compressor until its
/// next event.
pub fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(4))
        .compress_when(
            SizeAbove::new(512)
                .and(NotForContentType::SSE)
                .and(NotForContentType::IMAGES)
                .and(NotForContentType::const_new("font/")),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_in_a_name_is_told_from_a_word() {
        assert!(has_hash("tinytummy.Xy-7_0aBcDeFgHiJkLmNoP.js"));
        assert!(has_hash("tinytummy.0123456789abcdef.wasm"));
        assert!(!has_hash("tinytummy.js"));
        assert!(!has_hash("tinytummy_bg.wasm"));
        assert!(!has_hash("manifest.webmanifest"));
    }

    #[test]
    fn brotli_is_given_to_those_who_take_it() {
        let accepts = |value: &'static str| {
            takes_brotli(&HeaderMap::from_iter([(
                ACCEPT_ENCODING,
                HeaderValue::from_static(value),
            )]))
        };
        assert!(accepts("gzip, deflate, br, zstd"));
        assert!(accepts("br;q=0.5"));
        assert!(!accepts("br;q=0, gzip"));
        assert!(!accepts("gzip"));
    }
}
