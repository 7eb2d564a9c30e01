//! Guessing: it is slowed down, whoever guesses at whomever, and forgets nothing.

use crate::world::{World, now, run};
use chrono::{DateTime, TimeDelta, Utc};
use domain::account::{Email, NewAccount, Password};
use services::sessions::Visitor;
use services::{ServiceError, accounts, resets};
use std::net::IpAddr;

const RIGHT: &str = "correct horse";

fn from(address: &str) -> Visitor {
    Visitor {
        address: Some(address.parse::<IpAddr>().unwrap()),
        ..Visitor::default()
    }
}

async fn attempt(
    world: &World,
    email: &str,
    password: &str,
    address: &str,
    at: DateTime<Utc>,
) -> Result<(), ServiceError> {
    let email = Email::parse(email).unwrap();
    let password = Password::attempt(password);
    accounts::sign_in(&world.db, &email, password, &from(address), at)
        .await
        .map(drop)
}

/// The seconds to wait, when that is the answer.
fn wait(result: &Result<(), ServiceError>) -> Option<u64> {
    match result {
        Err(ServiceError::Throttled { seconds }) => Some(*seconds),
        _ => None,
    }
}

#[tokio::test]
async fn after_five_wrong_guesses_not_even_the_right_password_is_looked_at() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    for guess in 0..5 {
        // From everywhere: it is the account that is counted.
        let address = format!("192.0.2.{guess}");
        let wrong = attempt(&world, "ada@example.org", "wrong horse", &address, now()).await;
        assert!(matches!(wrong, Err(ServiceError::WrongPassword)), "{wrong:?}");
    }
    let hashed = world.db.passwords_hashed();
    let blocked = attempt(&world, "Ada@example.org", RIGHT, "192.0.2.99", now()).await;
    assert_eq!(wait(&blocked), Some(61));
    assert_eq!(world.db.passwords_hashed(), hashed, "no work for who has to wait");
    let later = now() + TimeDelta::seconds(60);
    attempt(&world, "ada@example.org", RIGHT, "192.0.2.99", later)
        .await
        .unwrap();
    // It was right, and everything is as at first.
    let wrong = attempt(&world, "ada@example.org", "wrong horse", "192.0.2.99", later).await;
    assert!(matches!(wrong, Err(ServiceError::WrongPassword)), "{wrong:?}");
}

#[tokio::test]
async fn an_address_without_an_account_is_slowed_down_all_the_same() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    let mut answers = Vec::new();
    for email in ["ada@example.org", "eve@example.org"] {
        let mut said = Vec::new();
        let mut at = now();
        for _ in 0..9 {
            let answer = attempt(&world, email, "wrong horse", "192.0.2.1", at).await;
            at += TimeDelta::seconds(wait(&answer).unwrap_or(0).try_into().unwrap());
            said.push(answer.unwrap_err().to_string());
        }
        answers.push(said);
    }
    assert_eq!(answers[0], answers[1]);
    assert!(
        answers[0].iter().any(|words| words.contains("too many tries")),
        "{answers:?}"
    );
}

#[tokio::test]
async fn waits_grow_from_one_to_the_next() {
    let world = World::new().await;
    let mut at = now();
    let mut waits = Vec::new();
    while waits.len() < 6 {
        let answer = attempt(&world, "eve@example.org", "x", "192.0.2.1", at).await;
        if let Some(seconds) = wait(&answer) {
            waits.push(seconds);
            at += TimeDelta::seconds(seconds.try_into().unwrap());
        }
    }
    assert_eq!(waits, [61, 121, 241, 481, 901, 901]);
}

#[tokio::test]
async fn one_who_goes_through_many_accounts_is_stopped_at_his_own_address() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    for guess in 0..20 {
        // A right one in between does not start the count anew.
        if guess == 10 {
            attempt(&world, "ada@example.org", RIGHT, "2001:db8::5", now())
                .await
                .unwrap();
        }
        let email = format!("eve{guess}@example.org");
        let address = format!("2001:db8::{guess:x}");
        let wrong = attempt(&world, &email, "wrong horse", &address, now()).await;
        assert!(matches!(wrong, Err(ServiceError::WrongPassword)), "{guess}: {wrong:?}");
    }
    let blocked = attempt(&world, "ada@example.org", RIGHT, "2001:db8::9999", now()).await;
    assert_eq!(wait(&blocked), Some(61));
    attempt(&world, "ada@example.org", RIGHT, "2001:db8:0:1::1", now())
        .await
        .unwrap();
}

#[tokio::test]
async fn guesses_at_the_same_time_are_counted_one_by_one() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    let guesses = (0..12).map(|guess| {
        let db = world.db.clone();
        tokio::spawn(async move {
            let email = Email::parse("ada@example.org").unwrap();
            let address = format!("192.0.2.{guess}");
            accounts::sign_in(&db, &email, Password::attempt("wrong horse"), &from(&address), now())
                .await
                .map(drop)
        })
    });
    let mut looked_at = 0;
    for guess in guesses.collect::<Vec<_>>() {
        match guess.await.unwrap() {
            Err(ServiceError::WrongPassword) => looked_at += 1,
            other => assert!(wait(&other).is_some(), "{other:?}"),
        }
    }
    assert_eq!(looked_at, 5);
}

#[tokio::test]
async fn what_was_counted_outlives_the_server_and_tells_nobody_who_it_was() {
    let world = World::new().await;
    for _ in 0..5 {
        let _ = attempt(&world, "eve@example.org", "x", "192.0.2.1", now()).await;
    }
    let restarted = world.connect_again();
    let email = Email::parse("eve@example.org").unwrap();
    let blocked = accounts::sign_in(&restarted, &email, Password::attempt("x"), &from("192.0.2.1"), now()).await;
    assert!(matches!(blocked, Err(ServiceError::Throttled { .. })));
    let mut superuser = world.superuser().await;
    let stored: String = sqlx::query_scalar("select string_agg(sign_in_throttle::text, ' ') from sign_in_throttle")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert!(!stored.contains("eve") && !stored.contains("192.0.2.1"), "{stored}");
}

#[tokio::test]
async fn what_means_nothing_any_more_goes() {
    let world = World::new().await;
    for guess in 0..8 {
        let email = format!("eve{guess}@example.org");
        let _ = attempt(&world, &email, "x", "192.0.2.1", now()).await;
    }
    let _ = attempt(
        &world,
        "bob@example.org",
        "x",
        "192.0.2.2",
        now() + TimeDelta::hours(25),
    )
    .await;
    assert_eq!(
        run(&mut world.superuser().await, "select from sign_in_throttle").await,
        2
    );
}

#[tokio::test]
async fn asking_for_links_is_slowed_down_and_signing_in_is_not_by_that() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    let ada = Email::parse("ada@example.org").unwrap();
    let address = Some("192.0.2.1".parse().unwrap());
    for _ in 0..5 {
        resets::ask(&world.db, &ada, address, now()).await.unwrap();
    }
    let blocked = resets::ask(&world.db, &ada, address, now()).await;
    assert_eq!(wait(&blocked), Some(61));
    attempt(&world, "ada@example.org", RIGHT, "192.0.2.1", now())
        .await
        .unwrap();
}

#[tokio::test]
async fn whoever_asks_one_address_after_the_other_by_signing_up_is_slowed_down() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    let mut last = Ok(());
    for _ in 0..21 {
        let new = NewAccount::parse("ada@example.org", "plums and porridge", "", "", "UTC").unwrap();
        last = accounts::sign_up(&world.db, new, &from("192.0.2.1"), now())
            .await
            .map(drop);
    }
    assert_eq!(wait(&last), Some(61));
}
