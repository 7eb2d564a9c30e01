//! Everything a form or a phone can send.

use crate::world::{World, browser, change, meal_id, notes, now, text};
use domain::account::NewAccount;
use domain::change::MealFields;
use domain::field::Field;
use domain::food::FoodId;
use domain::meal::{How, Portion};
use services::{ServiceError, Tx, accounts, children, meals};

const NASTY: &[&str] = &[
    "'; drop table meals; --",
    "\" or 1=1 /* $1 %s {} \\",
    "<script>alert('x')</script><img src=x onerror=alert(1)>",
    "🍌👶🏽👩‍👩‍👧 half a banana",
    "חצי בננה ואבוקדו \u{202e}ananab",
    "e\u{301}puisé ﷽ \u{fffd} ﬁ",
];

const CONTROL: &str = "ba\u{0}na\u{1}na\u{1b}[31m\u{7f}\u{85}";

#[tokio::test]
async fn any_text_is_stored_as_it_was_typed() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    for nasty in NASTY {
        let row = meal_id();
        let fields = MealFields {
            notes: Some((*nasty).to_owned()),
            not_understood: Some(vec![(*nasty).to_owned()]),
            items: Some(vec![portion(nasty)]),
            ..text(nasty)
        };
        world.apply(account, &change(child.id, row, 0, fields)).await.unwrap();
        let mut tx = Tx::begin(&world.db, account).await.unwrap();
        let meal = meals::get(&mut tx, child.id, row).await.unwrap();
        let item = &meal.analysis.items[0].portion;
        for stored in [
            &meal.raw_input,
            &meal.notes,
            &meal.analysis.not_understood[0],
            &item.phrase,
            &item.amount,
        ] {
            assert_eq!(stored, nasty);
        }
        let mut profile = child.profile.clone();
        profile.name = (*nasty).to_owned();
        children::update(&mut tx, child.id, &profile, now()).await.unwrap();
        assert_eq!(children::get(&mut tx, child.id).await.unwrap().profile.name, *nasty);
    }
}

fn portion(words: &str) -> Portion {
    Portion {
        phrase: words.to_owned(),
        food: FoodId("sr24:09040".to_owned()),
        grams: 10.0,
        how: How::Parent,
        amount: words.to_owned(),
        confidence: f64::NAN,
    }
}

#[tokio::test]
async fn control_characters_go_and_the_rest_stays() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let fields = MealFields {
        not_understood: Some(vec![CONTROL.to_owned()]),
        items: Some(vec![portion(CONTROL)]),
        ..text(CONTROL)
    };
    let meal = world
        .apply(account, &change(child.id, meal_id(), 0, fields))
        .await
        .unwrap()
        .meal;
    assert_eq!(meal.raw_input, "banana[31m");
    assert_eq!(meal.analysis.items[0].portion.phrase, "banana[31m");
    let new = NewAccount::parse("bea@example.org", "correct \u{0} horse", CONTROL, CONTROL, "UTC").unwrap();
    let signed_in = accounts::sign_up(&world.db, new, &browser(CONTROL), now())
        .await
        .unwrap();
    let mut tx = Tx::begin(&world.db, signed_in.account).await.unwrap();
    assert_eq!(
        accounts::account(&mut tx, now()).await.unwrap().first_name,
        "banana[31m"
    );
}

#[tokio::test]
async fn a_food_id_with_nul_or_without_end_is_refused() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    for id in ["sr24:\u{0}".to_owned(), "x".repeat(100_000)] {
        let fields = MealFields {
            items: Some(vec![Portion {
                food: FoodId(id),
                ..portion("x")
            }]),
            ..text("x")
        };
        assert_eq!(
            refused(world.apply(account, &change(child.id, meal_id(), 0, fields)).await),
            Field::Items
        );
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> Field {
    match result {
        Err(ServiceError::Refused(refusals)) => refusals[0].field,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_hundred_thousand_characters_are_refused_and_the_message_says_how_many_fit() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let long = "a ".repeat(50_000) + "a";
    let result = world.apply(account, &change(child.id, meal_id(), 0, text(&long))).await;
    assert!(result.as_ref().unwrap_err().to_string().contains("2000"), "{result:?}");
    assert_eq!(refused(result), Field::RawInput);
    assert_eq!(
        refused(
            world
                .apply(account, &change(child.id, meal_id(), 0, notes(&long)))
                .await
        ),
        Field::Notes
    );
    let fields = MealFields {
        items: Some(vec![portion(&long)]),
        ..text("x")
    };
    assert_eq!(
        refused(world.apply(account, &change(child.id, meal_id(), 0, fields)).await),
        Field::Items
    );
    let mut profile = child.profile.clone();
    profile.name = long.clone();
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    assert_eq!(
        refused(children::update(&mut tx, child.id, &profile, now()).await),
        Field::Name
    );
    profile.name = "Pip".to_owned();
    profile.time_zone = long;
    assert_eq!(
        refused(children::update(&mut tx, child.id, &profile, now()).await),
        Field::TimeZone
    );
}

#[tokio::test]
async fn a_weight_that_is_none_is_refused() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    for grams in [f64::NAN, f64::INFINITY, -1.0, 900_000.0] {
        let fields = MealFields {
            items: Some(vec![Portion { grams, ..portion("x") }]),
            ..text("x")
        };
        assert_eq!(
            refused(world.apply(account, &change(child.id, meal_id(), 0, fields)).await),
            Field::Grams
        );
    }
}
