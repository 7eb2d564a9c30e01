//! `/api/v1` as a program meets it.

mod support;

use axum::http::StatusCode;
use domain::entitlement::Tier;
use serde_json::{Value, json};
use server::security::BODY_LIMIT;
use std::net::SocketAddr;
use support::client::{Answer, send};
use support::house::{House, Wishes};

/// Ids as programs make them.
fn id(number: u32) -> String {
    format!("01900000-0000-7000-8000-{number:012}")
}

const PIP: u32 = 1;
const SAM: u32 = 2;

/// A house in which somebody has signed up.
struct Family {
    house: House,
    cookie: String,
}

/// What a token may do, as the form says it.
struct Reach<'a> {
    access: &'a str,
    children: &'a [u32],
}

const ALL: Reach<'_> = Reach {
    access: "write",
    children: &[],
};
const READ: Reach<'_> = Reach {
    access: "read",
    children: &[],
};

async fn sign_up(house: &House, email: &str) -> String {
    let form = format!("_fn=%2Fapi%2Faccount%2Fsign_up&email={email}&password=plums+and+porridge&first_name=Ada");
    let answer = house.post("/sign-up", &[], form.as_bytes()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let cookie = answer.header("set-cookie");
    cookie.split(';').next().unwrap_or_default().to_owned()
}

/// Makes a token by the page, as a parent without JavaScript does.
async fn make_token(house: &House, cookie: &str, reach: &Reach<'_>, number: u32) -> Answer {
    let which = if reach.children.is_empty() { "all" } else { "some" };
    let mut form = format!(
        "_fn=%2Fapi%2Ftoken%2Fmake&token={}&name=Tablet&access={}&lifetime=month&reach={which}",
        id(number),
        reach.access
    );
    for (at, child) in reach.children.iter().enumerate() {
        form += &format!("&children[{at}]={}", id(*child));
    }
    house
        .post("/settings/tokens", &[("cookie", cookie)], form.as_bytes())
        .await
}

/// Whether a page has a key on it. What is random in a page may begin as one does, and goes on otherwise.
fn shows_a_key(text: &str) -> bool {
    text.split("tt_")
        .skip(1)
        .any(|rest| rest.len() >= 64 && rest.bytes().take(64).all(|byte| byte.is_ascii_hexdigit()))
}

fn key_in(page: &Answer) -> String {
    let text = page.text();
    let from = text.find("tt_").expect("a key on the page");
    text[from..from + 67].to_owned()
}

impl Family {
    /// With two children, Pip and Sam.
    async fn new() -> (Self, String) {
        let house = House::start_with(Wishes {
            default_tier: Tier::Premium,
            ..Wishes::default()
        })
        .await;
        let cookie = sign_up(&house, "ada%40example.org").await;
        let family = Self { house, cookie };
        let key = family.token(&ALL, 900).await;
        for child in [PIP, SAM] {
            let made = family.put(&key, &child_path(child), &profile()).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        }
        (family, key)
    }

    async fn token(&self, reach: &Reach<'_>, number: u32) -> String {
        let page = make_token(&self.house, &self.cookie, reach, number).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        key_in(&page)
    }

    async fn ask(&self, key: &str, method: &str, path: &str, body: &[u8]) -> Answer {
        let bearer = format!("Bearer {key}");
        let mut headers = vec![("authorization", bearer.as_str())];
        if !body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        send(self.house.address, method, &format!("/api/v1{path}"), &headers, body).await
    }

    async fn get(&self, key: &str, path: &str) -> Answer {
        self.ask(key, "GET", path, b"").await
    }

    async fn put(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.ask(key, "PUT", path, body.to_string().as_bytes()).await
    }
}

fn profile() -> Value {
    json!({"name": "Pip", "date_of_birth": "2026-01-10", "sex": "female", "allergies": ["milk"],
           "time_zone": "Europe/Berlin"})
}

fn child_path(child: u32) -> String {
    format!("/children/{}", id(child))
}

fn meal_path(child: u32, meal: u32) -> String {
    format!("/children/{}/meals/{}", id(child), id(meal))
}

fn banana() -> Value {
    json!({"raw_input": "half a banana", "eaten_at": "2026-11-23T12:30:00+01:00"})
}

/// A problem of ours, with that status and code.
fn assert_problem(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["code"], code, "{problem}");
    assert_eq!(problem["status"], status.as_u16());
    for part in ["title", "detail"] {
        assert!(problem[part].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
    }
}

/// The fields a refusal names.
fn fields(answer: &Answer) -> Vec<String> {
    answer.json()["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| error["field"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn a_meal_goes_in_comes_out_is_mended_deleted_and_restored() {
    let (family, key) = Family::new().await;
    let path = meal_path(PIP, 10);
    let made = family.put(&key, &path, &banana()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let meal = made.json();
    assert_eq!(meal["local_time"], "12:30");
    assert_eq!(meal["logged_by_name"], "Ada");
    assert_eq!(meal["analysis"]["detected_foods"], json!(["banana"]));
    assert!(meal["analysis"]["nutrition_breakdown"]["iron"].is_number());

    let again = family.put(&key, &path, &banana()).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.json(), meal, "put twice it is one meal");
    assert_eq!(family.get(&key, &path).await.json(), meal);

    let patch = json!({"notes": "with the spoon", "meal_type": "snack"}).to_string();
    let mended = family.ask(&key, "PATCH", &path, patch.as_bytes()).await;
    assert_eq!(mended.status, StatusCode::OK);
    assert_eq!(mended.json()["notes"], "with the spoon");
    assert_eq!(mended.json()["raw_input"], "half a banana");

    for _ in 0..2 {
        let deleted = family.ask(&key, "DELETE", &path, b"").await;
        assert_eq!(deleted.status, StatusCode::NO_CONTENT);
        assert!(deleted.body.is_empty());
    }
    assert_problem(&family.get(&key, &path).await, StatusCode::NOT_FOUND, "not_found");
    assert_problem(
        &family.put(&key, &path, &banana()).await,
        StatusCode::CONFLICT,
        "deleted",
    );
    let restored = family.ask(&key, "POST", &format!("{path}/restore"), b"").await;
    assert_eq!(restored.status, StatusCode::OK);
    assert_eq!(restored.json()["notes"], "with the spoon");
    family.house.stop().await;
}

#[tokio::test]
async fn a_day_says_what_is_not_known_and_does_not_call_it_nought() {
    let (family, key) = Family::new().await;
    let eaten = json!({"items": [{"food": "sr24:09040", "grams": 50}, {"food": "own:unknown", "grams": 20}],
                       "eaten_at": "2026-11-23T12:30:00+01:00"});
    let made = family.put(&key, &meal_path(PIP, 10), &eaten).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let day = family.get(&key, &format!("{}/days/2026-11-23", child_path(PIP))).await;
    assert_eq!(day.status, StatusCode::OK);
    let day = day.json();
    assert_eq!(
        (&day["meals"], &day["age_band"]),
        (&json!(1), &json!("to_twelve_months"))
    );
    let iron = &day["nutrients"][0];
    assert_eq!(iron["nutrient"], "iron");
    assert_eq!(iron["amount"], 0.13);
    assert_eq!(
        (&iron["foods_with_figure"], &iron["foods_without_figure"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(iron["target"], json!({"amount": 11.0, "basis": "recommended"}));

    let unknown = json!({"items": [{"food": "own:unknown", "grams": 20}], "eaten_at": "2026-11-22T12:30:00+01:00"});
    family.put(&key, &meal_path(PIP, 11), &unknown).await;
    let day = family
        .get(&key, &format!("{}/days/2026-11-22", child_path(PIP)))
        .await
        .json();
    assert_eq!(day["nutrients"][0]["amount"], Value::Null);
    assert_eq!(day["nutrients"][0]["percent"], Value::Null);
    family.house.stop().await;
}

#[tokio::test]
async fn meals_come_by_date_and_page() {
    let (family, key) = Family::new().await;
    for (number, day) in [(10, 20), (11, 21), (12, 21), (13, 22)] {
        let meal = json!({"raw_input": "half a banana", "eaten_at": format!("2026-11-{day}T12:00:{number}Z")});
        family.put(&key, &meal_path(PIP, number), &meal).await;
    }
    let meals = format!("{}/meals", child_path(PIP));
    let ids = |page: &Value| -> Vec<String> {
        let meals = page["meals"].as_array().expect("meals");
        meals
            .iter()
            .map(|meal| meal["id"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let all = family.get(&key, &meals).await.json();
    assert_eq!(ids(&all), [id(10), id(11), id(12), id(13)]);
    assert_eq!(all["next"], Value::Null);
    let range = format!("{meals}?from=2026-11-21&to=2026-11-22&limit=2");
    let first = family.get(&key, &range).await.json();
    assert_eq!(ids(&first), [id(11), id(12)]);
    let next = first["next"].as_str().expect("a next page");
    let second = family.get(&key, &format!("{range}&after={next}")).await.json();
    assert_eq!(ids(&second), [id(13)]);
    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "from=yesterday",
        "to=2026-02-30",
        "before=2026-01-01",
        "from=+262142-01-01",
    ] {
        let answer = family.get(&key, &format!("{meals}?{query}")).await;
        assert_problem(&answer, StatusCode::BAD_REQUEST, "bad_query");
    }
    let answer = family.get(&key, &format!("{meals}?after=here")).await;
    assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(fields(&answer), ["after"]);
    family.house.stop().await;
}

#[tokio::test]
async fn a_child_is_added_once_replaced_changed_and_deleted() {
    let (family, key) = Family::new().await;
    let path = child_path(PIP);
    let again = family.put(&key, &path, &profile()).await;
    assert_eq!(again.status, StatusCode::OK);
    let changed = family
        .ask(
            &key,
            "PATCH",
            &path,
            json!({"allergies": ["egg"]}).to_string().as_bytes(),
        )
        .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    assert_eq!(changed.json()["profile"]["allergies"], json!(["egg"]));
    assert_eq!(changed.json()["profile"]["name"], "Pip");
    let odd = family
        .ask(&key, "PATCH", &path, json!({"name": null}).to_string().as_bytes())
        .await;
    assert_problem(&odd, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(
        family.ask(&key, "DELETE", &path, b"").await.status,
        StatusCode::NO_CONTENT
    );
    assert_problem(&family.get(&key, &path).await, StatusCode::NOT_FOUND, "not_found");
    let left = family.get(&key, "/children").await.json();
    assert_eq!(left["children"].as_array().map(Vec::len), Some(1));
    family.house.stop().await;
}

#[tokio::test]
async fn another_familys_child_is_not_there_whatever_one_does() {
    let (family, key) = Family::new().await;
    let eve = sign_up(&family.house, "eve%40example.org").await;
    let eves = key_in(&make_token(&family.house, &eve, &ALL, 901).await);
    family.put(&key, &meal_path(PIP, 10), &banana()).await;
    let body = banana().to_string();
    for (method, path, body) in [
        ("GET", child_path(PIP), ""),
        ("PATCH", child_path(PIP), "{\"name\": \"Eve\"}"),
        ("DELETE", child_path(PIP), ""),
        ("GET", format!("{}/meals", child_path(PIP)), ""),
        ("GET", format!("{}/days/2026-11-23", child_path(PIP)), ""),
        ("GET", meal_path(PIP, 10), ""),
        ("PUT", meal_path(PIP, 10), body.as_str()),
        ("PATCH", meal_path(PIP, 10), body.as_str()),
        ("DELETE", meal_path(PIP, 10), ""),
        ("POST", format!("{}/restore", meal_path(PIP, 10)), ""),
    ] {
        let hers = family.ask(&eves, method, &path, body.as_bytes()).await;
        assert_problem(&hers, StatusCode::NOT_FOUND, "not_found");
        // Word for word what a child that nobody has gets.
        let nobodys = path.replace(&id(PIP), &id(999));
        let nobodys = family.ask(&eves, method, &nobodys, body.as_bytes()).await;
        assert_eq!(hers.json(), nobodys.json(), "{method} {path}");
    }
    // Nor is it taken over by its id.
    let taken = family.put(&eves, &child_path(PIP), &profile()).await;
    assert_problem(&taken, StatusCode::NOT_FOUND, "not_found");
    let words = json!({"text": "milk", "child": id(PIP)}).to_string();
    let read = family.ask(&eves, "POST", "/analyse", words.as_bytes()).await;
    assert_problem(&read, StatusCode::NOT_FOUND, "not_found");
    assert_eq!(family.get(&key, &meal_path(PIP, 10)).await.status, StatusCode::OK);
    family.house.stop().await;
}

#[tokio::test]
async fn a_token_does_what_it_may_and_no_more() {
    let (family, key) = Family::new().await;
    family.put(&key, &meal_path(PIP, 10), &banana()).await;
    let body = banana().to_string();

    let read = family.token(&READ, 902).await;
    assert_eq!(family.get(&read, &meal_path(PIP, 10)).await.status, StatusCode::OK);
    let profile = profile().to_string();
    for (method, path, body) in [
        ("PUT", meal_path(PIP, 10), body.as_str()),
        ("PUT", meal_path(PIP, 11), body.as_str()),
        ("PATCH", meal_path(PIP, 10), "{\"notes\": \"x\"}"),
        ("DELETE", meal_path(PIP, 10), ""),
        ("POST", format!("{}/restore", meal_path(PIP, 10)), ""),
        ("PATCH", child_path(PIP), "{\"name\": \"x\"}"),
        ("PUT", child_path(PIP), profile.as_str()),
        ("PUT", child_path(77), profile.as_str()),
        ("DELETE", child_path(PIP), ""),
    ] {
        let refused = family.ask(&read, method, &path, body.as_bytes()).await;
        assert_problem(&refused, StatusCode::FORBIDDEN, "read_only");
    }

    let one = family
        .token(
            &Reach {
                access: "write",
                children: &[SAM],
            },
            903,
        )
        .await;
    assert_eq!(
        family.put(&one, &meal_path(SAM, 20), &banana()).await.status,
        StatusCode::CREATED
    );
    assert_problem(
        &family.get(&one, &meal_path(PIP, 10)).await,
        StatusCode::NOT_FOUND,
        "not_found",
    );
    assert_problem(
        &family.put(&one, &meal_path(PIP, 10), &banana()).await,
        StatusCode::NOT_FOUND,
        "not_found",
    );
    for path in [child_path(SAM), child_path(78)] {
        let status = family.ask(&one, "DELETE", &path, b"").await.status;
        assert!(
            matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND),
            "{path} {status}"
        );
    }
    let list = family.get(&one, "/children").await.json();
    assert_eq!(list["children"].as_array().map(Vec::len), Some(1));
    let account = family.get(&one, "/account").await.json();
    assert_eq!(account["email"], "ada@example.org");
    assert_eq!(account["token"]["children"], json!([id(SAM)]));
    family.house.stop().await;
}

#[tokio::test]
async fn who_does_not_say_who_asks_or_says_it_wrong_gets_nothing() {
    let (family, key) = Family::new().await;
    let address = family.house.address;
    let forged = format!("Bearer tt_{}", "0".repeat(64));
    let good = format!("Bearer {key}");
    let bare = key.replace("tt_", "Bearer ");
    for headers in [
        &[][..],
        &[("authorization", "Bearer")],
        &[("authorization", "Bearer tt_short")],
        &[("authorization", "Basic YTpi")],
        &[("authorization", forged.as_str())],
        &[("authorization", bare.as_str())],
        // With a token that opens nothing, a session opens nothing either.
        &[("authorization", forged.as_str()), ("cookie", family.cookie.as_str())],
        &[("cookie", "tinytummy_session=x")],
    ] {
        for (method, path) in [("GET", "/children"), ("DELETE", &*child_path(PIP))] {
            let answer = send(address, method, &format!("/api/v1{path}"), headers, b"").await;
            if answer.status != StatusCode::FORBIDDEN {
                assert_problem(&answer, StatusCode::UNAUTHORIZED, "unauthorized");
                assert!(answer.header("www-authenticate").starts_with("Bearer"), "{headers:?}");
            }
        }
    }
    let lower = good.replace("Bearer", "bearer");
    let answer = send(address, "GET", "/api/v1/children", &[("authorization", &lower)], b"").await;
    assert_eq!(answer.status, StatusCode::OK);

    family
        .house
        .run("update access_tokens set expires_at = now() - interval '1 second'")
        .await;
    assert_problem(
        &family.get(&key, "/children").await,
        StatusCode::UNAUTHORIZED,
        "unauthorized",
    );
    family.house.stop().await;
}

#[tokio::test]
async fn a_session_works_too_and_keeps_its_guard_against_other_sites() {
    let (family, _) = Family::new().await;
    let cookie = ("cookie", family.cookie.as_str());
    let address = family.house.address;
    let children = send(address, "GET", "/api/v1/children", &[cookie], b"").await;
    assert_eq!(children.status, StatusCode::OK);
    let account = send(address, "GET", "/api/v1/account", &[cookie], b"").await;
    assert_eq!(account.json()["token"], Value::Null);
    let path = format!("/api/v1{}", meal_path(PIP, 10));
    let body = banana().to_string();
    let json = ("content-type", "application/json");
    let ours = ("sec-fetch-site", "same-origin");
    let theirs = ("sec-fetch-site", "cross-site");
    let refused = send(address, "PUT", &path, &[cookie, json, theirs], body.as_bytes()).await;
    assert_problem(&refused, StatusCode::FORBIDDEN, "other_site");
    let made = send(address, "PUT", &path, &[cookie, json, ours], body.as_bytes()).await;
    assert_eq!(made.status, StatusCode::CREATED);
    family.house.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_or_kept_is_refused_with_its_place() {
    let (family, key) = Family::new().await;
    let path = meal_path(PIP, 10);
    for broken in ["{", "", "[", "{\"notes\": \"x\"} x", "\u{0}", "{\"notes\": 1e999}"] {
        let bearer = format!("Bearer {key}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let answer = send(
            family.house.address,
            "PUT",
            &format!("/api/v1{path}"),
            &headers,
            broken.as_bytes(),
        )
        .await;
        assert_problem(&answer, StatusCode::BAD_REQUEST, "bad_json");
    }
    for (odd, field) in [
        (json!({"raw_inptu": "half a banana"}), "raw_inptu"),
        (json!({"raw_input": 1}), "raw_input"),
        (json!({"raw_input": "x", "items": [{"food": "sr24:09040"}]}), "items[0]"),
        (
            json!({"items": [{"food": "sr24:09040", "grams": "a lot"}]}),
            "items[0].grams",
        ),
        (json!({"raw_input": "x", "meal_type": "brunch"}), "meal_type"),
        (json!({"raw_input": "x", "eaten_at": "yesterday"}), "eaten_at"),
        (json!({"notes": "nothing eaten"}), "raw_input"),
        (json!({"raw_input": "  "}), "raw_input"),
        (json!({"raw_input": "x".repeat(2001)}), "raw_input"),
        (
            json!({"raw_input": "x", "eaten_at": "2001-01-01T00:00:00Z"}),
            "eaten_at",
        ),
        (
            json!({"raw_input": "x", "eaten_at": "9999-12-31T23:59:59Z"}),
            "eaten_at",
        ),
        (json!({"items": [{"food": "sr24:09040", "grams": 6000}]}), "grams"),
        (json!({"items": [{"food": "sr24:09040", "grams": -1}]}), "grams"),
        (json!({"raw_input": "900 kg of banana"}), "items"),
    ] {
        let answer = family.put(&key, &path, &odd).await;
        assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(fields(&answer), [field], "{odd}");
    }
    assert_problem(&family.get(&key, &path).await, StatusCode::NOT_FOUND, "not_found");

    let several = json!({"name": "", "date_of_birth": "2099-01-01", "sex": "female", "time_zone": "Europe/Berlin"});
    let answer = family.put(&key, &child_path(PIP), &several).await;
    assert_eq!(fields(&answer), ["name", "date_of_birth"]);
    family.house.stop().await;
}

#[tokio::test]
async fn nine_hundred_kilos_are_asked_about_and_two_are_believed_when_said() {
    let (family, key) = Family::new().await;
    let answer = family
        .put(&key, &meal_path(PIP, 10), &json!({"raw_input": "900 kg of banana"}))
        .await;
    assert_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert!(
        answer.json()["errors"][0]["message"]
            .as_str()
            .is_some_and(|text| text.contains("900 kg"))
    );
    let said = json!({"raw_input": "2 kg of banana", "items": [{"food": "sr24:09040", "grams": 2000}]});
    assert_eq!(
        family.put(&key, &meal_path(PIP, 10), &said).await.status,
        StatusCode::CREATED
    );
    family.house.stop().await;
}

#[tokio::test]
async fn too_much_the_wrong_kind_and_the_wrong_method_are_said_so() {
    let (family, key) = Family::new().await;
    let path = meal_path(PIP, 10);
    let answer = family.ask(&key, "PUT", &path, &vec![b' '; BODY_LIMIT + 1]).await;
    assert_problem(&answer, StatusCode::PAYLOAD_TOO_LARGE, "too_large");

    let bearer = format!("Bearer {key}");
    let auth = ("authorization", bearer.as_str());
    let put = async |headers: &[(&str, &str)]| {
        send(family.house.address, "PUT", &format!("/api/v1{path}"), headers, b"{}").await
    };
    for headers in [&[auth][..], &[auth, ("content-type", "text/plain")]] {
        assert_problem(&put(headers).await, StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json");
    }

    for (method, path, allow) in [
        ("POST", path.as_str(), "PUT"),
        ("DELETE", "/children", "GET"),
        ("GET", "/analyse", "POST"),
        ("POST", "/openapi.json", "GET"),
    ] {
        let answer = family.ask(&key, method, path, b"").await;
        assert_problem(&answer, StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed");
        assert!(
            answer.header("allow").contains(allow),
            "{method} {path}: {}",
            answer.header("allow")
        );
    }
    for path in [
        "",
        "/",
        "/nowhere",
        "/children/",
        "/account/sign_in",
        "/children/x",
        "/children/%ff",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = family.ask(&key, method, path, b"").await;
            if answer.status != StatusCode::METHOD_NOT_ALLOWED {
                assert_problem(&answer, StatusCode::NOT_FOUND, "not_found");
            }
        }
    }
    // The server functions are where they were.
    let home = family
        .house
        .post("/api/home", &[("accept", "application/json")], b"")
        .await;
    assert_eq!(home.status, StatusCode::OK);
    family.house.stop().await;
}

#[tokio::test]
async fn while_the_database_is_away_it_says_so_and_recovers() {
    let (family, key) = Family::new().await;
    family.house.database_away(true).await;
    assert_problem(
        &family.get(&key, "/children").await,
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
    );
    family.house.database_away(false).await;
    assert_eq!(family.get(&key, "/children").await.status, StatusCode::OK);
    family.house.stop().await;
}

#[tokio::test]
async fn foods_are_found_and_words_are_read_for_a_child_or_for_anybody() {
    let (family, key) = Family::new().await;
    let foods = family.get(&key, "/foods?query=banana&limit=3").await.json();
    assert_eq!(foods["foods"][0]["id"], "sr24:09040");
    assert_eq!(foods["foods"].as_array().map(Vec::len), Some(3));
    assert!(
        foods["attribution"]
            .as_str()
            .is_some_and(|text| text.contains("Department of Agriculture"))
    );

    let read = async |words: Value| family.ask(&key, "POST", "/analyse", words.to_string().as_bytes()).await;
    let rules = |answer: &Answer| -> Vec<Value> {
        let analysis = answer.json();
        let warnings = analysis["warnings"].as_array().expect("warnings");
        warnings.iter().map(|warning| warning["rule"].clone()).collect()
    };
    let honey = read(json!({"text": "2 tsp honey", "age_months": 8})).await;
    assert!(rules(&honey).contains(&json!("honey")), "{}", honey.text());
    let nobody = read(json!({"text": "2 tsp honey"})).await;
    assert!(rules(&nobody).is_empty());
    let pip = read(json!({"text": "60 ml cow's milk", "child": id(PIP)})).await;
    assert!(rules(&pip).contains(&json!("allergy:milk")), "{}", pip.text());
    let without = read(json!({"text": "60 ml cow's milk", "child": id(PIP), "allergies": []})).await;
    assert!(!rules(&without).contains(&json!("allergy:milk")), "{}", without.text());
    let old = read(json!({"text": "milk", "age_months": 1201})).await;
    assert_eq!(fields(&old), ["age_months"]);
    family.house.stop().await;
}

#[tokio::test]
async fn another_food_file_reads_new_meals_and_leaves_the_old_ones_their_figures() {
    let (mut family, key) = Family::new().await;
    let old = meal_path(PIP, 10);
    let before = family.put(&key, &old, &banana()).await.json();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("foods.bin");
    let build = |name: &str| {
        let tables = [
            ("foods", "id,name,kcal\n7,\"Banana, from the garden\",100\n"),
            ("portions", "id,amount,unit,grams\n7,1,medium,80\n"),
        ];
        let [foods, portions] = tables.map(|(table, rows)| {
            let path = dir.path().join(format!("{table}.csv"));
            std::fs::write(&path, rows).unwrap();
            Some(path)
        });
        server::foods::build(&server::config::FoodsBuildOptions {
            fdc: None,
            foods,
            portions,
            aliases: None,
            name: name.to_owned(),
            out: file.clone(),
        })
        .unwrap();
    };
    build("sr24-2");
    let refused = server::foods::FoodFile::in_use(Some(&file)).unwrap_err();
    assert!(refused.to_string().contains("another --name"), "{refused}");

    build("garden-1");
    family.house = family
        .house
        .restart_with(|settings| settings.foods = Some(file.clone()))
        .await;
    let new = family.put(&key, &meal_path(PIP, 11), &banana()).await.json();
    assert_eq!(new["analysis"]["items"][0]["food"], "garden:7", "{new}");
    assert_eq!(new["analysis"]["items"][0]["nutrients"]["calories"], 40.0);
    let patch = json!({"notes": "with the spoon"}).to_string();
    let mended = family.ask(&key, "PATCH", &old, patch.as_bytes()).await.json();
    assert_eq!(mended["notes"], "with the spoon");
    for part in ["items", "detected_foods", "nutrition_breakdown", "confidence_score"] {
        assert_eq!(mended["analysis"][part], before["analysis"][part], "{part}");
    }
    assert_eq!(mended["analysis"]["items"][0]["food"], "sr24:09040");
    family.house.stop().await;
}

/// What a stream of events said so far, as it comes.
struct Heard {
    body: hyper::body::Incoming,
    text: String,
}

impl Heard {
    async fn listen(address: SocketAddr, cookie: &str) -> Self {
        let stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
        let (mut sender, connection) = hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream))
            .await
            .expect("HTTP");
        tokio::spawn(connection);
        let request = axum::http::Request::get("/api/v1/events")
            .header("host", address.to_string())
            .header("cookie", cookie)
            .header("accept-encoding", "br, gzip")
            .body(axum::body::Body::empty())
            .expect("a request");
        let answer = sender.send_request(request).await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert!(!answer.headers().contains_key("content-encoding"));
        Self {
            body: answer.into_body(),
            text: String::new(),
        }
    }

    /// Waits until it has said `news` so many times; false once it ended before.
    async fn news(&mut self, times: usize) -> bool {
        use http_body_util::BodyExt as _;
        while self.text.matches("event: news").count() < times {
            let frame = tokio::time::timeout(std::time::Duration::from_secs(20), self.body.frame())
                .await
                .expect("something is said within twenty seconds");
            match frame {
                Some(Ok(frame)) => self.text += &String::from_utf8_lossy(&frame.into_data().unwrap_or_default()),
                _ => return false,
            }
        }
        true
    }
}

#[tokio::test]
async fn a_page_that_is_open_hears_of_writes_for_its_children_and_of_no_others() {
    let (family, key) = Family::new().await;
    let stranger = sign_up(&family.house, "eve%40example.org").await;
    let mut ours = Heard::listen(family.house.address, &family.cookie).await;
    let mut theirs = Heard::listen(family.house.address, &stranger).await;
    // Both begin to listen at some moment of their own; what may have been missed is news to everybody.
    family.put(&key, &meal_path(PIP, 10), &banana()).await;
    assert!(ours.news(1).await);
    assert!(
        ours.text.contains("event: news\ndata: sync\n"),
        "a browser hears no event without data: {}",
        ours.text
    );
    family.put(&key, &meal_path(SAM, 11), &banana()).await;
    let heard = ours.text.matches("event: news").count();
    assert!(ours.news(heard + 1).await);

    // The session ends: the next write ends the stream.
    let out = family
        .house
        .post(
            "/settings",
            &[("cookie", &family.cookie)],
            b"_fn=%2Fapi%2Faccount%2Fsign_out",
        )
        .await;
    assert!(out.status.is_redirection(), "{}", out.text());
    family.put(&key, &meal_path(SAM, 12), &banana()).await;
    let heard = ours.text.matches("event: news").count();
    assert!(!ours.news(heard + 50).await, "it goes on: {}", ours.text);

    // A server that stops does not wait for those who listen.
    let began = tokio::time::Instant::now();
    family.house.stop().await;
    assert!(
        began.elapsed() < std::time::Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
    let strange = theirs.text.matches("event: news").count();
    assert!(!theirs.news(strange + 50).await);
    assert!(
        theirs.text.matches("event: news").count() <= 1,
        "a stranger heard: {}",
        theirs.text
    );
}

#[tokio::test]
async fn what_is_written_on_one_server_is_heard_on_another() {
    let (family, key) = Family::new().await;
    let other = family.house.another_server().await;
    let mut heard = Heard::listen(other.address(), &family.cookie).await;
    family.put(&key, &meal_path(PIP, 10), &banana()).await;
    assert!(heard.news(1).await);
    // What began the listening may have been the news; from here on it is the write.
    let before = heard.text.matches("event: news").count();
    family.put(&key, &meal_path(PIP, 11), &banana()).await;
    assert!(heard.news(before + 1).await);
    other.stop().await;
    family.house.stop().await;
}

#[tokio::test]
async fn a_key_is_on_the_page_that_answers_its_form_and_nowhere_after() {
    let (family, _) = Family::new().await;
    let page = make_token(&family.house, &family.cookie, &READ, 902).await;
    let key = key_in(&page);
    assert!(shows_a_key(&page.text()));
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("location"), "");
    assert_eq!(family.get(&key, "/account").await.status, StatusCode::OK);

    let later = family
        .house
        .get("/settings/tokens", &[("cookie", &family.cookie)])
        .await;
    assert!(
        later.text().contains("Tablet") && !later.text().contains(&key[3..]),
        "the key is shown again"
    );
    let again = make_token(&family.house, &family.cookie, &READ, 902).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = again.text();
    assert!(text.contains("shown only once"), "{text}");
    assert!(!shows_a_key(&text), "{text}");

    let revoke = format!("_fn=%2Fapi%2Ftoken%2Frevoke&token={}", id(902));
    let gone = family
        .house
        .post("/settings/tokens", &[("cookie", &family.cookie)], revoke.as_bytes())
        .await;
    assert_eq!(gone.header("location"), "/settings/tokens");
    assert_problem(
        &family.get(&key, "/account").await,
        StatusCode::UNAUTHORIZED,
        "unauthorized",
    );
    // A token is no session: no page and no server function opens to it.
    let mine = family.token(&ALL, 903).await;
    let bearer = format!("Bearer {mine}");
    let page = family
        .house
        .get("/settings/tokens", &[("authorization", &bearer)])
        .await;
    assert!(
        page.status.is_redirection() || page.status == StatusCode::UNAUTHORIZED,
        "{}",
        page.status
    );
    family.house.stop().await;
}

#[tokio::test]
async fn the_document_describes_every_operation_and_the_reader_shows_it_without_a_script() {
    let house = House::start().await;
    let document = house.get("/api/v1/openapi.json", &[]).await;
    assert_eq!(document.header("content-type"), "application/json");
    let document = document.json();
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
    let paths = document["paths"].as_object().expect("paths");
    let reader = house.get("/api/v1/docs", &[("cookie", "tinytummy_theme=dark")]).await;
    let page = reader.text();
    let mut operations = 0;
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("operations") {
            operations += 1;
            let answers = &operation["responses"];
            let mut expected = vec!["401", "500", "503"];
            if method != "get" {
                expected.extend(["403", "413"]);
            }
            if path.contains('{') {
                expected.push("404");
            }
            if operation["requestBody"].is_object() {
                expected.extend(["400", "415", "422"]);
            }
            for status in expected {
                assert!(answers[status].is_object(), "{method} {path} lacks {status}");
            }
            let id = operation["operationId"].as_str().expect("an id");
            assert!(page.contains(&format!("id=\"{id}\"")), "{id} is not on the page");
        }
    }
    assert_eq!(operations, 17);
    assert_eq!(reader.status, StatusCode::OK);
    assert!(page.contains("data-theme=\"dark\"") && page.contains("/pkg/tinytummy.0123456789abcdef.css"));
    assert!(
        !page.contains("<script") && !page.contains(" style="),
        "the policy would refuse it"
    );
    assert!(
        reader
            .header("content-security-policy")
            .starts_with("default-src 'none'; style-src 'self'")
    );
    // Every link to a shape leads to one.
    for link in page.split("href=\"#").skip(1) {
        let target = link.split('"').next().unwrap_or_default();
        assert!(page.contains(&format!("id=\"{target}\"")), "#{target} leads nowhere");
    }
    house.stop().await;
}
