//! What makes the app open without a connection: the service worker, with the shell and the page for when
//! there is no connection in it, and the names of every file of this build that it keeps.
//!
//! Made anew for each request from what the build laid out, since the site may be built again under a
//! running server; a worker that names a file that is gone would never be installed.

use crate::assets::{self, FOR_EVER};
use crate::security::{EVERYWHERE, document_policy};
use app::{Client, Document};
use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use leptos::config::LeptosOptions;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

const WORKER: &str = include_str!("pwa/worker.js");
const OPENING: &str = include_str!("pwa/opening.js");

/// Asked for again each time: what is kept of it, the browser keeps.
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

/// `/sw.js`, and the script of the documents in it.
pub fn router(leptos: LeptosOptions, food_files: Vec<&'static str>, pages: Vec<String>) -> Router {
    let build = Arc::new(Build {
        leptos,
        food_files,
        pages,
    });
    let opening = || async { ([(CONTENT_TYPE, SCRIPT), (CACHE_CONTROL, FOR_EVER)], OPENING) };
    Router::new()
        .route("/sw.js", get(worker))
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

async fn worker(State(build): State<Arc<Build>>) -> Response {
    // It reads files, so it is made where waiting for a disk holds up nobody.
    match tokio::task::spawn_blocking(move || build.worker_script()).await {
        Ok(script) => {
            let headers = [
                (CONTENT_TYPE, SCRIPT),
                (CACHE_CONTROL, CHECKED),
                (CONTENT_SECURITY_POLICY, WORKER_POLICY),
                (
                    HeaderName::from_static("service-worker-allowed"),
                    HeaderValue::from_static("/"),
                ),
            ];
            (headers, script).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the service worker could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Build {
    fn worker_script(&self) -> String {
        let shell = Document::Shell(client(&self.leptos, &self.food_files)).html(&self.leptos);
        let script = OPENING_PATH.clone();
        let offline = Document::Offline { script }.html(&self.leptos);
        // Named by what it holds, as the food files are.
        let mut assets = vec![(OPENING_PATH.clone(), Vec::new())];
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
            version: version(&[&shell, &offline], &assets),
            assets: assets.iter().map(|(path, _)| path.as_str()).collect(),
            pages: &self.pages,
            shell,
            offline,
            headers: EVERYWHERE
                .map(|(name, value)| (name, value.to_owned()))
                .into_iter()
                .chain([
                    ("content-type", "text/html; charset=utf-8".to_owned()),
                    ("content-security-policy", document_policy()),
                ])
                .collect(),
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
    /// The two documents, and the headers that a browser is to think came with them.
    shell: String,
    offline: String,
    headers: BTreeMap<&'static str, String>,
}

/// Changes with every byte of what is kept, and with the worker itself.
fn version(documents: &[&str], assets: &[(String, Vec<u8>)]) -> String {
    let mut parts = vec![WORKER.as_bytes()];
    parts.extend(documents.iter().map(|html| html.as_bytes()));
    for (path, bytes) in assets {
        parts.extend([path.as_bytes(), bytes]);
    }
    assets::short_hash(&parts)
}
