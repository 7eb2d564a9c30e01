//! What an installed app opens from: the worker and what it keeps, the shell, the manifest.

mod support;

use axum::http::StatusCode;
use serde_json::Value;
use std::collections::BTreeSet;
use support::client::Answer;
use support::house::House;
use support::parent::{Parent, value_after};

/// What the worker is told: its version, its assets, its pages, its two documents.
async fn told(house: &House) -> Value {
    told_by(&house.get("/sw.js", &[]).await)
}

fn told_by(worker: &Answer) -> Value {
    let script = worker.text();
    let line = script
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("const BUILD = "));
    let json = line.and_then(|line| line.strip_suffix(';')).expect("what it is told");
    serde_json::from_str(json).expect("JSON")
}

fn strings(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list");
    list.iter().map(|text| text.as_str().expect("a string")).collect()
}

#[tokio::test]
async fn the_worker_keeps_what_this_build_consists_of() {
    let house = House::start().await;
    let worker = house.get("/sw.js", &[]).await;
    assert_eq!(worker.status, StatusCode::OK);
    assert_eq!(worker.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(worker.header("cache-control"), "public, no-cache");
    assert_eq!(worker.header("service-worker-allowed"), "/");
    let policy = worker.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; connect-src 'self'"), "{policy}");

    let told = told(&house).await;
    let assets = strings(&told["assets"]);
    for path in [
        "/pkg/tinytummy.0123456789abcdef.js",
        "/pkg/tinytummy.0123456789abcdef.wasm",
        "/pkg/tinytummy.0123456789abcdef.css",
        "/icons.svg",
        "/manifest.webmanifest",
        &server::foods::FoodFile::built_in().url,
    ] {
        assert!(assets.contains(&path), "{path} is not kept: {assets:?}");
    }
    assert_eq!(BTreeSet::from_iter(&assets).len(), assets.len(), "each once");
    for path in &assets {
        let answer = house.get(path, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(!answer.body.is_empty(), "{path}");
        assert!(!answer.headers.contains_key("set-cookie"), "{path}");
        // What is kept under a name that never changes may be kept by the browser too.
        let hashed = path.matches('.').count() > 1;
        let kept = answer.header("cache-control").ends_with("immutable");
        assert_eq!(hashed, kept, "{path}: {}", answer.header("cache-control"));
    }
    // Everything that the shell's document loads, and the page for when there is no connection.
    for document in ["shell", "offline"] {
        for url in urls(told[document].as_str().expect("a document")) {
            let page = ["/", "/today"].contains(&url.as_str());
            let icon = ["/apple-touch-icon.png"].contains(&url.as_str());
            assert!(page || icon || assets.contains(&url.as_str()), "{document} wants {url}");
        }
    }
    house.stop().await;
}

/// The addresses of a document on this server, without what follows a `#`.
fn urls(html: &str) -> Vec<String> {
    let ends = |rest: &str| rest.split(['"', '#']).next().unwrap_or_default().to_owned();
    // What an address stands after, and how it begins.
    [
        ("href=\"", ""),
        ("src=\"", ""),
        ("data-module=\"", ""),
        ("data-wasm=\"", ""),
        ("content=\"", "/foods/"),
    ]
    .into_iter()
    .flat_map(|(after, begin)| {
        let whole = |rest: &str| format!("{begin}{}", ends(rest));
        html.split(&format!("{after}{begin}"))
            .skip(1)
            .map(whole)
            .collect::<Vec<_>>()
    })
    .filter(|url| !url.is_empty())
    .collect()
}

#[tokio::test]
async fn another_build_is_another_version() {
    let house = House::start().await;
    let before = told(&house).await;
    assert_eq!(told(&house).await, before, "the same build, the same version");
    house.write("icons.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    let after = told(&house).await;
    assert_ne!(after["version"], before["version"]);
    assert_eq!(after["assets"], before["assets"]);
    // One that is gone is left out, since a worker with one file missing is never installed.
    house.remove("icons.svg");
    assert!(!strings(&told(&house).await["assets"]).contains(&"/icons.svg"));
    house.stop().await;
}

#[tokio::test]
async fn a_build_without_hashes_is_told_from_the_next_by_its_bytes() {
    let house = House::start().await;
    for kind in ["js", "css"] {
        house.write(&format!("pkg/tinytummy.{kind}"), b"plain");
    }
    // As wasm-bindgen calls it, and cargo-leptos leaves it.
    house.write("pkg/tinytummy_bg.wasm", b"plain");
    let house = house.restart_with(|settings| settings.hash_file = None).await;
    let before = told(&house).await;
    for path in ["/pkg/tinytummy.js", "/pkg/tinytummy_bg.wasm", "/pkg/tinytummy.css"] {
        assert!(strings(&before["assets"]).contains(&path), "{path}: {before}");
    }
    let shell = before["shell"].as_str().expect("a document");
    assert!(
        shell.contains("data-module=\"/pkg/tinytummy.js\"") && shell.contains("data-wasm=\"/pkg/tinytummy_bg.wasm\""),
        "{shell}"
    );
    house.write("pkg/tinytummy_bg.wasm", b"other");
    assert_ne!(told(&house).await["version"], before["version"]);
    house.stop().await;
}

#[tokio::test]
async fn the_worker_opens_the_pages_that_the_wasm_draws_and_no_others() {
    let house = House::start().await;
    let told = told(&house).await;
    let pages = BTreeSet::from_iter(strings(&told["pages"]));
    assert_eq!(
        pages,
        BTreeSet::from([
            "/today",
            "/log",
            "/unsent",
            "/children/{child}",
            "/children/{child}/days/{date}",
            "/children/{child}/log",
            "/children/{child}/meals/{meal}",
            "/children/{child}/history",
        ])
    );
    house.stop().await;
}

fn without_date(answer: &Answer) -> Vec<(String, String)> {
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "date" && *name != "x-request-id");
    headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect()
}

#[tokio::test]
async fn the_worker_and_its_documents_are_the_same_for_everybody() {
    let house = House::start().await;
    let mut anna = Parent::sign_up(&house, "annabella@example.org").await;
    anna.adds_a_child("Maximiliana", "2026-03-01").await;
    let stranger = house.get("/sw.js", &[]).await;
    let hers = anna.get("/sw.js").await;
    assert_eq!(stranger.status, StatusCode::OK);
    assert_eq!(stranger.body, hers.body);
    assert_eq!(without_date(&stranger), without_date(&hers));
    let dark = [("cookie", "tinytummy_theme=dark"), ("accept-language", "de")];
    assert_eq!(stranger.body, house.get("/sw.js", &dark).await.body);

    let told = told_by(&stranger);
    for document in ["shell", "offline"] {
        let html = told[document].as_str().expect("a document");
        for name in ["annabella", "Maximiliana", "data-theme", "data-visitor"] {
            assert!(!html.contains(name), "{name} in {document}");
        }
        for script in html.split("<script").skip(1) {
            let (tag, rest) = script.split_once('>').expect("a tag");
            assert!(tag.contains(" src=\"/shell."), "an inline script: {script}");
            assert!(rest.starts_with("</script>"), "{script}");
        }
    }
    // A browser keeps them to the same rules as a page that the server drew.
    let page = house.get("/sign-in", &[("accept", "text/html")]).await;
    let headers = told["headers"].as_object().expect("headers");
    for (name, value) in headers {
        let value = value.as_str().expect("a header");
        match name.as_str() {
            "content-security-policy" => {
                assert!(value.contains("script-src 'self' 'wasm-unsafe-eval';"), "{value}");
                assert!(!value.contains("nonce"), "{value}");
            }
            _ => assert_eq!(value, page.header(name), "{name}"),
        }
    }
    for (name, _) in without_date(&page) {
        // About the connection, or for whoever keeps the answer.
        let about_page = !matches!(
            name.as_str(),
            "cache-control" | "content-encoding" | "content-length" | "set-cookie" | "transfer-encoding" | "vary"
        );
        assert!(!about_page || headers.contains_key(&name), "{name} is missing");
    }
    house.stop().await;
}

#[tokio::test]
async fn the_manifest_names_only_what_is_there() {
    let house = House::start().await;
    let manifest = house.get("/manifest.webmanifest", &[]).await.json();
    for member in [
        "id",
        "name",
        "short_name",
        "description",
        "lang",
        "theme_color",
        "background_color",
    ] {
        assert!(manifest[member].is_string(), "{member}");
    }
    let path = |entry: &Value, member: &str| entry[member].as_str().expect("an address").to_owned();
    let list = |member: &str| manifest[member].as_array().cloned().expect("a list");
    let mut files: Vec<_> = list("icons").iter().map(|icon| path(icon, "src")).collect();
    files.extend(list("screenshots").iter().map(|shot| path(shot, "src")));
    let shortcuts = list("shortcuts");
    let of_shortcuts = shortcuts
        .iter()
        .flat_map(|shortcut| shortcut["icons"].as_array().cloned().unwrap_or_default());
    files.extend(of_shortcuts.map(|icon| path(&icon, "src")));
    for file in files {
        let answer = house.get(&file, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{file}");
        assert!(answer.header("content-type").starts_with("image/"), "{file}");
        assert!(answer.body.len() < 150_000, "{file} is {} bytes", answer.body.len());
    }
    let factors: Vec<_> = list("screenshots")
        .iter()
        .map(|shot| path(shot, "form_factor"))
        .collect();
    assert_eq!(factors, ["narrow", "wide"]);

    // The pages: a visitor is asked to sign in, a parent gets there.
    let mut parent = Parent::sign_up(&house, "parent@example.org").await;
    let child = parent.adds_a_child("Bean", "2026-03-01").await;
    let mut pages = vec![manifest["start_url"].as_str().expect("an address").to_owned()];
    pages.extend(shortcuts.iter().map(|shortcut| path(shortcut, "url")));
    pages.push(path(&manifest["share_target"], "action"));
    for page in pages {
        let visitor = house.get(&page, &[("accept", "text/html")]).await;
        assert!(visitor.header("location").starts_with("/sign-in?next="), "{page}");
        let leads = parent.get(&page).await;
        assert!(
            leads.header("location").starts_with(&child),
            "{page} leads to {}",
            leads.header("location")
        );
    }
    house.stop().await;
}

#[tokio::test]
async fn a_shared_text_is_read_and_not_saved() {
    let house = House::start().await;
    let mut parent = Parent::new(&house);
    let shared = "/log?title=Lunch&text=half+a+banana+%26+2+tbsp+oatmeal&url=https%3A%2F%2Fexample.org%2F";
    let sign_in = parent.get(shared).await.header("location").to_owned();
    let next = form_urlencoded::parse(sign_in.split_once('?').expect("a query").1.as_bytes())
        .find(|(name, _)| name == "next")
        .map(|(_, next)| next.into_owned());
    assert_eq!(next.as_deref(), Some(shared), "it survives signing in");

    // By the way from the one page to the other, too.
    let page = parent.get(&sign_in).await.text();
    let sign_up = value_after(&page, "New here?", "href")
        .expect("a link")
        .replace("&amp;", "&");
    let page = parent.get(&sign_up).await.text();
    let next = value_after(&page, "name=\"next\"", "value").expect("where to go on to");
    assert_eq!(next.replace("&amp;", "&"), shared);
    let leads = parent.signs_up("parent@example.org", shared).await;
    assert_eq!(leads, shared);
    // Nobody to log it for: it waits until there is a child, also if that takes two tries.
    let new_child = parent.get(shared).await.header("location").to_owned();
    let encoded = "text=half%20a%20banana%20%26%202%20tbsp%20oatmeal";
    assert_eq!(new_child, format!("/new-child?{encoded}"));
    let form = parent.get(&new_child).await.text();
    let text = value_after(&form, "name=\"text\"", "value").expect("the text");
    let text = text.replace("&amp;", "&");
    assert_eq!(text, "half a banana & 2 tbsp oatmeal");
    let refused = parent
        .post("/new-child", "child/save", &[("name", "Bean"), ("text", &text)])
        .await;
    let again = value_after(&refused.text(), "name=\"text\"", "value").expect("the text");
    assert_eq!(again.replace("&amp;", "&"), text);
    let fields = [
        ("name", "Bean"),
        ("date_of_birth", "2026-03-01"),
        ("sex", "female"),
        ("time_zone", "UTC"),
        ("text", &text),
    ];
    let log = parent.led_by("/new-child", "child/save", &fields).await;
    let (child, query) = log.split_once("/log?").expect("the form of a meal");
    assert_eq!(query, encoded);
    assert_eq!(parent.get(shared).await.header("location"), log);
    let page = parent.get(&log).await;
    assert_eq!(page.status, StatusCode::OK);
    let html = page.text();
    assert!(
        html.contains(">half a banana &amp; 2 tbsp oatmeal</textarea>"),
        "{html}"
    );
    assert!(html.contains("Banana") && html.contains("2 foods"), "it is read");
    assert!(
        parent.get(child).await.text().contains("Nothing written down"),
        "it is not saved"
    );

    // Whatever it is, it is text.
    let html = parent
        .get(&format!(
            "{child}/log?text=%3C%2Ftextarea%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"
        ))
        .await
        .text();
    assert!(!html.contains("<script>alert(1)"), "{html}");
    assert!(html.contains("&lt;/textarea>&lt;script>alert(1)"), "{html}");

    // What looks as if it was encoded twice was not.
    let log = parent
        .get("/log?text=yogurt+3.5%25fat")
        .await
        .header("location")
        .to_owned();
    assert_eq!(log, format!("{child}/log?text=yogurt%203.5%25fat"));
    let html = parent.get(&log).await.text();
    assert!(html.contains(">yogurt 3.5%fat</textarea>"), "{html}");

    // A recipe's title says more than its address.
    let title = parent
        .get("/log?title=Pancakes&text=&url=https%3A%2F%2Fexample.org")
        .await;
    assert_eq!(title.header("location"), format!("{child}/log?text=Pancakes"));
    house.stop().await;
}

#[tokio::test]
async fn a_page_says_whether_anybody_is_signed_in() {
    let house = House::start().await;
    let mut parent = Parent::sign_up(&house, "parent@example.org").await;
    assert!(!parent.get("/settings").await.text().contains("data-visitor"));
    let visitor = house.get("/", &[("accept", "text/html")]).await.text();
    assert!(visitor.contains("data-visitor") && visitor.contains("src=\"/device.js\""));
    house.stop().await;
}
