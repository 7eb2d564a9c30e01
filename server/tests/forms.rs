//! What a refused form gives back, and what a session's cookie promises.

mod support;

use axum::http::StatusCode;
use support::house::{House, Wishes};

#[tokio::test]
async fn a_refused_form_comes_back_with_what_was_typed_but_never_with_the_password() {
    let house = House::start().await;
    for (page, function) in [("/sign-in", "sign_in"), ("/sign-up", "sign_up")] {
        // Refused by either: one knows no such account, the other no such address.
        let form = format!("_fn=/api/account/{function}&email=anna%40&first_name=Anna&password=hush-hush-plums");
        let refused = house.post(page, &[], form.as_bytes()).await;
        assert!(refused.status.is_client_error(), "{page} answered {}", refused.status);
        assert!(refused.text().contains("value=\"anna@\""), "{}", refused.text());
        assert!(!refused.text().contains("hush-hush-plums"), "{page} shows the password");
    }
    house.stop().await;
}

#[tokio::test]
async fn what_was_typed_comes_back_as_text_and_never_as_markup() {
    let house = House::start().await;
    let form = b"_fn=/api/account/sign_in&email=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&password=x";
    let refused = house.post("/sign-in", &[], form).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.text().contains("&lt;script&gt;alert(1)"), "{}", refused.text());
    assert!(!refused.text().contains("<script>alert(1)"), "{}", refused.text());
    house.stop().await;
}

#[tokio::test]
async fn the_sessions_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http() {
    for (public_url, secure) in [(None, false), (Some("https://tummy.example.org"), true)] {
        let house = House::start_with(Wishes {
            public_url,
            ..Wishes::default()
        })
        .await;
        let form = b"_fn=/api/account/sign_up&email=anna%40example.org&first_name=Anna&password=seven+green+bananas";
        let signed_up = house.post("/sign-up", &[], form).await;
        assert_eq!(signed_up.status, StatusCode::SEE_OTHER, "{}", signed_up.text());
        let cookie = signed_up.header("set-cookie");
        let (_, flags) = cookie.split_once("; ").expect("flags");
        let flags: Vec<&str> = flags.split("; ").collect();
        assert!(
            flags.contains(&"HttpOnly") && flags.contains(&"SameSite=Lax"),
            "{flags:?}"
        );
        assert_eq!(flags.contains(&"Secure"), secure, "{flags:?}");
        house.stop().await;
    }
}
