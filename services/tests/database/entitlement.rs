//! What a tier lets a family do, and what no tier takes away.

use crate::world::{World, change, fresh, meal_id, now, run, text, utc};
use chrono::{DateTime, Utc};
use domain::child::{Child, Profile, Sex};
use domain::entitlement::{Feature, Tier};
use domain::id::{AccountId, ChildId};
use services::sessions::Visitor;
use services::{ServiceError, Tx, accounts, children};

async fn add(world: &World, account: AccountId, at: DateTime<Utc>) -> Result<Child, ServiceError> {
    let profile = Profile::new("Pip", "2025-11-01".parse().unwrap(), Sex::Male, "UTC");
    let mut tx = Tx::begin(&world.db, account).await?;
    let child = children::add(&mut tx, ChildId(fresh()), &profile, at).await?;
    tx.commit().await?;
    Ok(child)
}

fn is_full(result: &Result<Child, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::NeedsPremium(Feature::MoreChildren)))
}

async fn premium_until(world: &World, account: AccountId, end: &str) {
    let sql = format!(
        "update users set subscription_tier = 'premium', subscription_expires_at = '{end}' where id = '{account}'"
    );
    assert_eq!(run(&mut world.superuser().await, &sql).await, 1);
}

async fn tier(world: &World, account: AccountId, at: DateTime<Utc>) -> Tier {
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    accounts::account(&mut tx, at).await.unwrap().tier
}

#[tokio::test]
async fn a_free_family_has_one_child_and_a_premium_one_as_many_as_it_has() {
    let world = World::with_default_tier(Tier::Free).await;
    let ada = world.account("ada@example.org").await;
    add(&world, ada, now()).await.unwrap();
    assert!(is_full(&add(&world, ada, now()).await));
    assert_eq!(tier(&world, ada, now()).await, Tier::Free);

    premium_until(&world, ada, "2027-01-01T00:00:00Z").await;
    assert_eq!(tier(&world, ada, now()).await, Tier::Premium);
    add(&world, ada, now()).await.unwrap();
    add(&world, ada, now()).await.unwrap();

    let end = utc("2027-01-01T00:00:00Z");
    assert_eq!(tier(&world, ada, end).await, Tier::Free);
    assert!(is_full(&add(&world, ada, end).await));
}

#[tokio::test]
async fn a_family_whose_premium_is_over_keeps_logging_for_and_deleting_every_child() {
    let world = World::with_default_tier(Tier::Free).await;
    let ada = world.account("ada@example.org").await;
    premium_until(&world, ada, "2027-01-01T00:00:00Z").await;
    let children = [
        add(&world, ada, now()).await.unwrap(),
        add(&world, ada, now()).await.unwrap(),
    ];
    premium_until(&world, ada, "2026-01-01T00:00:00Z").await;
    for child in &children {
        let meal = change(child.id, meal_id(), 0, text("2 tsp honey"));
        world.apply(ada, &meal).await.unwrap();
        let mut tx = Tx::begin(&world.db, ada).await.unwrap();
        children::update(&mut tx, child.id, &child.profile, now())
            .await
            .unwrap();
        children::delete(&mut tx, child.id).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn children_one_was_let_in_to_do_not_count() {
    let world = World::with_default_tier(Tier::Free).await;
    let ada = world.account("ada@example.org").await;
    let nana = world.account("nana@example.org").await;
    let child = add(&world, ada, now()).await.unwrap();
    world.let_in(&child, nana, true).await;
    add(&world, nana, now()).await.unwrap();
}

#[tokio::test]
async fn two_children_added_at_once_are_still_one_too_many() {
    let world = World::with_default_tier(Tier::Free).await;
    let ada = world.account("ada@example.org").await;
    let (one, two) = tokio::join!(add(&world, ada, now()), add(&world, ada, now()));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert!(is_full(&one) || is_full(&two), "{one:?} {two:?}");
}

#[tokio::test]
async fn a_server_that_gives_premium_to_all_asks_nobody() {
    let world = World::with_default_tier(Tier::Premium).await;
    let ada = world.account("ada@example.org").await;
    add(&world, ada, now()).await.unwrap();
    add(&world, ada, now()).await.unwrap();
    assert_eq!(tier(&world, ada, now()).await, Tier::Premium);
}

#[tokio::test]
async fn the_demo_family_is_premium_on_a_free_server() {
    use domain::account::{Email, Password};
    let world = World::with_default_tier(Tier::Free).await;
    services::demo::seed(&world.db, services::foods::built_in(), now())
        .await
        .unwrap();
    let signed_in = accounts::sign_in(
        &world.db,
        &Email::parse(services::demo::EMAIL).unwrap(),
        Password::attempt(services::demo::PASSWORD),
        &Visitor::default(),
        now(),
    )
    .await
    .unwrap();
    assert_eq!(tier(&world, signed_in.account, now()).await, Tier::Premium);
    let mut tx = Tx::begin(&world.db, signed_in.account).await.unwrap();
    assert_eq!(children::list(&mut tx).await.unwrap().len(), 2);
}
