//! Signing up, in and out.

use crate::world::{World, now, run};
use chrono::TimeDelta;
use domain::account::{Email, NewAccount, Password};
use domain::field::Field;
use services::sessions::{Token, Visitor};
use services::{ServiceError, Tx, accounts};

async fn is_signed_in(world: &World, token: &Token, after: TimeDelta) -> bool {
    Tx::begin_session(&world.db, token, now() + after)
        .await
        .unwrap()
        .is_some()
}

#[tokio::test]
async fn signing_up_signs_in_and_signing_out_ends_it() {
    let world = World::new().await;
    let signed_in = world.sign_up("ada@example.org").await;
    let (mut tx, session) = Tx::begin_session(&world.db, &signed_in.token, now())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(session.account.id, signed_in.account);
    assert_eq!(session.account, accounts::account(&mut tx, now()).await.unwrap());
    assert_eq!(session.account.email, "ada@example.org");
    drop(tx);
    accounts::sign_out(&world.db, &signed_in.token, now()).await.unwrap();
    assert!(!is_signed_in(&world, &signed_in.token, TimeDelta::zero()).await);
    accounts::sign_out(&world.db, &signed_in.token, now()).await.unwrap();
}

#[tokio::test]
async fn one_address_has_one_account_however_it_is_written() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    let again = NewAccount::parse("Ada@EXAMPLE.org", "another password", "", "", "UTC").unwrap();
    let ServiceError::Refused(refusals) = accounts::sign_up(&world.db, again, &Visitor::default(), now())
        .await
        .unwrap_err()
    else {
        panic!("not refused");
    };
    assert_eq!(refusals[0].field, Field::Email);
    assert!(refusals[0].message.contains("Sign in instead"));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_one_answer() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    let attempt = async |email: &str, password: &str| {
        accounts::sign_in(
            &world.db,
            &Email::parse(email).unwrap(),
            Password::attempt(password),
            &Visitor::default(),
            now(),
        )
        .await
    };
    assert!(attempt("ADA@example.org", "correct horse").await.is_ok());
    let hashed = world.db.passwords_hashed();
    let wrong = attempt("ada@example.org", "wrong horse").await.unwrap_err();
    assert_eq!(world.db.passwords_hashed(), hashed + 1, "one hash for a wrong password");
    let unknown = attempt("eve@example.org", "correct horse").await.unwrap_err();
    assert_eq!(
        world.db.passwords_hashed(),
        hashed + 2,
        "and one for an unknown address"
    );
    assert!(matches!(wrong, ServiceError::WrongPassword) && matches!(unknown, ServiceError::WrongPassword));
    assert_eq!(wrong.to_string(), unknown.to_string());
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_lives_on_when_it_is() {
    let world = World::new().await;
    let token = world.sign_up("ada@example.org").await.token;
    assert!(is_signed_in(&world, &token, TimeDelta::days(89)).await);
    assert!(is_signed_in(&world, &token, TimeDelta::days(89 + 89)).await);
    assert!(!is_signed_in(&world, &token, TimeDelta::days(89 + 89 + 90)).await);
}

#[tokio::test]
async fn a_session_is_renewed_once_an_hour_and_not_at_every_request() {
    let world = World::new().await;
    let token = world.sign_up("ada@example.org").await.token;
    let mut renewed = Vec::new();
    for minutes in [1, 59, 60, 61, 121] {
        let later = now() + TimeDelta::minutes(minutes);
        let (_, session) = Tx::begin_session(&world.db, &token, later).await.unwrap().unwrap();
        renewed.push(session.renewed);
    }
    assert_eq!(renewed, [false, false, true, false, true]);
}

#[tokio::test]
async fn a_forged_session_opens_nothing() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    let forged = Token::parse(&"0".repeat(64)).unwrap();
    assert!(!is_signed_in(&world, &forged, TimeDelta::zero()).await);
}

#[tokio::test]
async fn a_visitor_sees_nobody_even_after_an_address_was_looked_up() {
    let world = World::new().await;
    let signed_in = world.sign_up("ada@example.org").await;
    world.sign_up("bea@example.org").await;
    let mut tx = Tx::begin_visitor(&world.db).await.unwrap();
    assert_eq!(run(tx.connection(), "select 1 from users").await, 0);
    assert_eq!(
        run(tx.connection(), "select * from app.find_account('ADA@example.org')").await,
        1
    );
    assert_eq!(run(tx.connection(), "select 1 from users").await, 1);
    assert_eq!(run(tx.connection(), "select 1 from sessions").await, 0);
    assert_eq!(run(tx.connection(), "update users set first_name = 'x'").await, 0);
    tx.commit().await.unwrap();
    // The next one who gets that connection sees nothing of it.
    let mut tx = Tx::begin_visitor(&world.db).await.unwrap();
    assert_eq!(run(tx.connection(), "select 1 from users").await, 0);
    assert!(matches!(
        accounts::account(&mut tx, now()).await,
        Err(ServiceError::SignedOut)
    ));
    drop(tx);
    let mut superuser = world.superuser().await;
    run(
        &mut superuser,
        &format!("delete from users where id = '{}'", signed_in.account),
    )
    .await;
    assert!(!is_signed_in(&world, &signed_in.token, TimeDelta::zero()).await);
}

#[tokio::test]
async fn an_account_takes_its_children_with_it_and_leaves_others_what_it_logged() {
    use crate::world::{change, meal_id, text};
    let world = World::new().await;
    let (ada, nana) = (
        world.account("ada@example.org").await,
        world.account("nana@example.org").await,
    );
    let (child, hers) = (world.child(ada).await, world.child(nana).await);
    world.let_in(&child, nana, true).await;
    let meal = meal_id();
    world
        .apply(nana, &change(child.id, meal, 0, text("1 banana")))
        .await
        .unwrap();
    world
        .apply(nana, &change(hers.id, meal_id(), 0, text("1 banana")))
        .await
        .unwrap();
    let mut tx = Tx::begin(&world.db, nana).await.unwrap();
    assert_eq!(
        run(tx.connection(), &format!("delete from users where id = '{nana}'")).await,
        1
    );
    tx.commit().await.unwrap();
    let mut tx = Tx::begin(&world.db, ada).await.unwrap();
    assert_eq!(
        services::meals::get(&mut tx, child.id, meal)
            .await
            .unwrap()
            .logged_by_name,
        "nana"
    );
    drop(tx);
    let mut superuser = world.superuser().await;
    assert_eq!(
        run(
            &mut superuser,
            &format!("select 1 from changes where child_id = '{}'", hers.id)
        )
        .await,
        0
    );
}
