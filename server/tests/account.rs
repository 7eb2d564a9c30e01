//! Accounts as a browser without JavaScript meets them: cookies, forms, and words.

mod support;

use axum::http::StatusCode;
use server::config::SignUp;
use services::mail::{Mailer, Security, Settings};
use support::client::Answer;
use support::house::{House, Wishes};
use support::smtp::Sink;

const PASSWORD: &str = "plums and porridge";
const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml");

/// The fields of a form, with the function it means.
fn form(function: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("_fn", &format!("/api/{function}"))
        .extend_pairs(fields)
        .finish()
        .into_bytes()
}

/// The session's cookie as a browser would send it back.
fn session(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("tinytummy_session="), "{cookie:?} {}", answer.text());
    cookie.split(';').next().unwrap_or_default().to_owned()
}

async fn sign_up(house: &House, email: &str) -> String {
    let fields = [("email", email), ("password", PASSWORD), ("first_name", "Ada")];
    let answer = house.post("/sign-up", &[], &form("account/sign_up", &fields)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    session(&answer)
}

async fn sign_in(house: &House, email: &str, password: &str, headers: &[(&str, &str)]) -> Answer {
    let fields = [("email", email), ("password", password)];
    house.post("/sign-in", headers, &form("account/sign_in", &fields)).await
}

async fn is_signed_in(house: &House, cookie: &str) -> bool {
    let answer = house.get("/settings", &[BROWSER, ("cookie", cookie)]).await;
    answer.status == StatusCode::OK && answer.text().contains("ada@example.org")
}

fn mailer(sink: &Sink) -> Mailer {
    Mailer::new(&Settings {
        host: sink.address.ip().to_string(),
        port: Some(sink.address.port()),
        security: Security::Plain,
        credentials: None,
        from: "TinyTummy <tummy@example.org>".to_owned(),
    })
    .expect("a mailer")
}

#[tokio::test]
async fn the_session_cookie_is_for_our_pages_only_and_secure_behind_https() {
    for (public_url, secure) in [(None, false), (Some("https://tummy.example.org"), true)] {
        let house = House::start_with(Wishes {
            public_url,
            ..Wishes::default()
        })
        .await;
        let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
        let answer = house.post("/sign-up", &[], &form("account/sign_up", &fields)).await;
        let cookie = answer.header("set-cookie").to_owned();
        for attribute in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert_eq!(cookie.contains("; Secure"), secure, "{cookie}");
        house.stop().await;
    }
}

#[tokio::test]
async fn signing_in_gives_a_new_session_and_ends_the_one_that_was_there() {
    let house = House::start().await;
    let before = sign_up(&house, "ada@example.org").await;
    assert!(is_signed_in(&house, &before).await);
    let answer = sign_in(&house, "ada@example.org", PASSWORD, &[("cookie", &before)]).await;
    let after = session(&answer);
    assert_ne!(before, after);
    assert!(is_signed_in(&house, &after).await);
    assert!(!is_signed_in(&house, &before).await);
    house.stop().await;
}

/// A page without what differs from one to the next by design.
fn same_for_all(answer: &Answer, email: &str) -> String {
    let policy = answer.header("content-security-policy");
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .expect("a nonce");
    answer.text().replace(nonce, "NONCE").replace(email, "EMAIL")
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_get_the_same_page() {
    let house = House::start().await;
    sign_up(&house, "ada@example.org").await;
    let mut pages = Vec::new();
    for email in ["ada@example.org", "eve@example.org"] {
        let mut said = Vec::new();
        // Up to the wait, and into it.
        for _ in 0..6 {
            let answer = sign_in(&house, email, "wrong horse", &[]).await;
            let page = same_for_all(&answer, email);
            // The seconds that passed meanwhile are nobody's secret.
            let retry = answer.headers.contains_key("retry-after");
            said.push((answer.status, retry, page));
        }
        pages.push(said);
    }
    let statuses: Vec<_> = pages[0].iter().map(|(status, ..)| status.as_u16()).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429]);
    // The words, and all around them, without the data for hydration, which has the seconds.
    let visible = |page: &str| {
        let parts = page.split("<script");
        let after = parts.map(|part| part.split_once("</script>").map_or(part, |(_, after)| after));
        after.collect::<String>()
    };
    for (known, unknown) in pages[0].iter().zip(&pages[1]) {
        assert_eq!((known.0, known.1), (unknown.0, unknown.1));
        assert_eq!(visible(&known.2), visible(&unknown.2));
    }
    assert!(visible(&pages[1][0].2).contains("do not belong together"));
    assert!(visible(&pages[1][5].2).contains("Please wait a minute"));
    assert!(!pages[0][0].2.contains("wrong horse"), "a password was given back");
    house.stop().await;
}

#[tokio::test]
async fn guessing_is_slowed_down_in_words_and_a_restart_forgets_nothing() {
    let house = House::start().await;
    sign_up(&house, "ada@example.org").await;
    for _ in 0..5 {
        let wrong = sign_in(&house, "ada@example.org", "wrong horse", &[]).await;
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    }
    let house = house.restart().await;
    let blocked = sign_in(&house, "ada@example.org", PASSWORD, &[]).await;
    assert_eq!(blocked.status, StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = blocked.header("retry-after").parse().expect("seconds");
    assert!((1..=61).contains(&seconds), "{seconds}");
    assert!(blocked.text().contains("Please wait"), "{}", blocked.text());
    assert!(
        blocked.text().contains("value=\"ada@example.org\""),
        "what was typed is kept"
    );
    // A program hears the same.
    let call = house
        .post(
            "/api/account/sign_in",
            &[("accept", "application/json")],
            b"email=ada@example.org&password=x",
        )
        .await;
    assert_eq!(call.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(call.headers.contains_key("retry-after"));
    house.stop().await;
}

#[tokio::test]
async fn a_flood_of_sign_ins_is_turned_away_in_words_and_the_server_goes_on() {
    let house = House::start_with(Wishes {
        trusted_proxies: vec!["127.0.0.1".parse().expect("an address")],
        ..Wishes::default()
    })
    .await;
    sign_up(&house, "ada@example.org").await;
    // From everywhere at whomever: no count stops these.
    let flood = (0..200).map(|guess| {
        let house = &house;
        async move {
            let (email, address) = (format!("eve{guess}@example.org"), format!("198.51.100.{guess}"));
            sign_in(house, &email, "wrong horse", &[("x-forwarded-for", &address)]).await
        }
    });
    let answers = futures_util::future::join_all(flood).await;
    let turned_away: Vec<_> = answers
        .iter()
        .filter(|answer| answer.text().contains("Many people are signing in"))
        .collect();
    assert!(!turned_away.is_empty(), "everybody was let into the line");
    for answer in &turned_away {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers.contains_key("retry-after"));
    }
    // Turned away is no wrong guess.
    let first = answers
        .iter()
        .position(|answer| answer.text().contains("Many people are signing in"))
        .expect("one that was turned away");
    let email = format!("eve{first}@example.org");
    for _ in 0..5 {
        let again = sign_in(&house, &email, "wrong horse", &[("x-forwarded-for", "203.0.113.1")]).await;
        assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    }
    let ada = sign_in(
        &house,
        "ada@example.org",
        PASSWORD,
        &[("x-forwarded-for", "203.0.113.2")],
    )
    .await;
    assert_eq!(ada.status, StatusCode::SEE_OTHER);
    house.stop().await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_one_guesser_does_not_lock_the_others_out() {
    let house = House::start_with(Wishes {
        trusted_proxies: vec!["127.0.0.1".parse().expect("an address")],
        ..Wishes::default()
    })
    .await;
    sign_up(&house, "ada@example.org").await;
    let guesser = ("x-forwarded-for", "198.51.100.1");
    for guess in 0..20 {
        let email = format!("eve{guess}@example.org");
        let wrong = sign_in(&house, &email, "wrong horse", &[guesser]).await;
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED, "{guess}");
    }
    let blocked = sign_in(&house, "ada@example.org", PASSWORD, &[guesser]).await;
    assert_eq!(blocked.status, StatusCode::TOO_MANY_REQUESTS);
    let other = sign_in(
        &house,
        "ada@example.org",
        PASSWORD,
        &[("x-forwarded-for", "198.51.100.2")],
    )
    .await;
    assert_eq!(other.status, StatusCode::SEE_OTHER);
    house.stop().await;
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_way_of_a_mail() {
    let mut sink = Sink::start().await;
    let house = House::start_with(Wishes {
        public_url: Some("https://tummy.example.org"),
        mailer: Some(mailer(&sink)),
        ..Wishes::default()
    })
    .await;
    let before = sign_up(&house, "ada@example.org").await;
    let ask = async |email: &str| {
        let asked = house
            .post("/forgot-password", &[], &form("password/forgot", &[("email", email)]))
            .await;
        (asked.status, asked.header("location").to_owned())
    };
    let unknown = ask("eve@example.org").await;
    assert_eq!(unknown.0, StatusCode::SEE_OTHER);
    assert_eq!(
        unknown,
        ask("ada@example.org").await,
        "whether there is an account is not told"
    );
    let page = house.get(&unknown.1, &[BROWSER]).await;
    assert!(
        page.text().contains("If that address has an account here"),
        "{}",
        page.text()
    );

    let delivery = sink.next().await;
    assert_eq!(delivery.header("To"), "ada@example.org");
    assert!(sink.is_quiet(), "an address without an account got mail");
    let text = delivery.text();
    // Never the host that the request named.
    let link = text
        .lines()
        .find_map(|line| line.strip_prefix("https://tummy.example.org"))
        .expect("a link");
    let token = link.strip_prefix("/reset-password?token=").expect("a token");

    let page = house.get(link, &[BROWSER]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Choose a new password"));
    let choose = async |password: &str| {
        let fields = [("token", token), ("password", password)];
        house.post(link, &[], &form("password/reset", &fields)).await
    };
    let weak = choose("tinytummy2026").await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.text().contains("among the first that are tried"));
    assert!(weak.text().contains(token), "the link is still in the form");
    let chosen = choose("three green jackets").await;
    assert_eq!(chosen.status, StatusCode::SEE_OTHER, "{}", chosen.text());
    assert!(is_signed_in(&house, &session(&chosen)).await);
    assert!(!is_signed_in(&house, &before).await);
    let again = choose("three green jackets").await;
    assert_eq!(again.status, StatusCode::GONE);
    assert!(again.text().contains("used already or is too old"));
    house.stop().await;
}

#[tokio::test]
async fn a_server_without_mail_says_whom_to_ask() {
    let house = House::start().await;
    let page = house.get("/forgot-password", &[BROWSER]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Ask whoever runs it") && !page.text().contains("Send me a link"));
    let asked = house
        .post(
            "/forgot-password",
            &[],
            &form("password/forgot", &[("email", "ada@example.org")]),
        )
        .await;
    assert_eq!(asked.status, StatusCode::FORBIDDEN);
    house.stop().await;
}

#[tokio::test]
async fn where_sign_up_is_closed_no_page_offers_it() {
    for (sign_up, offered) in [(SignUp::Open, true), (SignUp::Closed, false)] {
        let house = House::start_with(Wishes {
            sign_up,
            ..Wishes::default()
        })
        .await;
        for path in ["/", "/sign-in"] {
            let page = house.get(path, &[BROWSER]).await;
            assert_eq!(page.text().contains("href=\"/sign-up\""), offered, "{path}");
        }
        let page = house.get("/sign-up", &[BROWSER]).await;
        assert_eq!(page.text().contains("Create account"), offered);
        assert_eq!(page.text().contains("New accounts are closed"), !offered);
        let fields = [("email", "ada@example.org"), ("password", PASSWORD)];
        let answer = house.post("/sign-up", &[], &form("account/sign_up", &fields)).await;
        assert_eq!(answer.status == StatusCode::SEE_OTHER, offered, "{}", answer.status);
        house.stop().await;
    }
}

#[tokio::test]
async fn the_account_page_lists_devices_and_signs_them_out() {
    let house = House::start().await;
    sign_up(&house, "ada@example.org").await;
    let phone = (
        "user-agent",
        "Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
    );
    let phones = session(&sign_in(&house, "ada@example.org", PASSWORD, &[phone]).await);
    let laptops = session(&sign_in(&house, "ada@example.org", PASSWORD, &[]).await);
    let page = house
        .get("/settings/account", &[BROWSER, ("cookie", &laptops)])
        .await
        .text();
    assert!(
        page.contains("Firefox on Android") && page.contains("this device"),
        "{page}"
    );
    let label = page.find("Sign out Firefox on Android").expect("a way to sign it out");
    let device = page[..label]
        .rsplit("name=\"device\" value=\"")
        .next()
        .and_then(|rest| rest.split('"').next())
        .expect("its id");
    let done = house
        .post(
            "/settings/account",
            &[("cookie", &laptops)],
            &form("device/sign_out", &[("device", device)]),
        )
        .await;
    assert_eq!(done.header("location"), "/settings/account?done=device");
    assert!(!is_signed_in(&house, &phones).await);
    assert!(is_signed_in(&house, &laptops).await);

    let everywhere = house
        .post(
            "/settings/account",
            &[("cookie", &laptops)],
            &form("device/sign_out_everywhere", &[]),
        )
        .await;
    assert!(everywhere.header("set-cookie").contains("Max-Age=0"));
    assert!(!is_signed_in(&house, &laptops).await);
    house.stop().await;
}

#[tokio::test]
async fn a_changed_password_keeps_this_browser_signed_in() {
    let house = House::start().await;
    let cookie = sign_up(&house, "ada@example.org").await;
    let change = async |current: &str, new: &str| {
        let fields = [("current_password", current), ("password", new)];
        house
            .post(
                "/settings/account",
                &[("cookie", &cookie)],
                &form("password/change", &fields),
            )
            .await
    };
    let wrong = change("wrong horse", "three green jackets").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("That is not your password"));
    assert!(
        !wrong.text().contains("three green jackets"),
        "a password was given back"
    );
    let changed = change(PASSWORD, "three green jackets").await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.text());
    let after = session(&changed);
    assert_ne!(after, cookie);
    assert!(is_signed_in(&house, &after).await && !is_signed_in(&house, &cookie).await);
    house.stop().await;
}

#[tokio::test]
async fn an_account_is_deleted_with_its_password_after_saying_what_goes() {
    let house = House::start().await;
    let cookie = sign_up(&house, "ada@example.org").await;
    let with = ("cookie", cookie.as_str());
    let child = [
        ("name", "Pip"),
        ("date_of_birth", "2026-01-01"),
        ("sex", "female"),
        ("time_zone", "UTC"),
    ];
    let added = house.post("/new-child", &[with], &form("child/save", &child)).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text());
    let page = house.get("/settings/account/delete", &[BROWSER, with]).await.text();
    assert!(page.contains("Pip: the profile and 0 meals"), "{page}");
    let delete = async |password: &str| {
        let fields = [("current_password", password)];
        house
            .post("/settings/account/delete", &[with], &form("account/delete", &fields))
            .await
    };
    assert_eq!(delete("wrong horse").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(is_signed_in(&house, &cookie).await);
    let gone = delete(PASSWORD).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.text());
    assert!(gone.header("set-cookie").contains("Max-Age=0"));
    assert!(
        house
            .get(gone.header("location"), &[BROWSER])
            .await
            .text()
            .contains("is deleted")
    );
    assert_eq!(
        sign_in(&house, "ada@example.org", PASSWORD, &[]).await.status,
        StatusCode::UNAUTHORIZED
    );
    house.stop().await;
}

#[tokio::test]
async fn a_second_child_is_premium_and_the_words_are_kind() {
    let house = House::start().await;
    let cookie = sign_up(&house, "ada@example.org").await;
    let with = ("cookie", cookie.as_str());
    let add = async |name: &str| {
        let child = [
            ("name", name),
            ("date_of_birth", "2026-01-01"),
            ("sex", "female"),
            ("time_zone", "UTC"),
        ];
        house.post("/new-child", &[with], &form("child/save", &child)).await
    };
    assert_eq!(add("Pip").await.status, StatusCode::SEE_OTHER);
    let full = add("Bean").await;
    assert_eq!(full.status, StatusCode::PAYMENT_REQUIRED);
    assert!(full.text().contains("room for one child") && full.text().contains("value=\"Bean\""));
    let more = house.get("/settings", &[BROWSER, with]).await.text();
    assert!(more.contains("room for one child") && !more.contains("href=\"/new-child\""));
    house.stop().await;
}
