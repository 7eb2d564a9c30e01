//! Caregivers as they meet the pages: invited, let in, shown who logged what, and shut out.

mod support;

use axum::http::StatusCode;
use domain::entitlement::Tier;
use server::config::SignUp;
use services::mail::{self, Mailer};
use support::client::Answer;
use support::house::{House, Wishes};
use support::parent::{Parent, value_after};
use support::smtp::Sink;
use uuid::Uuid;

const BORN: &str = "2026-01-10";

/// A server where every family may let others in.
async fn premium(mailer: Option<Mailer>) -> House {
    House::start_with(Wishes {
        default_tier: Tier::Premium,
        public_url: mailer.is_some().then_some("https://tummy.example.org"),
        mailer,
        ..Wishes::default()
    })
    .await
}

/// Invites from the child's page; the path of the invitation.
async fn invite(owner: &mut Parent<'_>, child: &str, email: &str, role: &str) -> String {
    let page = format!("{child}/caregivers");
    let id = id_of(child);
    let fields = [("child", id), ("email", email), ("role", role)];
    let shown = owner.post(&page, "caregivers/invite", &fields).await.text();
    let url = value_after(&shown, "id=\"link\"", "value").expect("the link, this once");
    let (_, path) = url.split_once("/invitations/").expect("an invitation's address");
    format!("/invitations/{path}")
}

fn id_of(child: &str) -> &str {
    child.trim_start_matches("/children/")
}

/// Signs up with the invited address by way of the invitation, and accepts.
async fn accepted<'a>(house: &'a House, invitation: &str, email: &str) -> Parent<'a> {
    let mut parent = Parent::new(house);
    assert_eq!(parent.signs_up(email, invitation).await, invitation);
    let token = invitation.trim_start_matches("/invitations/");
    parent
        .led_by(invitation, "invitations/accept", &[("token", token)])
        .await;
    parent
}

/// Logs a meal; its id, and the path of its day.
async fn log(parent: &mut Parent<'_>, child: &str, words: &str) -> (String, String) {
    let meal = Uuid::new_v4().to_string();
    let saved = save(parent, child, &meal, words).await;
    assert!(saved.status.is_redirection(), "{}", saved.text());
    (meal, saved.header("location").to_owned())
}

/// Posts the form of a meal.
async fn save(parent: &mut Parent<'_>, child: &str, meal: &str, words: &str) -> Answer {
    let fields = [
        ("child", id_of(child)),
        ("meal", meal),
        ("change", &Uuid::new_v4().to_string()),
        ("raw_input", words),
        ("date", BORN),
        ("time", "12:00"),
        ("kind", "food"),
    ];
    parent.post(&format!("{child}/log"), "meals/save", &fields).await
}

fn has(answer: &Answer, words: &str) -> bool {
    answer.text().contains(words)
}

#[tokio::test]
async fn a_revoked_caregiver_sees_nothing_from_the_next_request_on() {
    let house = premium(None).await;
    let mut owner = Parent::sign_up(&house, "ada@example.org").await;
    let child = owner.adds_a_child("Pip", BORN).await;
    let invitation = invite(&mut owner, &child, "nana@example.org", "writer").await;
    let mut nana = accepted(&house, &invitation, "nana@example.org").await;
    let (meal, day) = log(&mut nana, &child, "half a banana").await;
    let caregivers = format!("{child}/caregivers");
    let pages = [
        child.clone(),
        day.clone(),
        format!("{child}/log"),
        format!("{child}/history"),
        format!("{child}/profile"),
        format!("{child}/meals/{meal}"),
        caregivers.clone(),
    ];
    for page in &pages {
        assert_eq!(nana.get(page).await.status, StatusCode::OK, "{page}");
    }
    assert!(has(&owner.get(&day).await, "Logged by nana"));
    assert!(!has(&nana.get(&day).await, "Logged by"));

    let link = value_after(&owner.get(&caregivers).await.text(), "name=\"link\"", "value").expect("her link");
    let fields = [("child", id_of(&child)), ("link", link.as_str())];
    owner.led_by(&caregivers, "caregivers/revoke", &fields).await;

    for page in &pages {
        let answer = nana.get(page).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
        assert!(!has(&answer, "Pip") && !has(&answer, "anana"), "{page}");
    }
    let again = save(&mut nana, &child, &meal, "a whole banana").await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let leave = nana
        .post(&caregivers, "caregivers/leave", &[("child", id_of(&child))])
        .await;
    assert_eq!(leave.status, StatusCode::NOT_FOUND);
    assert!(has(&owner.get(&day).await, "Logged by nana"), "what she logged stays");
    house.stop().await;
}

#[tokio::test]
async fn an_invitations_link_is_shown_once_and_leads_through_signing_up() {
    let house = premium(None).await;
    let mut owner = Parent::sign_up(&house, "ada@example.org").await;
    let child = owner.adds_a_child("Pip", BORN).await;
    let invitation = invite(&mut owner, &child, "nana@example.org", "reader").await;
    let again = owner.get(&format!("{child}/caregivers")).await;
    assert!(!has(&again, "/invitations/") && has(&again, "nana@example.org"));
    assert!(has(&again, "Not answered yet"));

    let mut nana = Parent::new(&house);
    let page = nana.get(&invitation).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(has(&page, "ada invites you to look after Pip"));
    let next = format!("next={}&amp;email=nana%40example.org", invitation);
    assert!(has(&page, &format!("/sign-up?{next}")) && has(&page, &format!("/sign-in?{next}")));
    let form = nana
        .get(&format!("/sign-up?next={invitation}&email=nana%40example.org"))
        .await;
    assert!(has(&form, &format!("value=\"{invitation}\"")) && has(&form, "value=\"nana@example.org\""));
    assert_eq!(nana.signs_up("nana@example.org", &invitation).await, invitation);
    assert!(has(&nana.get(&invitation).await, "Accept"));
    let token = invitation.trim_start_matches("/invitations/");
    let led = nana
        .led_by(&invitation, "invitations/accept", &[("token", token)])
        .await;
    assert_eq!(led, child);

    let over = nana.get(&invitation).await;
    assert_eq!(over.status, StatusCode::NOT_FOUND);
    assert!(has(&over, "This invitation is not open"));
    assert!(has(
        &owner.get(&format!("{child}/caregivers")).await,
        "nana (nana@example.org)"
    ));
    house.stop().await;
}

#[tokio::test]
async fn the_wrong_account_is_told_whose_invitation_it_is_and_gets_nothing() {
    let house = premium(None).await;
    let mut owner = Parent::sign_up(&house, "ada@example.org").await;
    let child = owner.adds_a_child("Pip", BORN).await;
    let invitation = invite(&mut owner, &child, "nana@example.org", "writer").await;
    let mut eve = Parent::sign_up(&house, "eve@example.org").await;
    let page = eve.get(&invitation).await;
    assert!(has(&page, "You are signed in as") && has(&page, "nana@example.org"));
    assert!(!has(&page, "invitations/accept"));
    let token = invitation.trim_start_matches("/invitations/");
    for function in ["invitations/accept", "invitations/decline"] {
        let answer = eve.post(&invitation, function, &[("token", token)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(has(&answer, "This invitation is for nana@example.org"));
    }
    assert_eq!(eve.get(&child).await.status, StatusCode::NOT_FOUND);
    // Signing out leads back to the link.
    let led = eve
        .led_by(&invitation, "account/sign_out", &[("next", &invitation)])
        .await;
    assert_eq!(led, invitation);
    // A visitor's answer is kept until somebody is signed in.
    let visitor = eve.post(&invitation, "invitations/accept", &[("token", token)]).await;
    assert_eq!(visitor.status, StatusCode::UNAUTHORIZED);
    for forged in ["0".repeat(64), "x".to_owned()] {
        let page = eve.get(&format!("/invitations/{forged}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
    house.stop().await;
}

#[tokio::test]
async fn a_declined_invitation_leaves_nothing_behind() {
    let house = premium(None).await;
    let mut owner = Parent::sign_up(&house, "ada@example.org").await;
    let child = owner.adds_a_child("Pip", BORN).await;
    let invitation = invite(&mut owner, &child, "nana@example.org", "reader").await;
    let mut nana = Parent::sign_up(&house, "nana@example.org").await;
    let token = invitation.trim_start_matches("/invitations/");
    nana.led_by(&invitation, "invitations/decline", &[("token", token)])
        .await;
    assert_eq!(nana.get(&child).await.status, StatusCode::NOT_FOUND);
    assert_eq!(nana.get(&invitation).await.status, StatusCode::NOT_FOUND);
    assert!(has(&owner.get(&format!("{child}/caregivers")).await, "Declined"));
    house.stop().await;
}

#[tokio::test]
async fn a_reader_is_shown_no_way_to_write_and_refused_where_she_tries() {
    let house = premium(None).await;
    let mut owner = Parent::sign_up(&house, "ada@example.org").await;
    let child = owner.adds_a_child("Pip", BORN).await;
    let (meal, day) = log(&mut owner, &child, "half a banana and 1 tsp honey").await;
    let invitation = invite(&mut owner, &child, "nana@example.org", "reader").await;
    let mut nana = accepted(&house, &invitation, "nana@example.org").await;

    let page = format!("{child}/meals/{meal}");
    let shown = nana.get(&page).await;
    assert!(has(&shown, "Banana") && has(&shown, "No honey before the first birthday"));
    for path in [
        child.clone(),
        day,
        page.clone(),
        format!("{child}/history"),
        format!("{child}/profile"),
    ] {
        let shown = nana.get(&path).await;
        assert_eq!(shown.status, StatusCode::OK, "{path}");
        assert!(!has(&shown, &format!("{child}/log")), "{path} leads to logging");
        assert!(!has(&shown, "method=\"post\""), "{path} has a form");
        assert!(!has(&shown, "Log a meal"), "{path}");
    }
    let caregivers = nana.get(&format!("{child}/caregivers")).await;
    assert!(has(&caregivers, "/api/caregivers/leave") && !has(&caregivers, "/api/caregivers/invite"));

    // Typed while she still might: it is refused, and not lost.
    let typed = save(&mut nana, &child, &meal, "a whole banana").await;
    assert!(has(&typed, "This is not yours to change") && has(&typed, "a whole banana"));
    let log = nana.get(&format!("{child}/log")).await;
    assert_eq!(log.status, StatusCode::FORBIDDEN);
    let id = id_of(&child);
    let profile = [
        ("child", id),
        ("name", "Mine"),
        ("date_of_birth", BORN),
        ("sex", "female"),
        ("time_zone", "UTC"),
    ];
    let delete = [("child", id), ("meal", meal.as_str())];
    let invite = [("child", id), ("email", "eve@example.org"), ("role", "reader")];
    for answer in [
        save(&mut nana, &child, &meal, "a whole banana").await,
        nana.post(&page, "meals/delete", &delete).await,
        nana.post(&child, "child/save", &profile).await,
        nana.post(&child, "caregivers/invite", &invite).await,
    ] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
    }
    house.stop().await;
}

#[tokio::test]
async fn a_meal_deleted_by_one_and_changed_later_by_another_waits_for_a_word() {
    let house = premium(None).await;
    let mut owner = Parent::sign_up(&house, "ada@example.org").await;
    let child = owner.adds_a_child("Pip", BORN).await;
    for (answer, kept) in [("meals/restore", true), ("meals/delete", false)] {
        let (meal, day) = log(&mut owner, &child, "half a banana").await;
        let fields = [("child", id_of(&child)), ("meal", meal.as_str())];
        owner.led_by(&day, "meals/delete", &fields).await;
        // A page that was open elsewhere is saved.
        let saved = save(&mut owner, &child, &meal, "a whole banana").await;
        assert!(saved.status.is_redirection());
        let asked = owner.get(&day).await;
        assert!(has(
            &asked,
            "Somebody deleted this meal, and it was changed after that."
        ));
        assert!(has(&asked, "Keep") && has(&asked, "/api/meals/delete"));
        owner.led_by(&day, answer, &fields).await;
        let settled = owner.get(&day).await;
        assert!(!has(&settled, "Somebody deleted this meal"));
        assert_eq!(has(&settled, &meal), kept);
        owner.led_by(&day, "meals/delete", &fields).await;
    }
    house.stop().await;
}

#[tokio::test]
async fn a_full_profile_is_kept_in_either_unit_and_refused_in_words() {
    let house = premium(None).await;
    let mut owner = Parent::sign_up(&house, "ada@example.org").await;
    let child = owner.adds_a_child("Pip", BORN).await;
    let profile = format!("{child}/profile");
    let mut fields = vec![
        ("child", id_of(&child)),
        ("name", "Pip"),
        ("date_of_birth", BORN),
        ("sex", "female"),
        ("time_zone", "UTC"),
        ("due_date", "2026-03-10"),
        ("units", "us"),
        ("weight", "16 lb 5 oz"),
        ("height", "26.5"),
        ("dietary_restrictions[0]", "vegetarian"),
        ("eczema", "mild"),
        ("region", "uk"),
        ("pediatrician_name", "Dr. Nguyen"),
        ("pediatrician_contact", "030 1234"),
    ];
    owner.led_by(&profile, "child/save", &fields).await;
    let shown = owner.get(&profile).await;
    for value in [
        "value=\"2026-03-10\"",
        "value=\"7.4\"",
        "value=\"67.3\"",
        "Dr. Nguyen",
        "030 1234",
    ] {
        assert!(has(&shown, value), "{value}");
    }
    owner
        .led_by(&profile, "account/units", &[("child", id_of(&child)), ("units", "us")])
        .await;
    assert!(has(&owner.get(&profile).await, "value=\"16 lb 5 oz\""));

    fields[5].1 = "2026-12-10";
    fields[7].1 = "7400";
    let refused = owner.post(&profile, "child/save", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(has(&refused, "19 weeks after the birth") && has(&refused, "1 to 88 lb"));
    assert!(
        has(&refused, "value=\"7400\"") && has(&refused, "Dr. Nguyen"),
        "what was typed is kept"
    );
    let door = refused
        .text()
        .split_once("<details")
        .expect("the rest of the form")
        .1
        .to_owned();
    let door = door.split('>').next().unwrap_or_default();
    assert!(door.contains(" open"), "the refused fields are in sight: {door}");
    house.stop().await;
}

fn mailer(sink: &Sink) -> Mailer {
    Mailer::new(&mail::Settings {
        host: sink.address.ip().to_string(),
        port: Some(sink.address.port()),
        security: mail::Security::Plain,
        credentials: None,
        from: "tummy@example.org".to_owned(),
    })
    .expect("a mailer")
}

#[tokio::test]
async fn an_invitation_is_mailed_where_mail_is_configured_and_the_link_is_shown_all_the_same() {
    let mut sink = Sink::start().await;
    let house = premium(Some(mailer(&sink))).await;
    let mut owner = Parent::sign_up(&house, "ada@example.org").await;
    let child = owner.adds_a_child("Pip", BORN).await;
    let invitation = invite(&mut owner, &child, "nana@example.org", "writer").await;
    let delivery = sink.next().await;
    assert_eq!(delivery.header("To"), "nana@example.org");
    assert_eq!(delivery.header("Subject"), "ada invites you to look after Pip");
    assert!(
        delivery
            .text()
            .contains(&format!("https://tummy.example.org{invitation}\n")),
        "{}",
        delivery.text()
    );
    house.stop().await;
}

#[tokio::test]
async fn on_a_server_closed_to_strangers_the_invited_sign_up_and_nobody_else() {
    let house = premium(None).await;
    let mut owner = Parent::sign_up(&house, "ada@example.org").await;
    let child = owner.adds_a_child("Pip", BORN).await;
    let invitation = invite(&mut owner, &child, "nana@example.org", "writer").await;
    let house = house.restart_with(|settings| settings.sign_up = SignUp::Closed).await;

    let page = Parent::new(&house).get(&format!("/sign-up?next={invitation}")).await;
    assert!(has(&page, "Create account"));
    for (email, next) in [
        ("eve@example.org", invitation.as_str()),
        ("nana@example.org", ""),
        ("nana@example.org", &format!("/invitations/{}", "0".repeat(64))),
    ] {
        let fields = [("email", email), ("password", "plums and porridge"), ("next", next)];
        let refused = Parent::new(&house).post("/sign-up", "account/sign_up", &fields).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{email} {next}");
    }
    let mut nana = Parent::new(&house);
    assert_eq!(nana.signs_up("nana@example.org", &invitation).await, invitation);
    house.stop().await;
}

#[tokio::test]
async fn a_mail_that_was_not_taken_is_said_and_the_link_is_there() {
    let sink = Sink::answering("554 no such person").await;
    let house = premium(Some(mailer(&sink))).await;
    let mut owner = Parent::sign_up(&house, "ada@example.org").await;
    let child = owner.adds_a_child("Pip", BORN).await;
    let page = format!("{child}/caregivers");
    let fields = [
        ("child", id_of(&child)),
        ("email", "nana@example.org"),
        ("role", "reader"),
    ];
    let shown = owner.post(&page, "caregivers/invite", &fields).await;
    assert!(has(&shown, "The mail could not be sent") && has(&shown, "https://tummy.example.org/invitations/"));
    house.stop().await;
}

#[tokio::test]
async fn the_free_tier_lets_nobody_new_in_and_says_so() {
    let house = House::start().await;
    let mut owner = Parent::sign_up(&house, "ada@example.org").await;
    let child = owner.adds_a_child("Pip", BORN).await;
    let page = format!("{child}/caregivers");
    let shown = owner.get(&page).await;
    assert!(has(&shown, "Inviting caregivers belongs to premium") && !has(&shown, "/api/caregivers/invite"));
    let fields = [
        ("child", id_of(&child)),
        ("email", "nana@example.org"),
        ("role", "reader"),
    ];
    let refused = owner.post(&page, "caregivers/invite", &fields).await;
    assert_eq!(refused.status, StatusCode::PAYMENT_REQUIRED);
    assert!(!has(&owner.get(&page).await, "nana@example.org"));
    house.stop().await;
}
