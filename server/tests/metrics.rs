//! What Prometheus is told, and what it is never told.

mod support;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use support::client::Answer;
use support::house::{House, Wishes};

async fn house() -> House {
    House::start_with(Wishes {
        metrics: true,
        ..Wishes::default()
    })
    .await
}

fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
        .into_bytes()
}

/// The session's cookie, as a browser sends it back.
fn cookie(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie");
    cookie.split(';').next().unwrap_or_default().to_owned()
}

async fn told(house: &House) -> String {
    let told = house.metrics("/metrics").await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(told.header("content-type").starts_with("application/openmetrics-text"));
    told.text()
}

/// The value of the line that begins with `name`, labels and all.
fn value(told: &str, name: &str) -> Option<f64> {
    told.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "the edge: a client has a clock")]
    Utc::now()
}

const FORGED: &str = "tinytummy_session=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

const PASSWORD: &str = "seven orange boats";

async fn sign_in(house: &House, password: &str) -> Answer {
    let fields = [
        ("_fn", "/api/account/sign_in"),
        ("email", "quetzalcoatl@example.org"),
        ("password", password),
    ];
    house.post("/sign-in", &[], &form(&fields)).await
}

#[tokio::test]
async fn a_meal_with_a_telling_name_is_counted_and_nothing_of_it_is_told() {
    let house = house().await;
    let signed_up = house
        .post(
            "/sign-up",
            &[],
            &form(&[
                ("_fn", "/api/account/sign_up"),
                ("email", "quetzalcoatl@example.org"),
                ("password", PASSWORD),
                ("first_name", "Ottokar"),
                ("time_zone", "Europe/Berlin"),
            ]),
        )
        .await;
    assert_eq!(signed_up.status, StatusCode::SEE_OTHER, "{}", signed_up.text());
    assert_eq!(
        sign_in(&house, "not the right words").await.status,
        StatusCode::UNAUTHORIZED
    );
    let signed_in = sign_in(&house, PASSWORD).await;
    assert_eq!(signed_in.status, StatusCode::SEE_OTHER);
    let cookie = cookie(&signed_in);
    let session = [("cookie", cookie.as_str())];
    let added = house
        .post(
            "/new-child",
            &session,
            &form(&[
                ("_fn", "/api/child/save"),
                ("name", "Zebulon"),
                (
                    "date_of_birth",
                    &(now().date_naive() - TimeDelta::days(300)).to_string(),
                ),
                ("sex", "female"),
                ("time_zone", "Europe/Berlin"),
            ]),
        )
        .await;
    let today = added.header("location").to_owned();
    let child = today.rsplit('/').next().expect("an id").to_owned();
    let meal = services::id::new(now()).to_string();
    let change = services::id::new(now()).to_string();
    let eaten = now() - TimeDelta::days(1);
    let (date, time) = (eaten.date_naive().to_string(), eaten.format("%H:%M").to_string());
    let saved = form(&[
        ("child", &child),
        ("meal", &meal),
        ("change", &change),
        ("raw_input", "half a banana for Zebulon and a snickerdoodle"),
        ("date", &date),
        ("time", &time),
        ("notes", "she sneezed"),
    ]);
    // Twice, as a client does that is not sure.
    for _ in 0..2 {
        let logged = house
            .post("/api/meals/save", &[session[0], ("accept", "application/json")], &saved)
            .await;
        assert_eq!(logged.status, StatusCode::OK, "{}", logged.text());
    }
    let day = house.get(&today, &session).await;
    assert_eq!(day.status, StatusCode::OK);
    assert!(
        house
            .get(&format!("{today}/days/{date}"), &session)
            .await
            .text()
            .contains("Banana")
    );
    house.get("/children/snickerdoodle?name=Zebulon", &session).await;
    house.get("/Zebulon", &session).await;
    house.post("/api/Zebulon", &session, b"").await;

    let told = told(&house).await;
    let counted = |name: &str| value(&told, name);
    assert_eq!(
        counted("tinytummy_meals_logged_total{input_method=\"text\",tier=\"free\"}"),
        Some(1.0),
        "{told}"
    );
    assert_eq!(
        counted("tinytummy_changes_total{outcome=\"written\"}"),
        Some(1.0),
        "{told}"
    );
    assert_eq!(
        counted("tinytummy_changes_total{outcome=\"repeated\"}"),
        Some(1.0),
        "{told}"
    );
    assert_eq!(
        counted("tinytummy_sign_ins_total{outcome=\"signed_in\"}"),
        Some(1.0),
        "{told}"
    );
    assert_eq!(
        counted("tinytummy_sign_ins_total{outcome=\"wrong_password\"}"),
        Some(1.0),
        "{told}"
    );
    let requests = |labels: &str| counted(&format!("tinytummy_http_request_duration_seconds_count{{{labels}}}"));
    assert_eq!(
        requests("route=\"/api/meals/save\",method=\"POST\",status=\"2xx\""),
        Some(2.0),
        "{told}"
    );
    assert_eq!(
        requests("route=\"/api/{*function}\",method=\"POST\",status=\"4xx\""),
        Some(1.0),
        "{told}"
    );
    assert_eq!(
        requests("route=\"/children/{child}/days/{date}\",method=\"GET\",status=\"2xx\""),
        Some(1.0),
        "{told}"
    );
    assert_eq!(
        requests("route=\"/sign-in\",method=\"POST\",status=\"4xx\""),
        Some(1.0),
        "{told}"
    );

    let lower = told.to_lowercase();
    for secret in [
        "zebulon",
        "ottokar",
        "quetzalcoatl",
        "example.org",
        "banana",
        "snickerdoodle",
        "sneezed",
        "orange",
        &child,
        &meal,
        &change,
        &date,
        cookie.as_str(),
    ] {
        assert!(!lower.contains(secret), "{secret} is told:\n{told}");
    }
    let digits = lower
        .split(|c: char| !c.is_ascii_hexdigit() && c != '-')
        .find(|word| word.len() >= 32);
    assert_eq!(digits, None, "an id is told:\n{told}");
    house.stop().await;
}

#[tokio::test]
async fn the_pool_the_process_and_the_build_are_told() {
    let house = house().await;
    house.get("/health/ready", &[]).await;
    let told = told(&house).await;
    let at_least = |name: &str, least: f64| {
        let value = value(&told, name);
        assert!(
            value.is_some_and(|value| value >= least),
            "{name} is {value:?}:\n{told}"
        );
    };
    at_least("tinytummy_database_connections", 1.0);
    at_least("tinytummy_database_connections_idle", 0.0);
    at_least("tinytummy_database_waiting", 0.0);
    at_least("process_start_time_seconds", 1.7e9);
    if cfg!(target_os = "linux") {
        at_least("process_resident_memory_bytes", 1e6);
    }
    let build = format!("tinytummy_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    at_least(&build, 1.0);
    house.stop().await;
}

#[tokio::test]
async fn nobody_is_left_waiting_by_a_database_that_was_away() {
    let house = house().await;
    house.database_away(true).await;
    let session = [("cookie", FORGED), ("accept", "application/json")];
    let refused = house.post("/api/home", &session, b"").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    house.database_away(false).await;
    assert_eq!(house.post("/api/home", &session, b"").await.status, StatusCode::OK);
    let told = told(&house).await;
    assert_eq!(value(&told, "tinytummy_database_waiting"), Some(0.0), "{told}");
    let home = "tinytummy_http_request_duration_seconds_count{route=\"/api/home\",method=\"POST\",status=\"5xx\"}";
    assert_eq!(value(&told, home), Some(1.0), "{told}");
    house.stop().await;
}

#[tokio::test]
async fn the_public_listener_tells_nothing_and_the_other_serves_nothing_else() {
    let house = house().await;
    assert_eq!(house.get("/metrics", &[]).await.status, StatusCode::NOT_FOUND);
    for path in ["/", "/today", "/sign-in", "/health/ready", "/foods/none.bin"] {
        assert_eq!(house.metrics(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    house.stop().await;
}
