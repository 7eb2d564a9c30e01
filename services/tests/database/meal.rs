//! Reading meals: days, totals, history.

use crate::world::{World, change, deleted, meal_id, notes, now, text, when};
use chrono::{Days, NaiveDate};
use domain::allergen::Allergen;
use domain::change::MealFields;
use domain::meal::Meal;
use domain::nutrient::Nutrient;
use services::{ServiceError, Tx, meals};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_day_adds_up_what_its_meals_hold() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    for (at, words) in [
        ("2026-11-23T11:00:00Z", "100 g banana"),
        ("2026-11-23T07:00:00Z", "50 g banana"),
    ] {
        let fields = MealFields {
            when: Some(when(at)),
            ..text(words)
        };
        world
            .apply(account, &change(child.id, meal_id(), 0, fields))
            .await
            .unwrap();
    }
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    let day = meals::day(&mut tx, child.id, date("2026-11-23"), now()).await.unwrap();
    assert_eq!(day.today, date("2026-11-23"));
    assert_eq!(
        day.meals
            .iter()
            .map(|meal| meal.local_time.as_str())
            .collect::<Vec<_>>(),
        ["08:00", "12:00"]
    );
    let whole = day.meals[1].analysis.items[0]
        .nutrients
        .get(Nutrient::Calories)
        .unwrap();
    let half = day.meals[0].analysis.items[0]
        .nutrients
        .get(Nutrient::Calories)
        .unwrap();
    assert_eq!(day.totals().get(Nutrient::Calories).known, whole + half);
    assert!((whole - 2.0 * half).abs() < 0.2);
    assert!(
        meals::day(&mut tx, child.id, date("2026-11-22"), now())
            .await
            .unwrap()
            .meals
            .is_empty()
    );
}

#[tokio::test]
async fn a_meal_belongs_to_the_day_where_the_child_lives() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    for (zone, at, day, time) in [
        ("Europe/Berlin", "2026-11-22T22:59:59Z", "2026-11-22", "23:59"),
        ("Europe/Berlin", "2026-11-22T23:00:00Z", "2026-11-23", "00:00"),
        // Clocks go back at 01:00 UTC: both half past two are this day's, and so is all of it.
        ("Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25", "00:00"),
        ("Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25", "02:30"),
        ("Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25", "02:30"),
        ("Europe/Berlin", "2026-10-25T22:59:00Z", "2026-10-25", "23:59"),
        ("Europe/Berlin", "2026-10-25T23:00:00Z", "2026-10-26", "00:00"),
        ("America/New_York", "2026-11-23T04:59:00Z", "2026-11-22", "23:59"),
        // Clocks go forward: the day has 23 hours.
        ("America/New_York", "2026-03-08T05:00:00Z", "2026-03-08", "00:00"),
        ("America/New_York", "2026-03-09T03:59:00Z", "2026-03-08", "23:59"),
        ("Asia/Kathmandu", "2026-11-22T18:15:00Z", "2026-11-23", "00:00"),
        ("Pacific/Kiritimati", "2026-11-22T10:00:00Z", "2026-11-23", "00:00"),
        ("Pacific/Pago_Pago", "2026-11-23T10:59:00Z", "2026-11-22", "23:59"),
    ] {
        let child = world.child_in(account, zone).await;
        let fields = MealFields {
            when: Some(when(at)),
            ..text("1 banana")
        };
        let meal = world
            .apply(account, &change(child.id, meal_id(), 0, fields))
            .await
            .unwrap()
            .meal;
        assert_eq!(
            (meal.when.date, meal.local_time.as_str()),
            (date(day), time),
            "{at} in {zone}"
        );
    }
}

#[tokio::test]
async fn an_edit_of_another_field_leaves_the_date_even_after_the_family_moved() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child_in(account, "Pacific/Kiritimati").await;
    let row = meal_id();
    world
        .apply(account, &change(child.id, row, 0, text("1 banana")))
        .await
        .unwrap();
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    let moved = domain::child::Profile {
        time_zone: "Pacific/Pago_Pago".to_owned(),
        ..child.profile.clone()
    };
    services::children::update(&mut tx, child.id, &moved, now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let notes = notes("with a smile");
    let meal = world
        .apply(account, &change(child.id, row, 1, notes))
        .await
        .unwrap()
        .meal;
    assert_eq!(meal.when.date, date("2026-11-24"));
}

#[tokio::test]
async fn history_comes_in_pages_without_gap_or_repeat() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child_in(account, "UTC").await;
    let first = date("2026-11-23");
    // Every second day, two meals.
    for back in (0..10).step_by(2) {
        for hour in [7, 12] {
            let day = first - Days::new(back);
            let fields = MealFields {
                when: Some(when(&format!("{day}T{hour:02}:00:00Z"))),
                ..text("1 banana, 1 pear")
            };
            world
                .apply(account, &change(child.id, meal_id(), 0, fields))
                .await
                .unwrap();
        }
    }
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    let (mut seen, mut before, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = meals::history(&mut tx, child.id, before, 2).await.unwrap();
        pages += 1;
        seen.extend(page.days);
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(pages, 3);
    assert_eq!(
        seen.iter().map(|day| day.date).collect::<Vec<_>>(),
        [0, 2, 4, 6, 8].map(|back| first - Days::new(back))
    );
    assert!(
        seen.iter()
            .all(|day| day.meals == 2 && day.foods.len() == 2 && day.calories.with_figure == 4)
    );
    assert_eq!(meals::history(&mut tx, child.id, None, 5).await.unwrap().next, None);
}

#[tokio::test]
async fn another_familys_meals_are_not_there() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let stranger = world.account("eve@example.org").await;
    let child = world.child(account).await;
    let row = meal_id();
    world
        .apply(account, &change(child.id, row, 0, text("1 banana")))
        .await
        .unwrap();
    let mut tx = Tx::begin(&world.db, stranger).await.unwrap();
    assert!(matches!(
        meals::get(&mut tx, child.id, row).await,
        Err(ServiceError::NotFound)
    ));
    assert!(matches!(
        meals::day(&mut tx, child.id, date("2026-11-23"), now()).await,
        Err(ServiceError::NotFound)
    ));
    assert!(matches!(
        meals::history(&mut tx, child.id, None, 5).await,
        Err(ServiceError::NotFound)
    ));
    assert!(matches!(
        meals::trend(&mut tx, child.id).await,
        Err(ServiceError::NotFound)
    ));
}

#[tokio::test]
async fn warnings_follow_what_is_known_of_the_child_today() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    // A year and three weeks old.
    let child = world.child(account).await;
    let row = meal_id();
    let create = change(child.id, row, 0, text("100 g plain yogurt and 1 tsp honey"));
    let logged = world.apply(account, &create).await.unwrap();
    assert_eq!(warned(&logged.meal), (false, false));

    let known_now = domain::child::Profile {
        allergies: vec![Allergen::Milk],
        date_of_birth: date("2026-01-01"),
        ..child.profile.clone()
    };
    for (profile, expected) in [(&known_now, (true, true)), (&child.profile, (false, false))] {
        let mut tx = Tx::begin(&world.db, account).await.unwrap();
        services::children::update(&mut tx, child.id, profile, now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = Tx::begin(&world.db, account).await.unwrap();
        let day = meals::day(&mut tx, child.id, date("2026-11-23"), now()).await.unwrap();
        assert_eq!(warned(&day.meals[0]), expected);
        let meal = meals::get(&mut tx, child.id, row).await.unwrap();
        assert_eq!(warned(&meal), expected);
        let replayed = world.apply(account, &create).await.unwrap();
        assert!(replayed.already);
        assert_eq!(warned(&replayed.meal), expected);
    }
}

/// Of the honey, for a child under one; of the milk, for one that is allergic to it.
fn warned(meal: &Meal) -> (bool, bool) {
    let warns = |rule: &str| meal.analysis.warnings.iter().any(|warning| warning.rule == rule);
    (warns("honey"), warns("allergy:milk"))
}

#[tokio::test]
async fn a_meal_that_was_deleted_and_changed_later_says_so_until_a_parent_decides() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    for keep in [true, false] {
        let row = meal_id();
        for (seconds, fields) in [(0, text("1 banana")), (5, deleted(true)), (6, notes("with a smile"))] {
            world
                .apply(account, &change(child.id, row, seconds, fields))
                .await
                .unwrap();
        }
        let mut tx = Tx::begin(&world.db, account).await.unwrap();
        assert!(meals::get(&mut tx, child.id, row).await.unwrap().disputed);
        let day = meals::day(&mut tx, child.id, date("2026-11-23"), now()).await.unwrap();
        assert!(day.meals.iter().any(|meal| meal.id == row && meal.disputed));
        drop(tx);

        let settled = world
            .apply(account, &change(child.id, row, 7, deleted(!keep)))
            .await
            .unwrap();
        assert!(!settled.meal.disputed);
        let mut tx = Tx::begin(&world.db, account).await.unwrap();
        match meals::get(&mut tx, child.id, row).await {
            Ok(meal) => assert!(keep && !meal.disputed && meal.notes == "with a smile"),
            Err(ServiceError::NotFound) => assert!(!keep),
            Err(error) => panic!("{error}"),
        }
    }
}
