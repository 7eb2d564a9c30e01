//! Making a database fit for use, and refusing one that would not hold.

use crate::world::{APP, OWNER, World, now, run};
use services::database::{PrepareError, Settings};
use services::{Database, ServiceError};
use std::time::Duration;

#[tokio::test]
async fn preparing_twice_and_at_once_does_no_harm() {
    let world = World::new().await;
    let (owner, app) = (world.options(OWNER), world.options(APP));
    let (one, two) = tokio::join!(Database::prepare(&owner, &app), Database::prepare(&owner, &app));
    one.unwrap();
    two.unwrap();
    world.db.ready().await.unwrap();
}

#[tokio::test]
async fn a_role_that_could_see_past_row_security_is_refused() {
    let world = World::new().await;
    world.db.refuse_bypass().await.unwrap();
    let owner = Database::new(world.options(OWNER), &Settings::default());
    assert!(matches!(owner.refuse_bypass().await, Err(PrepareError::Bypass { .. })));
    // Roles belong to the cluster, where other tests are: one of this test's own.
    let mut superuser = world.superuser().await;
    let name = format!("tinytummy_test_{}", std::process::id());
    for (attribute, undo) in [("superuser", "nosuperuser"), ("bypassrls", "nobypassrls")] {
        run(
            &mut superuser,
            &format!("create role {name} login {attribute} password 'only-for-tests'"),
        )
        .await;
        let db = Database::new(world.options(&name), &Settings::default());
        assert!(
            matches!(db.refuse_bypass().await, Err(PrepareError::Bypass { .. })),
            "{attribute}"
        );
        run(&mut superuser, &format!("alter role {name} {undo}")).await;
        db.refuse_bypass().await.unwrap();
        run(&mut superuser, &format!("grant {OWNER} to {name}")).await;
        assert!(
            matches!(db.refuse_bypass().await, Err(PrepareError::Bypass { .. })),
            "a member of the owner"
        );
        db.close().await;
        run(&mut superuser, &format!("drop role {name}")).await;
    }
}

#[tokio::test]
async fn a_database_that_is_away_says_so_at_once() {
    let world = World::new().await;
    let nowhere = world.options(APP).socket("/nowhere-at-all");
    let settings = Settings {
        acquire_timeout: Duration::from_millis(300),
        ..Settings::default()
    };
    let db = Database::new(nowhere, &settings);
    assert!(matches!(db.ready().await, Err(ServiceError::Unavailable(_))));
}

#[tokio::test]
async fn connections_that_were_cut_are_replaced() {
    let world = World::new().await;
    world.db.ready().await.unwrap();
    let mut superuser = world.superuser().await;
    let cut = format!(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = '{APP}' and datname = current_database()"
    );
    let mut tx = services::Tx::begin_visitor(&world.db).await.unwrap();
    run(&mut superuser, &cut).await;
    let lost = services::accounts::account(&mut tx, now()).await;
    assert!(matches!(lost, Err(ServiceError::SignedOut)), "nobody asked: {lost:?}");
    let lost = services::children::list(&mut tx).await;
    assert!(matches!(lost, Err(ServiceError::Unavailable(_))), "{lost:?}");
    drop(tx);
    world.db.ready().await.unwrap();
}
