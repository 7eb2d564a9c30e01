//! What surrounds the pages: health, headers, the origin check, limits, files.

mod support;

use axum::http::StatusCode;
use server::security::BODY_LIMIT;
use std::io::Read as _;
use support::client::send;
use support::house::{House, Wishes};

const FORGED: (&str, &str) = (
    "cookie",
    "tinytummy_session=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
);

#[tokio::test]
async fn health_says_whether_the_database_answers_and_recovers_with_it() {
    let house = House::start().await;
    let ready = house.get("/health/ready", &[]).await;
    assert_eq!(ready.status, StatusCode::OK);
    assert_eq!(ready.json()["status"], "ok");

    house.database_away(true).await;
    let ready = house.get("/health/ready", &[]).await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.json()["database"], "away");
    assert_eq!(house.get("/health/live", &[]).await.status, StatusCode::OK);

    house.database_away(false).await;
    assert_eq!(house.get("/health/ready", &[]).await.status, StatusCode::OK);
    house.stop().await;
}

#[tokio::test]
async fn a_page_carries_the_headers_that_protect_it() {
    let house = House::start().await;
    let page = house.get("/sign-in", &[("accept", "text/html")]).await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy");
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .expect("a nonce");
    for part in [
        "default-src 'self'",
        "'wasm-unsafe-eval'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data: blob:",
    ] {
        assert!(policy.contains(part), "{part} is missing: {policy}");
    }
    assert!(
        !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
        "{policy}"
    );
    let html = page.text();
    for script in html.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap_or_default();
        assert!(
            tag.contains(&format!("nonce=\"{nonce}\"")) || tag.contains(" src="),
            "a script without nonce: {tag}"
        );
    }
    assert!(
        !html.contains("<style") && !html.contains(" style=\""),
        "inline style would be refused"
    );
    let other = house.get("/sign-in", &[("accept", "text/html")]).await;
    assert_ne!(other.header("content-security-policy"), policy, "a nonce is used once");

    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
    assert!(page.header("permissions-policy").contains("microphone=(self)"));
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("strict-transport-security"), "", "not without TLS");
    assert_eq!(page.header("x-request-id").len(), 12);
    house.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_no_page_may_run_nothing() {
    let house = House::start().await;
    for path in ["/health/live", "/favicon.svg", "/foods/none.bin"] {
        let answer = house.get(path, &[]).await;
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("default-src 'none'"),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
    house.stop().await;
}

#[tokio::test]
async fn behind_https_browsers_are_told_to_stay_there() {
    let house = House::start_with(Wishes {
        public_url: Some("https://tummy.example.org"),
        ..Wishes::default()
    })
    .await;
    let page = house.get("/sign-in", &[]).await;
    assert!(page.header("strict-transport-security").starts_with("max-age="));
    house.stop().await;
}

#[tokio::test]
async fn a_change_from_another_site_is_refused() {
    let house = House::start_with(Wishes {
        public_url: Some("https://tummy.example.org"),
        ..Wishes::default()
    })
    .await;
    let cookie = ("cookie", "tinytummy_session=x");
    let host = format!("http://{}", house.address);
    let refused: &[&[(&str, &str)]] = &[
        &[cookie, ("sec-fetch-site", "cross-site")],
        &[cookie, ("sec-fetch-site", "same-site")],
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://tummy.example.org"),
        ],
        &[cookie, ("origin", "https://evil.example.org")],
        &[cookie, ("origin", "null")],
        &[cookie],
    ];
    let passed: &[&[(&str, &str)]] = &[
        &[cookie, ("sec-fetch-site", "same-origin")],
        &[cookie, ("sec-fetch-site", "none")],
        &[cookie, ("origin", "https://tummy.example.org")],
        &[cookie, ("origin", &host)],
        &[cookie, ("authorization", "Bearer abc")],
        &[],
    ];
    for path in ["/sign-in", "/api/account/sign_in", "/nowhere"] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            for headers in refused {
                let answer = send(house.address, method, path, headers, b"").await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path} {headers:?}");
                assert_eq!(answer.json()["code"], "other_site");
            }
            for headers in passed {
                let answer = send(house.address, method, path, headers, b"").await;
                assert!(!answer.text().contains("other_site"), "{method} {path} {headers:?}");
            }
        }
    }
    let page = send(
        house.address,
        "POST",
        "/sign-in",
        &[cookie, ("accept", "text/html")],
        b"",
    )
    .await;
    assert!(page.text().contains("<h1>That did not come from TinyTummy</h1>"));
    house.stop().await;
}

#[tokio::test]
async fn too_much_at_once_is_refused_in_words() {
    let house = House::start().await;
    let most = vec![b'a'; BODY_LIMIT];
    assert_ne!(
        house.post("/sign-in", &[], &most).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );

    for path in ["/sign-in", "/api/account/sign_in"] {
        // One byte more, and so much that the connection would break if nobody read it.
        for length in [BODY_LIMIT + 1, 4 * 1024 * 1024] {
            let answer = house.post(path, &[], &vec![b'a'; length]).await;
            assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path} {length}");
            assert!(answer.text().contains("Go back: what you typed should still be there"));
        }
    }
    let answer = house
        .post(
            "/sign-in",
            &[("accept", "application/json")],
            &vec![b'a'; BODY_LIMIT + 1],
        )
        .await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json()["code"], "too_large");
    house.stop().await;
}

#[tokio::test]
async fn too_much_in_pieces_is_refused_as_well() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let house = House::start().await;
    let mut stream = tokio::net::TcpStream::connect(house.address).await.expect("it listens");
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked\r\n\r\n",
        house.address
    );
    stream.write_all(head.as_bytes()).await.expect("it reads");
    let piece = [b"10000\r\n".as_slice(), &[b'a'; 0x1_0000], b"\r\n"].concat();
    for _ in 0..5 {
        stream.write_all(&piece).await.expect("it reads");
    }
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.expect("it answers");
    assert_eq!(&answer, b"HTTP/1.1 413");
    house.stop().await;
}

#[tokio::test]
async fn a_forged_session_is_nobody() {
    let house = House::start().await;
    let visitor = house.get("/", &[("accept", "text/html")]).await;
    for forged in [
        FORGED,
        ("cookie", "tinytummy_session='; drop table sessions; --"),
        ("cookie", "tinytummy_session="),
        ("cookie", "tinytummy_session=x; tinytummy_session=y"),
    ] {
        let page = house.get("/", &[("accept", "text/html"), forged]).await;
        assert_eq!(page.status, visitor.status, "{forged:?}");
    }
    for path in ["/today", "/children/0192f0c1-2345-7abc-8def-0123456789ab", "/settings"] {
        let page = house.get(path, &[("accept", "text/html"), FORGED]).await;
        assert!(
            page.status.is_redirection() || page.status.is_client_error(),
            "{path} answered {} to a forged session",
            page.status
        );
    }
    house.stop().await;
}

#[tokio::test]
async fn files_are_kept_as_long_as_their_name_allows() {
    let house = House::start().await;
    let hashed = house
        .get("/pkg/tinytummy.0123456789abcdef.js", &[("accept-encoding", "gzip, br")])
        .await;
    assert_eq!(hashed.status, StatusCode::OK);
    assert_eq!(hashed.header("content-encoding"), "br");
    assert_eq!(hashed.text(), "brotli", "as the build compressed it");
    assert_eq!(hashed.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(
        house.get("/pkg/tinytummy.0123456789abcdef.js", &[]).await.text(),
        "plain"
    );

    let icon = house.get("/favicon.svg", &[]).await;
    assert_eq!(icon.header("content-type"), "image/svg+xml");
    assert_eq!(icon.header("cache-control"), "public, max-age=3600");
    assert_eq!(
        house.get("/manifest.webmanifest", &[]).await.header("content-type"),
        "application/manifest+json"
    );

    for path in [
        "/pkg/nothing.js",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/pkg/",
        "/pkg",
    ] {
        assert_eq!(house.get(path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    house.stop().await;
}

#[tokio::test]
async fn the_food_table_comes_as_its_hash_promises() {
    let house = House::start().await;
    let url = &server::foods::FoodFile::built_in().url;
    let packed = house.get(url, &[("accept-encoding", "br")]).await;
    assert_eq!(packed.status, StatusCode::OK);
    assert_eq!(packed.header("content-encoding"), "br");
    assert_eq!(packed.body, services::foods::built_in_bytes());
    assert_eq!(packed.header("cache-control"), "public, max-age=31536000, immutable");
    assert!(packed.header("vary").to_lowercase().contains("accept-encoding"));

    let plain = house.get(url, &[]).await;
    assert_eq!(plain.header("content-encoding"), "");
    domain::food::Table::parse(&plain.body).expect("a food file");
    assert_eq!(
        house.get("/foods/sr24-1.0000000000000000.bin", &[]).await.status,
        StatusCode::NOT_FOUND
    );
    house.stop().await;
}

#[tokio::test]
async fn pages_are_compressed_for_who_takes_it() {
    let house = House::start().await;
    let packed = house
        .get("/sign-in", &[("accept", "text/html"), ("accept-encoding", "br")])
        .await;
    assert_eq!(packed.header("content-encoding"), "br");
    let mut html = String::new();
    brotli::Decompressor::new(packed.body.as_ref(), 4096)
        .read_to_string(&mut html)
        .expect("brotli");
    assert!(html.starts_with("<!DOCTYPE html>"));
    house.stop().await;
}

#[tokio::test]
async fn a_request_in_hand_is_finished_before_the_server_stops() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let house = House::start().await;
    let mut stream = tokio::net::TcpStream::connect(house.address).await.expect("it listens");
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\nContent-Length: 4\r\n\r\n",
        house.address
    );
    stream.write_all(head.as_bytes()).await.expect("it reads");
    // Accepted for certain once another answer came on a later connection.
    house.get("/health/live", &[]).await;
    let stopping = tokio::spawn(house.stop());
    stream.write_all(b"a=b\n").await.expect("it still reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    stopping.await.expect("it stopped");
}
