//! Children, and who may do what with them.

use crate::world::{World, fresh, now, utc};
use domain::allergen::Allergen;
use domain::child::{Diet, Eczema, Profile, Region};
use domain::field::Field;
use domain::id::ChildId;
use domain::measure::{HeightCm, Units, WeightKg};
use services::{ServiceError, Tx, accounts, children};

#[tokio::test]
async fn a_child_is_added_found_changed_and_deleted() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    assert_eq!(children::list(&mut tx).await.unwrap(), std::slice::from_ref(&child));
    let profile = Profile {
        name: "Pip 🍐 פּיפּ".to_owned(),
        allergies: vec![Allergen::Milk, Allergen::Egg],
        due_date: "2025-12-24".parse().ok(),
        weight_kg: WeightKg::try_from(8.25).ok(),
        height_cm: HeightCm::try_from(71.5).ok(),
        dietary_restrictions: vec![Diet::Vegetarian, Diet::NoPork],
        eczema: Some(Eczema::Mild),
        region: Some(Region::Uk),
        pediatrician_name: "Dr. Nguyễn".to_owned(),
        pediatrician_contact: "030 1234".to_owned(),
        ..child.profile.clone()
    };
    children::update(&mut tx, child.id, &profile, now()).await.unwrap();
    assert_eq!(children::get(&mut tx, child.id).await.unwrap().profile, profile);
    children::delete(&mut tx, child.id).await.unwrap();
    assert!(matches!(
        children::get(&mut tx, child.id).await,
        Err(ServiceError::NotFound)
    ));
}

#[tokio::test]
async fn another_familys_child_is_not_there() {
    let world = World::new().await;
    let child = world.child(world.account("ada@example.org").await).await;
    let stranger = world.account("eve@example.org").await;
    let mut tx = Tx::begin(&world.db, stranger).await.unwrap();
    assert!(children::list(&mut tx).await.unwrap().is_empty());
    assert!(matches!(
        children::get(&mut tx, child.id).await,
        Err(ServiceError::NotFound)
    ));
    let update = children::update(&mut tx, child.id, &child.profile, now()).await;
    assert!(matches!(update, Err(ServiceError::NotFound)));
    assert!(matches!(
        children::delete(&mut tx, child.id).await,
        Err(ServiceError::NotFound)
    ));
}

#[tokio::test]
async fn a_reader_may_only_read_and_a_writer_keeps_the_profile_but_deletes_nobody() {
    let world = World::new().await;
    let child = world.child(world.account("ada@example.org").await).await;
    let (reader, writer) = (
        world.account("r@example.org").await,
        world.account("w@example.org").await,
    );
    world.let_in(&child, reader, false).await;
    world.let_in(&child, writer, true).await;
    let mut tx = Tx::begin(&world.db, reader).await.unwrap();
    assert!(!children::get(&mut tx, child.id).await.unwrap().may_write);
    let update = children::update(&mut tx, child.id, &child.profile, now()).await;
    assert!(matches!(update, Err(ServiceError::ReadOnly)));
    let mut tx = Tx::begin(&world.db, writer).await.unwrap();
    assert!(children::get(&mut tx, child.id).await.unwrap().may_write);
    children::update(&mut tx, child.id, &child.profile, now())
        .await
        .unwrap();
    assert!(matches!(
        children::delete(&mut tx, child.id).await,
        Err(ServiceError::ReadOnly)
    ));
}

#[tokio::test]
async fn nobody_adds_a_child_without_signing_in() {
    let world = World::new().await;
    let profile = world.child(world.account("ada@example.org").await).await.profile;
    let mut tx = Tx::begin_visitor(&world.db).await.unwrap();
    let added = children::add(&mut tx, ChildId(fresh()), &profile, now()).await;
    assert!(matches!(added, Err(ServiceError::SignedOut)));
}

#[tokio::test]
async fn born_tomorrow_is_refused_by_the_calendar_where_the_child_lives() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let midnight_in_kiritimati = utc("2026-11-22T10:00:00Z");
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    let mut update = async |time_zone: &str, date: &str| {
        let date_of_birth = date.parse().unwrap();
        let profile = Profile {
            date_of_birth,
            time_zone: time_zone.to_owned(),
            ..child.profile.clone()
        };
        match children::update(&mut tx, child.id, &profile, midnight_in_kiritimati).await {
            Ok(()) => None,
            Err(ServiceError::Refused(refusals)) => Some(refusals[0].field),
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(update("Pacific/Kiritimati", "2026-11-23").await, None);
    assert_eq!(update("Europe/Berlin", "2026-11-23").await, Some(Field::DateOfBirth));
    assert_eq!(update("Mars/Olympus", "2026-01-01").await, Some(Field::TimeZone));
}

#[tokio::test]
async fn a_child_is_added_with_all_that_is_known_of_it() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let profile = Profile {
        due_date: "2026-01-05".parse().ok(),
        weight_kg: WeightKg::try_from(7.4).ok(),
        eczema: Some(Eczema::None),
        ..world.child(account).await.profile
    };
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    let child = children::add(&mut tx, ChildId(fresh()), &profile, now()).await.unwrap();
    assert_eq!(children::get(&mut tx, child.id).await.unwrap().profile, profile);
}

#[tokio::test]
async fn a_due_date_that_cannot_be_is_refused_at_every_door() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let profile = Profile {
        due_date: "2026-11-01".parse().ok(),
        ..child.profile.clone()
    };
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    match children::update(&mut tx, child.id, &profile, now()).await {
        Err(ServiceError::Refused(refusals)) => assert_eq!(refusals[0].field, Field::DueDate),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_parent_measures_in_units_of_their_own() {
    let world = World::new().await;
    let ada = world.account("ada@example.org").await;
    let bo = world.account("bo@example.org").await;
    let units = async |account| {
        let mut tx = Tx::begin(&world.db, account).await.unwrap();
        accounts::account(&mut tx, now()).await.unwrap().units
    };
    assert_eq!(units(ada).await, Units::Metric);
    let mut tx = Tx::begin(&world.db, ada).await.unwrap();
    accounts::set_units(&mut tx, Units::Us).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((units(ada).await, units(bo).await), (Units::Us, Units::Metric));
}
