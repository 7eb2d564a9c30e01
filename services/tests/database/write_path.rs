//! The one write path.

use crate::world::{World, change, deleted, meal_id, notes, now, run, text, when};
use chrono::TimeDelta;
use domain::change::{Change, MealFields, Presence, Writer};
use domain::food::FoodId;
use domain::id::{ChildId, MealId};
use domain::meal::{AnalysisState, How, Kind, MealType, Portion};
use domain::nutrient::Nutrient;
use services::{ServiceError, Tx, changes, foods, meals};
use sqlx::Row;

fn portion(food: &str, grams: f64) -> Portion {
    Portion {
        phrase: String::new(),
        food: FoodId(food.to_owned()),
        grams,
        how: How::Parent,
        amount: String::new(),
        confidence: 1.0,
    }
}

fn items(food: &str, grams: f64) -> MealFields {
    MealFields {
        items: Some(vec![portion(food, grams)]),
        ..MealFields::default()
    }
}

const BANANA: &str = "sr24:09040";

/// How many rows of a meal there are: in meals, in tombstones, in changes.
async fn counts(world: &World, child: ChildId, row: MealId) -> (i64, i64, i64) {
    let counted = sqlx::query(
        "select (select count(*) from meals where child_id = $1 and id = $2), \
                (select count(*) from tombstones where child_id = $1 and id = $2), \
                (select count(*) from changes where child_id = $1 and row_id = $2)",
    )
    .bind(child.0)
    .bind(row.0)
    .fetch_one(&mut world.superuser().await)
    .await
    .unwrap();
    (counted.get(0), counted.get(1), counted.get(2))
}

#[tokio::test]
async fn a_text_is_read_here_and_what_follows_from_it_is_stored() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let row = meal_id();
    let applied = world
        .apply(
            account,
            &change(child.id, row, 0, text("100 g banana and some zorbles")),
        )
        .await
        .unwrap();
    assert_eq!(
        (applied.presence, applied.seq, applied.already, applied.restamped),
        (Presence::Here, 1, false, false)
    );
    let meal = applied.meal;
    assert_eq!(meal.state, AnalysisState::Analysed);
    assert_eq!(meal.raw_input, "100 g banana and some zorbles");
    assert_eq!(meal.analysis.items[0].portion.grams, 100.0);
    assert_eq!(meal.analysis.not_understood.len(), 1);
    assert_eq!(meal.meal_type, MealType::Lunch);
    assert_eq!(meal.logged_by_name, "ada");
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    // As it is stored, so it was answered.
    let wire = |meal| serde_json::to_value(meal).unwrap();
    assert_eq!(
        wire(meals::get(&mut tx, child.id, row).await.unwrap()),
        wire(meal.clone())
    );
    let stored = sqlx::query(
        "select calories::float8, iron_mg::float8, food_items, confidence_score::float8, meal_date::text from meals",
    )
    .fetch_one(tx.connection())
    .await
    .unwrap();
    let figures = meal.analysis.items[0].nutrients;
    assert_eq!(stored.get::<Option<f64>, _>(0), figures.get(Nutrient::Calories));
    assert_eq!(stored.get::<Option<f64>, _>(1), figures.get(Nutrient::Iron));
    assert_eq!(stored.get::<Vec<String>, _>(2), meal.analysis.detected_foods);
    assert!(stored.get::<f64, _>(3) < 1.0);
    assert_eq!(stored.get::<&str, _>(4), "2026-11-23");
}

#[tokio::test]
async fn a_food_without_figures_leaves_the_columns_null_and_not_zero() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let row = meal_id();
    world
        .apply(account, &change(child.id, row, 0, items("own:unknown", 50.0)))
        .await
        .unwrap();
    let mut superuser = world.superuser().await;
    let unknown = "select 1 from meals where num_nonnulls(calories, protein_g, fat_g, carbs_g, fiber_g, iron_mg, \
                   calcium_mg, vitamin_a_mcg, vitamin_c_mg, vitamin_d_mcg, zinc_mg, folate_mcg) = 0";
    assert_eq!(run(&mut superuser, unknown).await, 1);
}

#[tokio::test]
async fn applied_twice_it_changes_nothing() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let row = meal_id();
    let create = change(child.id, row, 0, text("1 banana"));
    let first = world.apply(account, &create).await.unwrap();
    world
        .apply(account, &change(child.id, row, 1, notes("later")))
        .await
        .unwrap();
    let again = world.apply(account, &create).await.unwrap();
    assert!(again.already && !first.already);
    assert_eq!(again.seq, first.seq);
    assert_eq!(again.meal.notes, "later");
    assert_eq!(counts(&world, child.id, row).await, (1, 0, 2));
}

#[tokio::test]
async fn two_parents_who_mend_different_fields_both_get_their_way_in_either_order() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let mut outcomes = Vec::new();
    for turned in [false, true] {
        let child = world.child(account).await;
        let row = meal_id();
        world
            .apply(account, &change(child.id, row, 0, text("1 banana")))
            .await
            .unwrap();
        let mut edits = [
            change(
                child.id,
                row,
                10,
                MealFields {
                    notes: Some("first".into()),
                    ..items(BANANA, 40.0)
                },
            ),
            change(
                child.id,
                row,
                20,
                MealFields {
                    notes: Some("second".into()),
                    kind: Some(Kind::Milk),
                    ..Default::default()
                },
            ),
        ];
        if turned {
            edits.reverse();
        }
        for edit in &edits {
            world.apply(account, edit).await.unwrap();
        }
        let mut tx = Tx::begin(&world.db, account).await.unwrap();
        let meal = meals::get(&mut tx, child.id, row).await.unwrap();
        outcomes.push((meal.notes, meal.kind, meal.analysis.items[0].portion.grams));
    }
    assert_eq!(outcomes[0], ("second".to_owned(), Kind::Milk, 40.0));
    assert_eq!(outcomes[0], outcomes[1]);
}

#[tokio::test]
async fn what_was_read_here_gives_way_to_what_a_parent_chose() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let row = meal_id();
    let read = world
        .apply(account, &change(child.id, row, 5, text("1 apple")))
        .await
        .unwrap()
        .meal;
    assert_eq!(read.stamps.0["items"].by, Writer::Model);
    let again = world
        .apply(account, &change(child.id, row, 6, text("1 pear")))
        .await
        .unwrap()
        .meal;
    assert!(
        again.analysis.items[0].name.contains("ear"),
        "{}",
        again.analysis.items[0].name
    );
    // Chosen on a phone that was offline, before the text was written.
    let chosen = world
        .apply(account, &change(child.id, row, 1, items(BANANA, 40.0)))
        .await
        .unwrap()
        .meal;
    assert_eq!(chosen.analysis.items[0].portion.food.0, BANANA);
    let retyped = world
        .apply(account, &change(child.id, row, 30, text("1 peach")))
        .await
        .unwrap()
        .meal;
    assert_eq!(retyped.raw_input, "1 peach");
    assert_eq!(retyped.analysis.items[0].portion.food.0, BANANA);
}

#[tokio::test]
async fn a_deletion_is_undone_with_all_there_was() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let row = meal_id();
    let before = world
        .apply(account, &change(child.id, row, 0, text("1 banana")))
        .await
        .unwrap()
        .meal;
    let gone = world
        .apply(account, &change(child.id, row, 1, deleted(true)))
        .await
        .unwrap();
    assert_eq!(gone.presence, Presence::Deleted);
    assert_eq!(counts(&world, child.id, row).await, (0, 1, 2));
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    assert!(matches!(
        meals::get(&mut tx, child.id, row).await,
        Err(ServiceError::NotFound)
    ));
    drop(tx);
    let back = world
        .apply(account, &change(child.id, row, 2, deleted(false)))
        .await
        .unwrap();
    assert_eq!(back.presence, Presence::Here);
    assert_eq!(counts(&world, child.id, row).await, (1, 0, 3));
    assert_eq!(
        domain::meal::Meal {
            stamps: before.stamps.clone(),
            ..back.meal
        },
        before
    );
}

#[tokio::test]
async fn nothing_that_was_deleted_rises_again_by_a_late_replay() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let row = meal_id();
    let create = change(child.id, row, 0, text("1 banana"));
    let edit = change(child.id, row, 1, notes("early"));
    world.apply(account, &create).await.unwrap();
    world
        .apply(account, &change(child.id, row, 10, deleted(true)))
        .await
        .unwrap();
    // The same creation again; a creation under another id; an edit from before the deletion.
    let retold = change(child.id, row, 0, text("1 banana"));
    for late in [&create, &retold, &edit, &edit] {
        assert_eq!(world.apply(account, late).await.unwrap().presence, Presence::Deleted);
    }
    assert_eq!(counts(&world, child.id, row).await, (0, 1, 4));
    // The early edit is not lost: undo brings it along.
    let back = world
        .apply(account, &change(child.id, row, 20, deleted(false)))
        .await
        .unwrap();
    assert_eq!(back.meal.notes, "early");
}

#[tokio::test]
async fn a_deletion_that_arrives_before_its_meal_wins_over_it() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let row = meal_id();
    world
        .apply(account, &change(child.id, row, 10, deleted(true)))
        .await
        .unwrap();
    let late = world
        .apply(account, &change(child.id, row, 0, text("1 banana")))
        .await
        .unwrap();
    assert_eq!(late.presence, Presence::Deleted);
    assert_eq!(counts(&world, child.id, row).await, (0, 1, 2));
}

#[tokio::test]
async fn an_edit_that_meets_a_deletion_keeps_the_meal_until_a_parent_decides() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    for turned in [false, true] {
        let child = world.child(account).await;
        let row = meal_id();
        world
            .apply(account, &change(child.id, row, 0, text("1 banana")))
            .await
            .unwrap();
        let mut writes = [
            change(child.id, row, 5, deleted(true)),
            change(child.id, row, 6, notes("late")),
        ];
        if turned {
            writes.reverse();
        }
        world.apply(account, &writes[0]).await.unwrap();
        let applied = world.apply(account, &writes[1]).await.unwrap();
        assert_eq!(
            (applied.presence, applied.meal.notes.as_str()),
            (Presence::Disputed, "late")
        );
        assert_eq!(counts(&world, child.id, row).await, (1, 0, 3));
        let decided = world
            .apply(account, &change(child.id, row, 7, deleted(true)))
            .await
            .unwrap();
        assert_eq!(decided.presence, Presence::Deleted);
    }
}

#[tokio::test]
async fn a_clock_that_runs_ahead_wins_nothing() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let row = meal_id();
    let ahead = world
        .apply(account, &change(child.id, row, 3600, text("1 banana")))
        .await
        .unwrap();
    assert!(ahead.restamped);
    assert_eq!(ahead.meal.stamps.0["raw_input"].at, now());
    let next = world
        .apply(account, &change(child.id, row, 1, notes("next")))
        .await
        .unwrap();
    assert!(!next.restamped);
    assert_eq!(next.meal.notes, "next");
    // A clock that never was set.
    let ancient = Change {
        stamp: chrono::DateTime::<chrono::Utc>::MIN_UTC,
        ..change(child.id, row, 0, notes("old"))
    };
    let ancient = world.apply(account, &ancient).await.unwrap();
    assert!(ancient.restamped);
    assert_eq!(ancient.meal.notes, "next");
}

#[tokio::test]
async fn another_familys_child_is_not_there_and_a_reader_may_only_read() {
    let world = World::new().await;
    let child = world.child(world.account("ada@example.org").await).await;
    let (stranger, reader) = (
        world.account("eve@example.org").await,
        world.account("r@example.org").await,
    );
    world.let_in(&child, reader, false).await;
    let create = change(child.id, meal_id(), 0, text("1 banana"));
    assert!(matches!(
        world.apply(stranger, &create).await,
        Err(ServiceError::NotFound)
    ));
    assert!(matches!(
        world.apply(reader, &create).await,
        Err(ServiceError::ReadOnly)
    ));
    let mut tx = Tx::begin_visitor(&world.db).await.unwrap();
    let visited = changes::apply(&mut tx, &create, foods::built_in(), now()).await;
    assert!(matches!(visited, Err(ServiceError::SignedOut)));
    assert_eq!(run(&mut world.superuser().await, "select 1 from changes").await, 0);
}

#[tokio::test]
async fn an_edit_of_a_meal_that_never_was_is_not_found_and_one_of_nothing_is_refused() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let lost = world.apply(account, &change(child.id, meal_id(), 0, notes("x"))).await;
    assert!(matches!(lost, Err(ServiceError::NotFound)));
    let empty = world.apply(account, &change(child.id, meal_id(), 0, text("  "))).await;
    assert!(matches!(empty, Err(ServiceError::Refused(_))));
    let row = meal_id();
    world
        .apply(account, &change(child.id, row, 0, text("1 banana")))
        .await
        .unwrap();
    let fields = MealFields {
        items: Some(Vec::new()),
        ..text("")
    };
    assert!(matches!(
        world.apply(account, &change(child.id, row, 1, fields)).await,
        Err(ServiceError::Refused(_))
    ));
}

#[tokio::test]
async fn a_meal_of_the_future_or_from_before_birth_is_refused() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    for at in [
        "2026-11-25T12:00:00Z",
        "2025-10-30T12:00:00Z",
        "+262000-01-01T00:00:00Z",
        "-100000-01-01T00:00:00Z",
    ] {
        let fields = MealFields {
            when: Some(when(at)),
            ..text("1 banana")
        };
        let refused = world.apply(account, &change(child.id, meal_id(), 0, fields)).await;
        assert!(matches!(refused, Err(ServiceError::Refused(_))), "{at}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_at_the_same_time_get_numbers_without_gap_or_repeat() {
    let world = std::sync::Arc::new(World::new().await);
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await.id;
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let world = world.clone();
            tokio::spawn(async move {
                let mut seqs = Vec::new();
                for i in 0..10 {
                    let applied = world
                        .apply(account, &change(child, meal_id(), i, text("1 banana")))
                        .await
                        .unwrap();
                    seqs.push(applied.seq);
                    // One that fails takes no number.
                    if i == writer {
                        world
                            .apply(account, &change(child, meal_id(), i, notes("x")))
                            .await
                            .unwrap_err();
                    }
                }
                seqs
            })
        })
        .collect();
    let mut seqs = Vec::new();
    for writer in writers {
        let own = writer.await.unwrap();
        assert!(own.is_sorted());
        seqs.extend(own);
    }
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=80).collect::<Vec<i64>>());
}

#[tokio::test]
async fn what_is_not_committed_was_not_written() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let row = meal_id();
    let create = change(child.id, row, 0, text("1 banana"));
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    changes::apply(&mut tx, &create, foods::built_in(), now())
        .await
        .unwrap();
    drop(tx);
    assert_eq!(counts(&world, child.id, row).await, (0, 0, 0));
    assert_eq!(world.apply(account, &create).await.unwrap().seq, 1);
}

#[tokio::test]
async fn the_demo_family_is_made_once_and_topped_up() {
    let world = World::new().await;
    let mut superuser = world.superuser().await;
    let meals = "select 1 from meals";
    services::demo::seed(&world.db, services::foods::built_in(), now())
        .await
        .unwrap();
    let first = run(&mut superuser, meals).await;
    assert!(first > 200, "{first} meals");
    assert_eq!(
        run(
            &mut superuser,
            "select 1 from meals where analysis_state <> 'analysed' or logged_at > '2026-11-23T12:00:00Z'"
        )
        .await,
        0
    );
    services::demo::seed(&world.db, services::foods::built_in(), now())
        .await
        .unwrap();
    assert_eq!(run(&mut superuser, meals).await, first);
    // One that is deleted stays deleted; a day later there is more.
    services::demo::seed(&world.db, services::foods::built_in(), now() + TimeDelta::days(1))
        .await
        .unwrap();
    assert!(run(&mut superuser, meals).await > first);
    assert_eq!(run(&mut superuser, "select 1 from users").await, 1);
}
