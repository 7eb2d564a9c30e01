//! What a refused form gives back.

mod support;

use axum::http::StatusCode;
use support::house::House;
use support::parent::Parent;
use uuid::Uuid;

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
async fn a_form_that_was_mended_after_its_answer_was_lost_is_saved_as_it_is_now() {
    let house = House::start().await;
    let mut parent = Parent::sign_up(&house, "ada@example.org").await;
    let child = parent.adds_a_child("Pip", "2026-01-10").await;
    let (meal, change) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
    let mut day = String::new();
    for words in ["half a banana", "half a banana", "half a banana and an egg"] {
        let fields = [
            ("child", child.trim_start_matches("/children/")),
            ("meal", meal.as_str()),
            ("change", change.as_str()),
            ("raw_input", words),
            ("date", "2026-01-10"),
            ("time", "12:00"),
            ("kind", "food"),
        ];
        let saved = parent.post(&format!("{child}/log"), "meals/save", &fields).await;
        assert!(saved.status.is_redirection(), "{}", saved.text());
        saved.header("location").clone_into(&mut day);
    }
    let shown = parent.get(&day).await.text();
    assert!(shown.contains("Banana") && shown.contains("Egg"), "{shown}");
    let past = parent.get(&format!("{child}/meals/{meal}/past")).await.text();
    assert_eq!(
        past.matches("entry__what").count(),
        2,
        "what was sent twice was written once"
    );
    house.stop().await;
}
