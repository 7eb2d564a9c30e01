//! Load: so many connections, each asking again as soon as it was answered.

use crate::CONNECTIONS;
use crate::family::Family;
use anyhow::{Context as _, ensure};
use axum::body::Bytes;
use axum::http::{Request, Response, StatusCode};
use domain::sync::Upload;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// A request to make.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) post: bool,
    pub(crate) path: String,
    pub(crate) cookie: String,
    pub(crate) accept: &'static str,
    pub(crate) encoding: &'static str,
    pub(crate) body: String,
    pub(crate) json: bool,
}

impl Ask {
    pub(crate) fn page(family: &Family) -> Self {
        Self {
            post: false,
            path: format!("/children/{}", family.child),
            cookie: family.cookie.clone(),
            accept: "text/html",
            encoding: "identity",
            body: String::new(),
            json: false,
        }
    }

    /// As a browser asks.
    pub(crate) fn packed_page(family: &Family) -> Self {
        Self {
            encoding: "gzip, deflate, br",
            ..Self::page(family)
        }
    }

    pub(crate) fn day(family: &Family) -> Self {
        Self::function("/api/day/load", &family.cookie, &[("child", &family.child)])
    }

    /// What a phone wrote, and what it gets for it.
    pub(crate) fn sync(cookie: &str, upload: &Upload) -> Self {
        Self {
            post: true,
            path: "/api/v1/sync".to_owned(),
            cookie: cookie.to_owned(),
            accept: "application/json",
            encoding: "gzip, deflate, br",
            body: serde_json::to_string(upload).unwrap_or_default(),
            json: true,
        }
    }

    /// A server function, called as the wasm calls it.
    pub(crate) fn function(path: &str, cookie: &str, fields: &[(&str, &str)]) -> Self {
        Self {
            post: true,
            path: path.to_owned(),
            cookie: cookie.to_owned(),
            accept: "application/json",
            encoding: "identity",
            body: form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish(),
            json: false,
        }
    }

    fn request(self, address: SocketAddr) -> anyhow::Result<Request<Full<Bytes>>> {
        let request = Request::builder()
            .method(if self.post { "POST" } else { "GET" })
            .uri(self.path)
            .header("host", address.to_string())
            .header("sec-fetch-site", "same-origin")
            .header("accept", self.accept)
            .header("accept-encoding", self.encoding)
            .header("cookie", self.cookie);
        let request = match self.post {
            true if self.json => request.header("content-type", "application/json"),
            true => request.header("content-type", "application/x-www-form-urlencoded"),
            false => request,
        };
        Ok(request.body(Full::new(self.body.into()))?)
    }
}

pub(crate) type Answer = Response<Bytes>;

/// A connection that is kept.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { address, sender })
    }

    pub(crate) async fn ask(&mut self, ask: Ask) -> anyhow::Result<Answer> {
        self.send(ask.request(self.address)?).await
    }

    /// From another address than everybody else's, as a proxy would say.
    pub(crate) async fn ask_from(&mut self, client: &str, ask: Ask) -> anyhow::Result<Answer> {
        let mut request = ask.request(self.address)?;
        request.headers_mut().insert("x-forwarded-for", client.parse()?);
        self.send(request).await
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
        self.sender.ready().await?;
        let (head, body) = self.sender.send_request(request).await?.into_parts();
        Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
    }
}

/// What a load came to.
#[derive(Debug, Default)]
pub(crate) struct Load {
    pub(crate) micros: Vec<u32>,
    pub(crate) took: Duration,
}

impl Load {
    pub(crate) fn join(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.took += other.took;
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.micros.len() as f64 / self.took.as_secs_f64()
    }

    /// In milliseconds: so many of a hundred took no longer.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut micros = self.micros.clone();
        micros.sort_unstable();
        let last = micros.len().saturating_sub(1);
        micros
            .get(last * percent / 100)
            .map_or(f64::NAN, |micros| f64::from(*micros) / 1000.0)
    }
}

/// Asks on all connections until the time is over. An answer that is no success ends the bench.
pub(crate) async fn run(
    address: SocketAddr,
    time: Duration,
    ask: impl Fn(usize, usize) -> Ask,
) -> anyhow::Result<Load> {
    let began = Instant::now();
    let ask = &ask;
    let workers = (0..CONNECTIONS).map(|worker| async move {
        let mut connection = Connection::open(address).await?;
        let mut micros = Vec::new();
        for turn in 0.. {
            let asked = Instant::now();
            if asked - began >= time {
                break;
            }
            let answer = connection.ask(ask(worker, turn)).await?;
            micros.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
            ensure!(
                answer.status() == StatusCode::OK,
                "answered {}: {}",
                answer.status(),
                String::from_utf8_lossy(answer.body())
            );
        }
        anyhow::Ok(micros)
    });
    let micros = futures_util::future::try_join_all(workers).await?;
    Ok(Load {
        micros: micros.into_iter().flatten().collect(),
        took: began.elapsed(),
    })
}

/// What a phone fetches that was never here: the parts of today's page, as they travel.
pub(crate) async fn first_load(
    address: SocketAddr,
    family: &Family,
) -> anyhow::Result<Vec<(String, usize, &'static str)>> {
    let mut connection = Connection::open(address).await?;
    let plain = connection.ask(Ask::page(family)).await?;
    let page = connection.ask(Ask::packed_page(family)).await?;
    let html = String::from_utf8_lossy(plain.body()).into_owned();
    let mut paths: Vec<_> = addresses(&html, "/pkg/");
    paths.extend(addresses(&html, "/foods/"));
    let (mut sum, mut found) = (
        page.body().len(),
        vec![("html".to_owned(), page.body().len(), "brotli")],
    );
    for path in paths {
        let file = Ask {
            path: path.clone(),
            accept: "*/*",
            ..Ask::packed_page(family)
        };
        let file = connection.ask(file).await?;
        ensure!(file.status() == StatusCode::OK, "{path} answered {}", file.status());
        ensure!(
            file.headers()
                .get("content-encoding")
                .is_some_and(|coding| coding == "br"),
            "{path} is not compressed"
        );
        let bytes = file.body().len();
        let kind = path.rsplit('.').next().context("a file's kind")?;
        if kind == "bin" {
            found.push(("the food table".to_owned(), bytes, "brotli, apart from it"));
        } else {
            sum += bytes;
            found.push((kind.to_owned(), bytes, "brotli"));
        }
    }
    found.insert(0, ("First load".to_owned(), sum, "html, js, wasm, css; brotli"));
    Ok(found)
}

/// Every address in `html` that begins so, once.
fn addresses(html: &str, begin: &str) -> Vec<String> {
    let mut found: Vec<String> = html
        .split(begin)
        .skip(1)
        .filter_map(|rest| rest.split(['"', '\\', '\'', ' ', ')']).next())
        .filter(|name| name.contains('.'))
        .map(|name| format!("{begin}{name}"))
        .collect();
    found.sort();
    found.dedup();
    found
}
