//! Meals under an id of a program's own.

use crate::world::{World, deleted, meal_id, notes, now, run, text, when};
use chrono::TimeDelta;
use domain::change::MealFields;
use domain::child::Child;
use domain::field::Field;
use domain::food::FoodId;
use domain::id::{AccountId, MealId};
use domain::meal::{How, Portion};
use services::meal_log::{self, Put};
use services::{ServiceError, Tx, foods, meals};

struct Log {
    world: World,
    account: AccountId,
    child: Child,
}

impl Log {
    async fn new() -> Self {
        let world = World::new().await;
        let account = world.account("ada@example.org").await;
        let child = world.child(account).await;
        Self { world, account, child }
    }

    async fn begin(&self) -> Tx {
        Tx::begin(&self.world.db, self.account).await.unwrap()
    }

    async fn put(&self, meal: MealId, fields: MealFields) -> Result<Put, ServiceError> {
        let mut tx = self.begin().await;
        let put = meal_log::put(&mut tx, self.child.id, meal, fields, foods::built_in(), now()).await?;
        tx.commit().await?;
        Ok(put)
    }

    async fn delete(&self, meal: MealId) -> Result<(), ServiceError> {
        let mut tx = self.begin().await;
        meal_log::delete(&mut tx, self.child.id, meal, foods::built_in(), now()).await?;
        tx.commit().await
    }

    /// How many lines the child's history of changes has.
    async fn changes(&self) -> u64 {
        run(&mut self.world.superuser().await, "select 1 from changes").await
    }
}

fn portion(grams: f64) -> Portion {
    Portion {
        phrase: String::new(),
        food: FoodId("sr24:09040".to_owned()),
        grams,
        how: How::Parent,
        amount: String::new(),
        confidence: 1.0,
    }
}

#[tokio::test]
async fn a_meal_put_twice_is_one_meal_and_one_write() {
    let log = Log::new().await;
    let meal = meal_id();
    let Put::Created(first) = log.put(meal, text("half a banana")).await.unwrap() else {
        panic!("not created");
    };
    assert_eq!(first.analysis.detected_foods, ["banana"]);
    let Put::Kept(second) = log.put(meal, text("half a banana")).await.unwrap() else {
        panic!("created twice");
    };
    assert_eq!(first.stamps, second.stamps);
    assert_eq!(first.analysis.items, second.analysis.items);
    assert_eq!(log.changes().await, 1);
}

#[tokio::test]
async fn two_that_put_one_meal_at_once_make_one() {
    let log = Log::new().await;
    let meal = meal_id();
    let (one, other) = tokio::join!(
        log.put(meal, text("half a banana")),
        log.put(meal, text("half a banana"))
    );
    let created = [one.unwrap(), other.unwrap()]
        .iter()
        .filter(|put| matches!(put, Put::Created(_)))
        .count();
    assert_eq!((created, log.changes().await), (1, 1));
}

#[tokio::test]
async fn what_is_left_out_stays_and_new_words_replace_the_foods() {
    let log = Log::new().await;
    let meal = meal_id();
    log.put(meal, text("half a banana")).await.unwrap();
    log.put(meal, notes("with the spoon")).await.unwrap();
    let Put::Kept(meal) = log
        .put(
            meal,
            MealFields {
                raw_input: Some("1 slice of toast".to_owned()),
                ..MealFields::default()
            },
        )
        .await
        .unwrap()
    else {
        panic!("created again");
    };
    assert_eq!(meal.notes, "with the spoon");
    assert_eq!(meal.analysis.items.len(), 1);
    assert!(
        !meal.analysis.items[0].name.contains("Banana"),
        "{:?}",
        meal.analysis.items
    );
}

#[tokio::test]
async fn nine_hundred_kilos_are_asked_about_unless_the_items_say_so() {
    let log = Log::new().await;
    let ServiceError::Refused(refusals) = log.put(meal_id(), text("900 kg banana")).await.unwrap_err() else {
        panic!("not refused");
    };
    assert_eq!(refusals[0].field, Field::Items);
    assert!(refusals[0].message.contains("900 kg"));
    let fields = MealFields {
        items: Some(vec![portion(2_000.0)]),
        ..text("2 kg banana")
    };
    assert!(matches!(log.put(meal_id(), fields).await, Ok(Put::Created(_))));
    assert_eq!(log.changes().await, 1);
}

#[tokio::test]
async fn a_deleted_meal_is_not_put_again_and_comes_back_when_it_is_restored() {
    let log = Log::new().await;
    let meal = meal_id();
    log.put(meal, text("half a banana")).await.unwrap();
    log.delete(meal).await.unwrap();
    log.delete(meal).await.unwrap();
    assert_eq!(log.put(meal, text("half a banana")).await.unwrap(), Put::Deleted);
    assert_eq!(log.put(meal, text("something else")).await.unwrap(), Put::Deleted);
    let mut tx = log.begin().await;
    let changed = meal_log::change(&mut tx, log.child.id, meal, notes("x"), foods::built_in(), now()).await;
    assert!(matches!(changed, Err(ServiceError::NotFound)));
    let later = now() + TimeDelta::seconds(1);
    let restored = meal_log::restore(&mut tx, log.child.id, meal, foods::built_in(), later)
        .await
        .unwrap();
    assert_eq!(restored.raw_input, "half a banana");
    assert_eq!(meals::get(&mut tx, log.child.id, meal).await.unwrap().id, meal);
}

#[tokio::test]
async fn a_meal_that_a_form_made_and_a_parent_deleted_does_not_rise_either() {
    let log = Log::new().await;
    let meal = meal_id();
    for (seconds, fields) in [(0, text("half a banana")), (1, deleted(true))] {
        log.world
            .apply(log.account, &crate::world::change(log.child.id, meal, seconds, fields))
            .await
            .unwrap();
    }
    assert_eq!(log.put(meal, text("half a banana")).await.unwrap(), Put::Deleted);
    let mut tx = log.begin().await;
    assert!(matches!(
        meals::get(&mut tx, log.child.id, meal).await,
        Err(ServiceError::NotFound)
    ));
}

#[tokio::test]
async fn a_meal_that_never_was_is_not_deleted_restored_or_made_of_nothing() {
    let log = Log::new().await;
    let meal = meal_id();
    assert!(matches!(log.delete(meal).await, Err(ServiceError::NotFound)));
    let mut tx = log.begin().await;
    let restored = meal_log::restore(&mut tx, log.child.id, meal, foods::built_in(), now()).await;
    assert!(matches!(restored, Err(ServiceError::NotFound)));
    drop(tx);
    let ServiceError::Refused(refusals) = log.put(meal, notes("nothing eaten")).await.unwrap_err() else {
        panic!("not refused");
    };
    assert_eq!(refusals[0].field, Field::RawInput);
    assert_eq!(log.changes().await, 0);
}

#[tokio::test]
async fn a_range_comes_in_pages_that_deletions_do_not_move() {
    let log = Log::new().await;
    let mut ids = Vec::new();
    for (at, words) in [
        ("2026-11-20T08:00:00Z", "half a banana"),
        ("2026-11-21T08:00:00Z", "1 banana"),
        ("2026-11-21T12:00:00Z", "60 ml formula"),
        ("2026-11-22T08:00:00Z", "1 slice of toast"),
        ("2026-11-23T08:00:00Z", "1 egg"),
    ] {
        let fields = MealFields {
            when: Some(when(at)),
            ..text(words)
        };
        ids.push(meal_id());
        log.put(ids[ids.len() - 1], fields).await.unwrap();
    }
    let page = async |after, most| {
        let mut tx = log.begin().await;
        let (from, to) = ("2026-11-21".parse().ok(), "2026-11-22".parse().ok());
        let page = meals::range(&mut tx, log.child.id, from, to, after, most)
            .await
            .unwrap();
        (page.meals.iter().map(|meal| meal.id).collect::<Vec<_>>(), page.next)
    };
    assert_eq!(page(None, 10).await, (ids[1..4].to_vec(), None));
    let (first, next) = page(None, 2).await;
    assert_eq!(first, ids[1..3]);
    log.delete(ids[2]).await.unwrap();
    let next = next.unwrap().to_string().parse().unwrap();
    assert_eq!(page(Some(next), 2).await, (vec![ids[3]], None));
}
