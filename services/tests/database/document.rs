//! The schema document's three query examples, word for word.

use crate::world::{World, change, meal_id, run, text};
use chrono::NaiveDate;
use services::{Tx, meals};
use sqlx::Row;

const TRENDS: &str = "SELECT 
  DATE(logged_at) as date,
  SUM(calories) as daily_calories,
  SUM(iron_mg) as daily_iron
FROM meals 
WHERE child_id = $1 
  AND logged_at >= NOW() - INTERVAL '30 days'
GROUP BY DATE(logged_at)
ORDER BY date;";

const STREAKS: &str = "SELECT 
  current_streak,
  longest_streak,
  points
FROM gamification 
WHERE user_id = $1;";

const CAREGIVERS: &str = "SELECT 
  u.email,
  cl.permissions,
  cl.status
FROM caregiver_links cl
JOIN users u ON cl.caregiver_user_id = u.id
WHERE cl.child_id = $1;";

#[tokio::test]
async fn a_childs_nutrition_trends() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let child = world.child(account).await;
    let stranger = world.account("eve@example.org").await;
    for _ in 0..2 {
        world
            .apply(account, &change(child.id, meal_id(), 0, text("1 banana")))
            .await
            .unwrap();
    }
    // The query speaks of the database's now.
    let mut superuser = world.superuser().await;
    run(&mut superuser, "update meals set logged_at = now() - interval '2 days'").await;

    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    let rows = sqlx::query(TRENDS)
        .bind(child.id.0)
        .fetch_all(tx.connection())
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    let _: NaiveDate = rows[0].get("date");
    let days = meals::trend(&mut tx, child.id).await.unwrap();
    assert_eq!(days.len(), 1);
    assert!(
        days[0].calories.unwrap() > 100.0 && days[0].iron_mg.unwrap() > 0.1,
        "{days:?}"
    );
    let zone: String = sqlx::query_scalar("select current_setting('timezone')")
        .fetch_one(tx.connection())
        .await
        .unwrap();
    assert_ne!(zone, "Europe/Berlin", "the trend left its time zone behind");

    let mut tx = Tx::begin(&world.db, stranger).await.unwrap();
    assert!(
        sqlx::query(TRENDS)
            .bind(child.id.0)
            .fetch_all(tx.connection())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_users_active_streaks() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    sqlx::query("insert into gamification (user_id, current_streak, longest_streak, points) values ($1, 3, 7, 40)")
        .bind(account.0)
        .execute(tx.connection())
        .await
        .unwrap();
    let row = sqlx::query(STREAKS)
        .bind(account.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
    assert_eq!(
        (row.get::<i32, _>(0), row.get::<i32, _>(1), row.get::<i32, _>(2)),
        (3, 7, 40)
    );
}

#[tokio::test]
async fn a_childs_caregivers() {
    let world = World::new().await;
    let account = world.account("ada@example.org").await;
    let grandmother = world.account("nana@example.org").await;
    let child = world.child(account).await;
    world.let_in(&child, grandmother, true).await;
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    let rows = sqlx::query(CAREGIVERS)
        .bind(child.id.0)
        .fetch_all(tx.connection())
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get::<&str, _>("email"), "nana@example.org");
}
