//! Personal tokens: what they reach, and what they never do. isolation.rs has the whole matrix.

use crate::world::{World, change, meal_id, now, run, text};
use chrono::TimeDelta;
use domain::child::Child;
use domain::field::Field;
use domain::id::{AccountId, ChildId};
use domain::token::NewToken;
use services::tokens::{self, Key};
use services::{ServiceError, Tx, accounts, changes, children, foods};
use uuid::Uuid;

async fn make(world: &World, account: AccountId, children: Option<Vec<ChildId>>, may_write: bool) -> Key {
    let new = NewToken {
        name: "Tablet".to_owned(),
        children,
        may_write,
        expires_at: Some(now() + TimeDelta::days(30)),
    };
    let mut tx = Tx::begin(&world.db, account).await.unwrap();
    let key = tokens::create(&mut tx, crate::world::fresh(), &new, now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    key
}

async fn begin(world: &World, key: &Key) -> Tx {
    Tx::begin_token(&world.db, key, now()).await.unwrap().unwrap().0
}

/// A family with two children, and a third child of another that let the family in to read.
async fn family(world: &World) -> (AccountId, Child, Child, Child) {
    let ada = world.account("ada@example.org").await;
    let bea = world.account("bea@example.org").await;
    let (pip, sam, lent) = (world.child(ada).await, world.child(ada).await, world.child(bea).await);
    world.let_in(&lent, ada, false).await;
    (ada, pip, sam, lent)
}

async fn seen(tx: &mut Tx) -> Vec<ChildId> {
    children::list(tx)
        .await
        .unwrap()
        .into_iter()
        .map(|child| child.id)
        .collect()
}

#[tokio::test]
async fn a_token_of_all_children_sees_what_its_maker_sees_and_follows_them() {
    let world = World::new().await;
    let (ada, pip, sam, lent) = family(&world).await;
    let key = make(&world, ada, None, false).await;
    let mut tx = begin(&world, &key).await;
    let mut all = vec![pip.id, sam.id, lent.id];
    all.sort();
    let mut visible = seen(&mut tx).await;
    visible.sort();
    assert_eq!(visible, all);
    drop(tx);
    run(&mut world.superuser().await, "delete from caregiver_links").await;
    let mut tx = begin(&world, &key).await;
    assert!(!seen(&mut tx).await.contains(&lent.id));
}

#[tokio::test]
async fn a_token_of_one_child_sees_no_other_whoever_owns_it() {
    let world = World::new().await;
    let (ada, pip, sam, lent) = family(&world).await;
    let key = make(&world, ada, Some(vec![pip.id]), true).await;
    let mut tx = begin(&world, &key).await;
    assert_eq!(seen(&mut tx).await, [pip.id]);
    for hidden in [sam.id, lent.id] {
        assert!(matches!(
            children::get(&mut tx, hidden).await,
            Err(ServiceError::NotFound)
        ));
        let hidden = change(hidden, meal_id(), 0, text("1 banana"));
        let applied = changes::apply(&mut tx, &hidden, foods::built_in(), now()).await;
        assert!(matches!(applied, Err(ServiceError::NotFound)));
    }
    let meal = change(pip.id, meal_id(), 0, text("1 banana"));
    let applied = changes::apply(&mut tx, &meal, foods::built_in(), now()).await.unwrap();
    assert_eq!(applied.meal.logged_by, ada);
    assert_eq!(applied.meal.logged_by_name, "ada");
    // It neither adds children nor takes one away.
    let added = children::add(&mut tx, ChildId(crate::world::fresh()), &pip.profile, now()).await;
    assert!(matches!(added, Err(ServiceError::ReadOnly)), "{added:?}");
    let mut tx = begin(&world, &key).await;
    assert!(matches!(
        children::delete(&mut tx, pip.id).await,
        Err(ServiceError::ReadOnly)
    ));
}

#[tokio::test]
async fn a_token_that_reads_writes_nothing() {
    let world = World::new().await;
    let (ada, pip, ..) = family(&world).await;
    let key = make(&world, ada, None, false).await;
    let mut tx = begin(&world, &key).await;
    assert!(!children::get(&mut tx, pip.id).await.unwrap().may_write);
    let meal = change(pip.id, meal_id(), 0, text("1 banana"));
    let applied = changes::apply(&mut tx, &meal, foods::built_in(), now()).await;
    assert!(matches!(applied, Err(ServiceError::ReadOnly)));
    let updated = children::update(&mut tx, pip.id, &pip.profile, now()).await;
    assert!(matches!(updated, Err(ServiceError::ReadOnly)));
    assert!(matches!(
        children::delete(&mut tx, pip.id).await,
        Err(ServiceError::ReadOnly)
    ));
    let added = children::add(&mut tx, ChildId(crate::world::fresh()), &pip.profile, now()).await;
    assert!(matches!(added, Err(ServiceError::ReadOnly)));
}

#[tokio::test]
async fn a_token_that_writes_for_all_children_adds_one_and_logs_for_it_at_once() {
    let world = World::new().await;
    let (ada, pip, _, lent) = family(&world).await;
    let key = make(&world, ada, None, true).await;
    let mut tx = begin(&world, &key).await;
    let new = ChildId(crate::world::fresh());
    let child = children::add(&mut tx, new, &pip.profile, now()).await.unwrap();
    assert_eq!(child.owner, ada);
    let meal = change(new, meal_id(), 0, text("1 banana"));
    changes::apply(&mut tx, &meal, foods::built_in(), now()).await.unwrap();
    children::delete(&mut tx, new).await.unwrap();
    // Adding entered it again as the token, not as the account.
    assert_eq!(run(tx.connection(), "delete from users").await, 0);
    assert!(matches!(
        children::delete(&mut tx, lent.id).await,
        Err(ServiceError::ReadOnly)
    ));
}

#[tokio::test]
async fn a_token_reaches_nothing_of_the_account_itself() {
    let world = World::new().await;
    let signed_in = world.sign_up("ada@example.org").await;
    world.child(signed_in.account).await;
    let key = make(&world, signed_in.account, None, true).await;
    let mut tx = begin(&world, &key).await;
    assert_eq!(
        accounts::account(&mut tx, now()).await.unwrap().email,
        "ada@example.org",
        "its name it may know"
    );
    for sql in [
        "delete from users",
        "update users set first_name = 'x'",
        "select 1 from credentials",
        "update credentials set password_hash = 'x'",
        "select 1 from password_resets",
        "select 1 from sessions",
        "delete from sessions",
        "select 1 from access_tokens",
        "update access_tokens set may_write = true",
        "delete from access_tokens",
        "select 1 from caregiver_links",
        "update caregiver_links set status = 'revoked'",
        "select 1 from gamification",
    ] {
        assert_eq!(run(tx.connection(), sql).await, 0, "{sql}");
    }
    assert!(tokens::list(&mut tx).await.unwrap().is_empty());
    let more = NewToken {
        name: "More".to_owned(),
        children: None,
        may_write: true,
        expires_at: None,
    };
    assert!(
        tokens::create(&mut tx, crate::world::fresh(), &more, now())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_token_opens_nothing_once_it_is_revoked_or_over() {
    let world = World::new().await;
    let (ada, ..) = family(&world).await;
    let key = make(&world, ada, None, false).await;
    let at = async |after| Tx::begin_token(&world.db, &key, now() + after).await.unwrap().is_some();
    assert!(at(TimeDelta::days(30) - TimeDelta::seconds(1)).await);
    assert!(!at(TimeDelta::days(30)).await);
    let mut tx = Tx::begin(&world.db, ada).await.unwrap();
    let id = tokens::list(&mut tx).await.unwrap()[0].id;
    tokens::revoke(&mut tx, id).await.unwrap();
    tokens::revoke(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!at(TimeDelta::zero()).await);
    let forged = Key::parse(&format!("tt_{}", "0".repeat(64))).unwrap();
    assert!(Tx::begin_token(&world.db, &forged, now()).await.unwrap().is_none());
}

#[tokio::test]
async fn its_use_is_noted_and_not_at_every_request() {
    let world = World::new().await;
    let (ada, ..) = family(&world).await;
    let key = make(&world, ada, None, false).await;
    let mut noted = Vec::new();
    for minutes in [0, 4, 5, 9, 10] {
        let at = now() + TimeDelta::minutes(minutes);
        assert!(Tx::begin_token(&world.db, &key, at).await.unwrap().is_some());
        let mut tx = Tx::begin(&world.db, ada).await.unwrap();
        noted.push((tokens::list(&mut tx).await.unwrap()[0].last_used_at.unwrap() - now()).num_minutes());
    }
    assert_eq!(noted, [0, 0, 5, 5, 10]);
}

#[tokio::test]
async fn only_its_hash_is_kept_and_a_form_sent_twice_makes_one() {
    let world = World::new().await;
    let (ada, pip, _, _) = family(&world).await;
    let id: Uuid = crate::world::fresh();
    let new = NewToken {
        name: "Tablet".to_owned(),
        children: Some(vec![pip.id]),
        may_write: false,
        expires_at: None,
    };
    let mut tx = Tx::begin(&world.db, ada).await.unwrap();
    let key = tokens::create(&mut tx, id, &new, now()).await.unwrap();
    tx.commit().await.unwrap();
    let mut superuser = world.superuser().await;
    let sql = format!(
        "select 1 from access_tokens t where t::text like '%{}%'",
        &key.expose()[3..]
    );
    assert_eq!(run(&mut superuser, &sql).await, 0);
    let mut tx = Tx::begin(&world.db, ada).await.unwrap();
    let ServiceError::Refused(refusals) = tokens::create(&mut tx, id, &new, now()).await.unwrap_err() else {
        panic!("not refused");
    };
    assert!(refusals[0].message.contains("shown only once"));
}

#[tokio::test]
async fn a_token_for_a_child_one_cannot_see_is_refused() {
    let world = World::new().await;
    let (ada, ..) = family(&world).await;
    let eve = world.account("eve@example.org").await;
    let hers = world.child(eve).await;
    let new = NewToken {
        name: "Tablet".to_owned(),
        children: Some(vec![hers.id]),
        may_write: false,
        expires_at: None,
    };
    let mut tx = Tx::begin(&world.db, ada).await.unwrap();
    let refused = tokens::create(&mut tx, crate::world::fresh(), &new, now()).await;
    let ServiceError::Refused(refusals) = refused.unwrap_err() else {
        panic!("not refused");
    };
    assert_eq!(refusals[0].field, Field::Children);
}
