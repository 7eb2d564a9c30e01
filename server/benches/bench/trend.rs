//! The schema document's 30-day trend, with row security, at some size.

use crate::load::Load;
use crate::postgres::Cluster;
use anyhow::{Context as _, ensure};
use domain::id::{AccountId, ChildId};
use services::{Database, Tx, database, meals};
use sqlx::Row as _;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// Word for word.
const TREND: &str = "SELECT 
  DATE(logged_at) as date,
  SUM(calories) as daily_calories,
  SUM(iron_mg) as daily_iron
FROM meals 
WHERE child_id = $1 
  AND logged_at >= NOW() - INTERVAL '30 days'
GROUP BY DATE(logged_at)
ORDER BY date;";

/// Six a day for half a year.
const MEALS_EACH: usize = 1002;
const DAYS: usize = MEALS_EACH / 6;

/// Fills in families until there are so many meals of theirs: a child's meals lie scattered among the
/// others', as they were logged day by day. Without the analysis, which the trend does not read.
///
/// # Errors
/// What the database says.
pub(crate) async fn fill(cluster: &Cluster, meals: usize) -> anyhow::Result<Vec<(AccountId, ChildId)>> {
    let mut connection = cluster.superuser().await?;
    // Triggers would look up each meal's child; the two big indexes are built at once.
    let before: i64 = sqlx::query_scalar("select count(*) from users where email like 'trend%'")
        .fetch_one(&mut connection)
        .await?;
    let (first, last) = (before + 1, i64::try_from(meals / MEALS_EACH)?);
    let fill = format!(
        "
        set session_replication_role = replica;
        drop index if exists meals_food_items_idx, meals_warnings_idx;
        insert into users (id, email)
        select md5('u' || n)::uuid, 'trend' || n || '@example.org'
        from generate_series({first}, {last}) n;
        insert into children (id, user_id, name, date_of_birth, sex, time_zone)
        select md5('c' || n)::uuid, md5('u' || n)::uuid, 'Bo', current_date - 400, 'female', 'UTC'
        from generate_series({first}, {last}) n;
        do $$
        begin
            for day in reverse {last_day}..0 loop
                insert into meals (child_id, id, logged_by, meal_type, logged_at, meal_date, raw_input,
                                   analysis_state, food_items, estimated_quantity, calories, protein_g, fat_g,
                                   carbs_g, fiber_g, iron_mg, calcium_mg, confidence_score)
                select md5('c' || n)::uuid, gen_random_uuid(), md5('u' || n)::uuid, 'snack',
                       now() - make_interval(days => day, hours => 3 * m), 
                       (now() - make_interval(days => day, hours => 3 * m))::date,
                       'half a banana, 2 tbsp oatmeal and 60 ml breast milk', 'analysed',
                       array['Bananas, raw', 'Oatmeal', 'Human milk'], 'half a banana; 2 tbsp; 60 ml',
                       100 + n % 50, 3, 4, 15, 1.5, 0.4 + m * 0.1, 60, 0.9
                from generate_series(1, 6) m
                cross join generate_series({first}, {last}) n;
            end loop;
        end $$;
        create index meals_food_items_idx on meals using gin (app.words(food_items));
        create index meals_warnings_idx on meals using gin ((gpt_analysis -> 'warnings') jsonb_path_ops);
        set session_replication_role = origin;",
        last_day = DAYS - 1,
    );
    cluster.run(&mut connection, fill).await?;
    for statement in [
        "vacuum (analyze) meals",
        "analyze users",
        "analyze children",
        "checkpoint",
    ] {
        cluster.run(&mut connection, statement.to_owned()).await?;
    }
    let rows = sqlx::query(
        "select c.user_id, c.id from children c join users u on u.id = c.user_id where u.email like 'trend%'",
    )
    .fetch_all(&mut connection)
    .await?;
    ensure!(!rows.is_empty(), "no family was filled in");
    Ok(rows
        .iter()
        .map(|row| (AccountId(row.get::<Uuid, _>(0)), ChildId(row.get::<Uuid, _>(1))))
        .collect())
}

/// Both from the beginning of a transaction to the last row.
pub(crate) struct Asked {
    pub(crate) document: Load,
    pub(crate) service: Load,
}

/// Asks for the trends of so many children, one after the other.
///
/// # Errors
/// What the database says, or a trend that is not thirty days long.
pub(crate) async fn ask(cluster: &Cluster, families: &[(AccountId, ChildId)], times: usize) -> anyhow::Result<Asked> {
    let db = Database::new(cluster.app(), &database::Settings::default());
    let mut asked = Asked {
        document: Load::default(),
        service: Load::default(),
    };
    // A tenth more, to warm up.
    for turn in 0..times + times / 10 {
        // Hops that meet every family before any again.
        let (account, child) = families.get(turn * 7919 % families.len()).context("a family")?;
        let began = Instant::now();
        let mut tx = Tx::begin(&db, *account).await?;
        let days = sqlx::query(TREND).bind(child.0).fetch_all(tx.connection()).await?.len();
        let took = began.elapsed();
        drop(tx);
        ensure!((30..=31).contains(&days), "a trend of {days} days");
        let began = Instant::now();
        let mut tx = Tx::begin(&db, *account).await?;
        let days = meals::trend(&mut tx, *child).await?.len();
        let service = began.elapsed();
        drop(tx);
        ensure!((30..=31).contains(&days), "a trend of {days} days");
        if turn >= times / 10 {
            note(&mut asked.document, took);
            note(&mut asked.service, service);
        }
    }
    db.close().await;
    Ok(asked)
}

fn note(load: &mut Load, took: Duration) {
    load.micros.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    load.took += took;
}
