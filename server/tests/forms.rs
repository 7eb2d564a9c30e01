//! What a refused form gives back.

mod support;

use axum::http::StatusCode;
use support::house::House;

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
