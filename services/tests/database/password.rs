//! Changing a password, forgetting it, and leaving for good.

use crate::world::{APP, OWNER, World, browser, change, meal_id, migrations, now, run, text};
use chrono::TimeDelta;
use domain::account::{Account, Belongings, Email, OwnChild, Password};
use domain::field::Field;
use domain::sync::{PROTOCOL, Upload};
use services::sessions::{self, Token, Visitor};
use services::sync::sync;
use services::{ServiceError, Tx, accounts, belongings, foods, passwords, resets};
use sqlx::Executor;
use std::collections::BTreeMap;

const OLD: &str = "correct horse";
const NEW: &str = "plums and porridge";

fn ada() -> Email {
    Email::parse("ada@example.org").unwrap()
}

async fn lives(world: &World, token: &Token) -> bool {
    Tx::begin_session(&world.db, token, now()).await.unwrap().is_some()
}

async fn account(world: &World, token: &Token) -> Account {
    let (_, session) = Tx::begin_session(&world.db, token, now()).await.unwrap().unwrap();
    session.account
}

async fn signs_in(world: &World, password: &str) -> bool {
    let password = Password::attempt(password);
    accounts::sign_in(&world.db, &ada(), password, &Visitor::default(), now())
        .await
        .is_ok()
}

fn refused_field<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> Field {
    match result {
        Err(ServiceError::Refused(refusals)) => refusals[0].field,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn signing_in_ends_the_session_that_the_browser_came_with() {
    let world = World::new().await;
    let planted = world.sign_up("eve@example.org").await.token;
    let other = world.sign_up("ada@example.org").await.token;
    let visitor = Visitor {
        presented: Some(planted.clone()),
        ..browser("test")
    };
    let fresh = accounts::sign_in(&world.db, &ada(), Password::attempt(OLD), &visitor, now())
        .await
        .unwrap()
        .token;
    assert!(!lives(&world, &planted).await);
    assert!(lives(&world, &fresh).await && lives(&world, &other).await);
    // A wrong password ends nothing.
    let visitor = Visitor {
        presented: Some(fresh.clone()),
        ..browser("test")
    };
    let wrong = accounts::sign_in(&world.db, &ada(), Password::attempt("x"), &visitor, now()).await;
    assert!(matches!(wrong, Err(ServiceError::WrongPassword)));
    assert!(lives(&world, &fresh).await);
}

#[tokio::test]
async fn a_changed_password_signs_every_other_device_out() {
    let world = World::new().await;
    let (phone, tablet) = (
        world.sign_up("ada@example.org").await.token,
        accounts::sign_in(&world.db, &ada(), Password::attempt(OLD), &browser("tablet"), now())
            .await
            .unwrap()
            .token,
    );
    let link = resets::issue(&world.db, &ada(), resets::MAILED_LIFE, now())
        .await
        .unwrap()
        .unwrap();
    let me = account(&world, &phone).await;
    let change = async |current: &str, new: &str| {
        passwords::change(
            &world.db,
            &me,
            Password::attempt(current),
            new,
            &browser("phone"),
            now(),
        )
        .await
    };
    assert_eq!(refused_field(change("wrong horse", NEW).await), Field::CurrentPassword);
    assert_eq!(refused_field(change(OLD, "short").await), Field::Password);
    assert_eq!(
        refused_field(change(OLD, "ada@example.org 2026").await),
        Field::Password
    );
    assert!(lives(&world, &tablet).await && signs_in(&world, OLD).await);

    let fresh = change(OLD, NEW).await.unwrap().token;
    assert!(lives(&world, &fresh).await);
    assert!(!lives(&world, &phone).await && !lives(&world, &tablet).await);
    assert!(!signs_in(&world, OLD).await);
    assert!(signs_in(&world, NEW).await);
    let old_link = resets::redeem(&world.db, &link, "another one, quite long", &browser(""), now()).await;
    assert!(matches!(old_link, Err(ServiceError::LinkOver)));
}

#[tokio::test]
async fn guessing_the_password_of_a_phone_left_on_the_table_is_slowed_down() {
    let world = World::new().await;
    let phone = world.sign_up("ada@example.org").await.token;
    let me = account(&world, &phone).await;
    let mut last = Ok(());
    for _ in 0..6 {
        last = accounts::delete(&world.db, &me, Password::attempt("x"), &browser(""), now()).await;
    }
    assert!(matches!(last, Err(ServiceError::Throttled { .. })), "{last:?}");
    assert!(lives(&world, &phone).await);
}

#[tokio::test]
async fn a_link_sets_a_password_once() {
    let world = World::new().await;
    let phone = world.sign_up("ada@example.org").await.token;
    let link = resets::issue(&world.db, &ada(), resets::MAILED_LIFE, now())
        .await
        .unwrap()
        .unwrap();
    let redeem = async |typed: &str| resets::redeem(&world.db, &link, typed, &browser("laptop"), now()).await;
    // One that will not do does not use the link up.
    assert_eq!(refused_field(redeem("password123").await), Field::Password);
    assert!(lives(&world, &phone).await);
    let laptop = redeem(NEW).await.unwrap().token;
    assert!(lives(&world, &laptop).await && !lives(&world, &phone).await);
    assert!(signs_in(&world, NEW).await && !signs_in(&world, OLD).await);
    assert!(matches!(
        redeem("another one, quite long").await,
        Err(ServiceError::LinkOver)
    ));
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_is_too_late() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    let link = resets::issue(&world.db, &ada(), resets::MAILED_LIFE, now())
        .await
        .unwrap()
        .unwrap();
    let visitor = browser("");
    let (one, two) = tokio::join!(
        resets::redeem(&world.db, &link, NEW, &visitor, now()),
        resets::redeem(&world.db, &link, NEW, &visitor, now())
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

#[tokio::test]
async fn a_link_is_over_after_its_time_and_opens_nothing_else() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    let link = resets::issue(&world.db, &ada(), resets::MAILED_LIFE, now())
        .await
        .unwrap()
        .unwrap();
    let late = now() + resets::MAILED_LIFE;
    let over = resets::redeem(&world.db, &link, NEW, &browser(""), late).await;
    assert!(matches!(over, Err(ServiceError::LinkOver)));
    assert!(!lives(&world, &link).await, "a link's token is no session");
    let unknown = Email::parse("eve@example.org").unwrap();
    let none = resets::issue(&world.db, &unknown, resets::MAILED_LIFE, now())
        .await
        .unwrap();
    assert!(none.is_none());
}

#[tokio::test]
async fn whoever_proved_themselves_by_a_link_need_not_wait_any_more() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    for _ in 0..6 {
        signs_in(&world, "x").await;
    }
    assert!(!signs_in(&world, OLD).await);
    let link = resets::issue(&world.db, &ada(), resets::HANDED_LIFE, now())
        .await
        .unwrap()
        .unwrap();
    resets::redeem(&world.db, &link, NEW, &browser(""), now())
        .await
        .unwrap();
    assert!(signs_in(&world, NEW).await);
}

#[tokio::test]
async fn whoever_runs_the_server_sets_a_password_that_will_do() {
    let world = World::new().await;
    let phone = world.sign_up("ada@example.org").await.token;
    assert_eq!(
        refused_field(resets::set_password(&world.db, &ada(), "1234567890", now()).await),
        Field::Password
    );
    assert!(resets::set_password(&world.db, &ada(), NEW, now()).await.unwrap());
    assert!(signs_in(&world, NEW).await && !lives(&world, &phone).await);
    let unknown = Email::parse("eve@example.org").unwrap();
    assert!(!resets::set_password(&world.db, &unknown, NEW, now()).await.unwrap());
}

#[tokio::test]
async fn devices_are_listed_by_name_and_day_and_revoked_one_by_one() {
    let world = World::new().await;
    let firefox = "Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0";
    let at = |days: i64| now() - TimeDelta::days(days);
    world.sign_up("ada@example.org").await;
    let mut tokens = Vec::new();
    for days in [40, 1, 0] {
        let signed_in = accounts::sign_in(&world.db, &ada(), Password::attempt(OLD), &browser(firefox), at(days)).await;
        tokens.push(signed_in.unwrap().token);
    }
    let eve = world.sign_up("eve@example.org").await.token;
    let (mut tx, session) = Tx::begin_session(&world.db, &tokens[2], now()).await.unwrap().unwrap();
    let devices = sessions::devices(&mut tx, &session, now()).await.unwrap();
    let shown: Vec<_> = devices
        .iter()
        .map(|device| (device.name.as_str(), device.last_seen.as_str(), device.this))
        .collect();
    assert_eq!(
        shown,
        [
            ("Firefox on Android", "now", true),
            ("An unknown browser", "today", false),
            ("Firefox on Android", "yesterday", false),
            ("Firefox on Android", "14 October 2026", false),
        ]
    );
    sessions::revoke(&mut tx, devices[2].id).await.unwrap();
    assert!(matches!(
        sessions::revoke(&mut tx, devices[2].id).await,
        Err(ServiceError::NotFound)
    ));
    tx.commit().await.unwrap();
    assert!(!lives(&world, &tokens[1]).await && lives(&world, &tokens[0]).await);

    // Nobody else's, though its id be known.
    let (mut tx, session) = Tx::begin_session(&world.db, &eve, now()).await.unwrap().unwrap();
    assert_eq!(sessions::devices(&mut tx, &session, now()).await.unwrap().len(), 1);
    assert!(matches!(
        sessions::revoke(&mut tx, devices[0].id).await,
        Err(ServiceError::NotFound)
    ));
    drop(tx);
    let (mut tx, _) = Tx::begin_session(&world.db, &tokens[2], now()).await.unwrap().unwrap();
    sessions::end_all(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!lives(&world, &tokens[0]).await && !lives(&world, &tokens[2]).await && lives(&world, &eve).await);
}

#[tokio::test]
async fn a_device_says_when_it_was_last_in_step_and_one_that_is_signed_out_is_forgotten() {
    let world = World::new().await;
    let signed_in = world.sign_up("ada@example.org").await;
    let (mut tx, session) = Tx::begin_session(&world.db, &signed_in.token, now())
        .await
        .unwrap()
        .unwrap();
    let ada = session.account.id;
    let synced = async |tx: &mut Tx| {
        sessions::devices(tx, &session, now()).await.unwrap()[0]
            .last_synced
            .clone()
    };
    assert_eq!(synced(&mut tx).await, None);
    let upload = Upload {
        protocol: PROTOCOL,
        account: ada,
        changes: Vec::new(),
        known: BTreeMap::new(),
    };
    sync(
        &mut tx,
        &session.account,
        Some(session.id),
        &upload,
        foods::built_in(),
        now(),
    )
    .await
    .unwrap();
    // Where its owner lives.
    assert_eq!(synced(&mut tx).await.as_deref(), Some("today at 13:00"));
    sessions::revoke(&mut tx, session.id).await.unwrap();
    tx.commit().await.unwrap();

    assert!(signs_in(&world, OLD).await);
    let known: i64 = sqlx::query_scalar("select count(*) from offline_sync")
        .fetch_one(&mut world.superuser().await)
        .await
        .unwrap();
    assert_eq!(known, 0);
}

#[tokio::test]
async fn a_deleted_account_takes_exactly_what_was_listed() {
    let world = World::new().await;
    let token = world.sign_up("ada@example.org").await.token;
    let me = account(&world, &token).await;
    let nana = world.account("nana@example.org").await;
    let (mine, hers) = (world.child(me.id).await, world.child(nana).await);
    world.let_in(&mine, nana, true).await;
    world.let_in(&hers, me.id, true).await;
    let at_hers = meal_id();
    for (child, meal) in [(&mine, meal_id()), (&mine, meal_id()), (&hers, at_hers)] {
        world
            .apply(me.id, &change(child.id, meal, 0, text("1 banana")))
            .await
            .unwrap();
    }
    let mut tx = Tx::begin(&world.db, me.id).await.unwrap();
    assert_eq!(
        belongings::count(&mut tx).await.unwrap(),
        Belongings {
            children: vec![OwnChild {
                name: "Pip".to_owned(),
                meals: 2,
                other_records: 0,
                caregivers: 1,
            }],
            devices: 1,
            others_children: 1,
            ..Belongings::default()
        }
    );
    drop(tx);
    let delete =
        async |password: &str| accounts::delete(&world.db, &me, Password::attempt(password), &browser(""), now()).await;
    assert_eq!(refused_field(delete("wrong horse").await), Field::CurrentPassword);
    assert!(lives(&world, &token).await);
    delete(OLD).await.unwrap();
    assert!(!lives(&world, &token).await && !signs_in(&world, OLD).await);

    let mut superuser = world.superuser().await;
    for (left, sql) in [
        (0, format!("select from children where user_id = '{}'", me.id)),
        (0, format!("select from meals where child_id = '{}'", mine.id)),
        (0, format!("select from credentials where user_id = '{}'", me.id)),
        (0, format!("select from caregiver_links where child_id = '{}'", mine.id)),
        (1, format!("select from users where id = '{nana}'")),
        (
            1,
            format!("select from meals where child_id = '{}' and id = '{at_hers}'", hers.id),
        ),
    ] {
        assert_eq!(run(&mut superuser, &sql).await, left, "{sql}");
    }
    // The address is free again.
    world.sign_up("ada@example.org").await;
}

#[tokio::test]
async fn nobody_reads_the_hash_of_a_caregiver_they_let_in() {
    let world = World::new().await;
    let token = world.sign_up("nana@example.org").await.token;
    let nana = account(&world, &token).await.id;
    let ada = world.account("ada@example.org").await;
    let child = world.child(ada).await;
    world.let_in(&child, nana, false).await;
    let mut tx = Tx::begin(&world.db, ada).await.unwrap();
    let of_nana = |table: &str, column: &str| format!("select from {table} where {column} = '{nana}'");
    assert_eq!(run(tx.connection(), &of_nana("users", "id")).await, 1);
    assert_eq!(run(tx.connection(), &of_nana("credentials", "user_id")).await, 0);
    let columns = tx.connection().fetch_all("select password_hash from users").await;
    assert!(columns.is_err(), "there is a hash beside the name");
}

#[tokio::test]
async fn looking_an_address_up_opens_its_hash_and_no_other_until_the_transaction_ends() {
    let world = World::new().await;
    world.sign_up("ada@example.org").await;
    world.sign_up("bea@example.org").await;
    let mut tx = Tx::begin_visitor(&world.db).await.unwrap();
    assert_eq!(run(tx.connection(), "select from credentials").await, 0);
    run(tx.connection(), "select * from app.find_account('ada@example.org')").await;
    assert_eq!(run(tx.connection(), "select from credentials").await, 1);
    assert_eq!(
        run(tx.connection(), "update credentials set password_hash = 'x'").await,
        0
    );
    assert_eq!(run(tx.connection(), "delete from credentials").await, 0);
    tx.commit().await.unwrap();
    let mut tx = Tx::begin_visitor(&world.db).await.unwrap();
    assert_eq!(run(tx.connection(), "select from credentials").await, 0);
}

#[tokio::test]
async fn passwords_from_before_they_had_a_table_of_their_own_are_still_good() {
    let world = World::new().await;
    let mut superuser = world.superuser().await;
    let name: String = sqlx::query_scalar("select current_database() || '_old'")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    run(&mut superuser, &format!("create database {name} owner {OWNER}")).await;
    let mut before = world.superuser_of(&name).await;
    run(&mut before, "create extension vector").await;
    let mut owner = world.connect_to(&name, OWNER).await;
    migrations().run_to(5, &mut owner).await.unwrap();
    run(
        &mut before,
        "insert into users (id, email, password_hash) values (gen_random_uuid(), 'ada@example.org', 'the hash')",
    )
    .await;
    migrations().run(&mut owner).await.unwrap();
    run(&mut owner, &format!("call app.grant_to('{APP}')")).await;
    let mut app = world.connect_to(&name, APP).await;
    let hash: Option<String> = sqlx::query_scalar("select password_hash from app.find_account('ada@example.org')")
        .fetch_one(&mut app)
        .await
        .unwrap();
    assert_eq!(hash.as_deref(), Some("the hash"));
    let forced: bool = sqlx::query_scalar("select relforcerowsecurity from pg_class where oid = 'users'::regclass")
        .fetch_one(&mut app)
        .await
        .unwrap();
    assert!(forced, "the owner sees every row since");
    run(&mut superuser, &format!("drop database {name} with (force)")).await;
}
