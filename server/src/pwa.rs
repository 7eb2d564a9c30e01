//! What makes the app open without a connection: the shell, the page for when there is none, and the
//! service worker that keeps both with every file of this build.
//!
//! Made anew for each request from what the build laid out, since the site may be built again under a
//! running server; a worker that names a file that is gone would never be installed.

use crate::assets::{self, FOR_EVER};
use crate::security::document_policy;
use app::{Client, Document};
use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use leptos::config::LeptosOptions;
use serde::Serialize;
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

const WORKER: &str = include_str!("pwa/worker.js");
const OPENING: &str = include_str!("pwa/opening.js");
const SHELL: &str = "/shell";
const OFFLINE: &str = "/offline";

/// Asked for again each time: what is kept of it, the worker keeps.
const CHECKED: HeaderValue = HeaderValue::from_static("public, no-cache");
const SCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");
/// The worker fetches our own files and does nothing else.
const WORKER_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'");

/// Files of the site that a page may show without a connection; those of `pkg` come on top.
const FILES: [&str; 4] = ["/favicon.svg", "/icon-192.png", "/icons.svg", "/manifest.webmanifest"];

/// Where the shell's script is, named by what it holds.
static OPENING_PATH: LazyLock<String> =
    LazyLock::new(|| format!("/shell.{}.js", assets::short_hash(&[OPENING.as_bytes()])));

/// What it is made of.
#[derive(Debug)]
struct Build {
    leptos: LeptosOptions,
    food_files: Vec<&'static str>,
    /// The patterns of the pages that the wasm draws, such as `/children/{child}`.
    pages: Vec<String>,
}

/// `/sw.js`, `/shell`, `/offline` and the shell's script.
pub fn router(leptos: LeptosOptions, food_files: Vec<&'static str>, pages: Vec<String>) -> Router {
    let build = Arc::new(Build {
        leptos,
        food_files,
        pages,
    });
    let opening = || async { ([(CONTENT_TYPE, SCRIPT), (CACHE_CONTROL, FOR_EVER)], OPENING) };
    Router::new()
        .route(SHELL, get(async |State(build)| made(build, Build::shell).await))
        .route(OFFLINE, get(async |State(build)| made(build, Build::offline).await))
        .route("/sw.js", get(async |State(build)| made(build, Build::worker).await))
        .route(&OPENING_PATH, get(opening))
        .with_state(build)
}

/// Where the app of this build is.
pub(crate) fn client(leptos: &LeptosOptions, food_files: &[&'static str]) -> Client {
    Client {
        script: OPENING_PATH.clone(),
        module: assets::built(leptos, "js"),
        wasm: assets::built(leptos, "wasm"),
        foods: food_files.to_vec(),
    }
}

/// Reads files, so it is made where waiting for a disk holds up nobody.
async fn made<T: IntoResponse + Send + 'static>(build: Arc<Build>, make: fn(&Build) -> T) -> Response {
    match tokio::task::spawn_blocking(move || make(&build)).await {
        Ok(made) => made.into_response(),
        Err(error) => {
            tracing::error!(%error, "a file of the app could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Build {
    fn shell(&self) -> impl IntoResponse + use<> {
        document(self.shell_html())
    }

    fn offline(&self) -> impl IntoResponse + use<> {
        document(self.offline_html())
    }

    fn shell_html(&self) -> String {
        Document::Shell(client(&self.leptos, &self.food_files)).html(&self.leptos)
    }

    fn offline_html(&self) -> String {
        let script = OPENING_PATH.clone();
        Document::Offline { script }.html(&self.leptos)
    }

    fn worker(&self) -> impl IntoResponse + use<> {
        let headers = [
            (CONTENT_TYPE, SCRIPT),
            (CACHE_CONTROL, CHECKED),
            (CONTENT_SECURITY_POLICY, WORKER_POLICY),
            (
                HeaderName::from_static("service-worker-allowed"),
                HeaderValue::from_static("/"),
            ),
        ];
        (headers, self.worker_script())
    }

    fn worker_script(&self) -> String {
        let mut assets = vec![
            (SHELL.to_owned(), self.shell_html().into_bytes()),
            (OFFLINE.to_owned(), self.offline_html().into_bytes()),
            // Named by what they hold.
            (OPENING_PATH.clone(), Vec::new()),
        ];
        assets.extend(self.food_files.iter().map(|url| ((*url).to_owned(), Vec::new())));
        let root = Path::new(&*self.leptos.site_root);
        let packed = ["js", "wasm", "css"].map(|kind| assets::built(&self.leptos, kind));
        let files = FILES.iter().map(|path| (*path).to_owned());
        let files = files.chain(packed).chain(assets::snippets(&self.leptos));
        // What is not there is left out: one file missing, and the worker is not installed at all.
        assets.extend(files.filter_map(|path| {
            let file = root.join(path.trim_start_matches('/'));
            let bytes = match assets::has_hash(&path) {
                true => file.is_file().then(Vec::new)?,
                false => fs::read(file).ok()?,
            };
            Some((path, bytes))
        }));
        let told = Told {
            version: version(&assets),
            assets: assets.iter().map(|(path, _)| path.as_str()).collect(),
            pages: &self.pages,
        };
        let told = serde_json::to_string(&told).unwrap_or_default();
        format!("const BUILD = {told};\n{WORKER}")
    }
}

/// What the worker is told.
#[derive(Serialize)]
struct Told<'a> {
    version: String,
    assets: Vec<&'a str>,
    pages: &'a [String],
}

/// Changes with every byte of what is kept, and with the worker itself.
fn version(assets: &[(String, Vec<u8>)]) -> String {
    let mut parts = vec![WORKER.as_bytes()];
    for (path, bytes) in assets {
        parts.extend([path.as_bytes(), bytes]);
    }
    assets::short_hash(&parts)
}

fn document(html: String) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CACHE_CONTROL, CHECKED),
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_str(&document_policy()).unwrap_or(HeaderValue::from_static("default-src 'none'")),
        ),
    ];
    (headers, html)
}
