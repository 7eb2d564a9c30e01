//! What a phone wrote goes in, what others wrote since goes out.

use crate::world::{World, change, fresh, notes, now, run, text, uuid};
use chrono::TimeDelta;
use domain::change::{Change, MealFields};
use domain::child::Child;
use domain::id::{AccountId, ChildId, MealId};
use domain::sync::{ChildNews, Fate, MOST_CHANGES, MOST_FOLLOWED, PROTOCOL, Rejection, Reply, Upload};
use services::sync::{SyncError, sync};
use services::{Tx, accounts, foods};
use std::collections::BTreeMap;

fn upload(account: AccountId, changes: Vec<Change>, known: &[(ChildId, i64)]) -> Upload {
    Upload {
        protocol: PROTOCOL,
        account,
        changes,
        known: known.iter().copied().collect(),
    }
}

async fn send(world: &World, account: AccountId, upload: &Upload) -> Result<Reply, SyncError> {
    let mut tx = Tx::begin(&world.db, account).await?;
    let who = accounts::account(&mut tx, now()).await?;
    let reply = sync(&mut tx, &who, Some(uuid(7)), upload, foods::built_in(), now()).await?;
    tx.commit().await?;
    Ok(reply)
}

fn meal() -> MealId {
    MealId(fresh())
}

fn news(reply: &Reply, child: &Child) -> ChildNews {
    let found = reply.children.iter().find(|news| news.child.id == child.id);
    found.expect("the child").clone()
}

fn fates(reply: &Reply) -> Vec<&Fate> {
    reply.outcomes.iter().map(|outcome| &outcome.fate).collect()
}

const ACCEPTED: Fate = Fate::Accepted { restamped: false };

fn deleted() -> MealFields {
    MealFields {
        deleted: Some(true),
        ..MealFields::default()
    }
}

#[tokio::test]
async fn a_phone_is_told_what_others_wrote_and_deleted_since_and_nothing_twice() {
    let world = World::new().await;
    let ada = world.account("ada@example.org").await;
    let ben = world.account("ben@example.org").await;
    let pip = world.child(ada).await;
    world.let_in(&pip, ben, true).await;
    let (kept, gone) = (meal(), meal());
    for row in [kept, gone] {
        world
            .apply(ada, &change(pip.id, row, 0, text("half a banana")))
            .await
            .unwrap();
    }
    let first = news(&send(&world, ben, &upload(ben, vec![], &[])).await.unwrap(), &pip);
    assert!(first.whole && !first.more);
    assert_eq!((first.seq, first.meals.len()), (2, 2));

    world.apply(ada, &change(pip.id, gone, 1, deleted())).await.unwrap();
    world
        .apply(ada, &change(pip.id, kept, 2, notes("all of it")))
        .await
        .unwrap();
    let then = news(
        &send(&world, ben, &upload(ben, vec![], &[(pip.id, 2)])).await.unwrap(),
        &pip,
    );
    assert!(!then.whole);
    assert_eq!(then.seq, 4);
    assert_eq!(
        then.meals.iter().map(|m| (m.id, m.notes.as_str())).collect::<Vec<_>>(),
        [(kept, "all of it")]
    );
    assert_eq!(
        then.deleted
            .iter()
            .map(|m| (m.id, m.raw_input.as_str()))
            .collect::<Vec<_>>(),
        [(gone, "half a banana")]
    );

    let quiet = news(
        &send(&world, ben, &upload(ben, vec![], &[(pip.id, 4)])).await.unwrap(),
        &pip,
    );
    assert_eq!((quiet.seq, quiet.meals.len(), quiet.deleted.len()), (4, 0, 0));
}

#[tokio::test]
async fn one_change_that_cannot_be_written_takes_no_other_with_it() {
    let world = World::new().await;
    let ada = world.account("ada@example.org").await;
    let pip = world.child(ada).await;
    let late = MealFields {
        when: Some(domain::meal::When {
            at: now() + TimeDelta::days(3),
            date: "2026-11-26".parse().unwrap(),
        }),
        ..text("tomorrow's soup")
    };
    let changes = vec![
        change(pip.id, meal(), 0, text("half a banana")),
        change(pip.id, meal(), 1, late),
        change(ChildId(uuid(404)), meal(), 2, text("not my child's")),
        change(pip.id, meal(), 3, text("an egg")),
    ];
    let reply = send(&world, ada, &upload(ada, changes.clone(), &[])).await.unwrap();
    let fates = fates(&reply);
    assert_eq!((fates[0], fates[3]), (&ACCEPTED, &ACCEPTED));
    assert!(
        matches!(fates[1], Fate::Rejected { reason: Rejection::Refused { message, .. } } if message.contains("future")),
        "{:?}",
        fates[1]
    );
    assert_eq!(
        fates[2],
        &Fate::Rejected {
            reason: Rejection::NotFound
        }
    );
    assert_eq!(news(&reply, &pip).seq, 2);

    let again = send(&world, ada, &upload(ada, changes, &[])).await.unwrap();
    assert_eq!(again.outcomes, reply.outcomes, "sent twice it is answered the same");
    assert_eq!(news(&again, &pip).seq, 2, "and written once");
}

#[tokio::test]
async fn more_than_fits_comes_in_pages_that_leave_nothing_out() {
    let world = World::new().await;
    let ada = world.account("ada@example.org").await;
    let pip = world.child(ada).await;
    let rows: Vec<MealId> = (0..30).map(|_| meal()).collect();
    let all: Vec<Change> = rows
        .iter()
        .map(|row| change(pip.id, *row, 0, text("half a banana")))
        .chain((0..MOST_FOLLOWED + 20).map(|at| {
            let row = rows[at as usize % rows.len()];
            change(pip.id, row, at + 1, notes(&format!("note {at}")))
        }))
        .collect();
    for batch in all.chunks(MOST_CHANGES) {
        send(&world, ada, &upload(ada, batch.to_vec(), &[])).await.unwrap();
    }
    let mut known = 0;
    let mut told: BTreeMap<MealId, String> = BTreeMap::new();
    let mut pages = 0;
    loop {
        let reply = send(&world, ada, &upload(ada, vec![], &[(pip.id, known)]))
            .await
            .unwrap();
        let page = news(&reply, &pip);
        assert!(page.seq > known);
        known = page.seq;
        told.extend(page.meals.into_iter().map(|meal| (meal.id, meal.notes)));
        pages += 1;
        assert_eq!(page.more, reply.has_more());
        if !page.more {
            break;
        }
    }
    assert_eq!((pages, known), (2, all.len() as i64));
    assert_eq!(told.len(), rows.len());
    assert!(told.values().all(|notes| notes.starts_with("note ")));
}

#[tokio::test]
async fn another_accounts_phone_an_old_app_and_too_much_are_refused_and_nothing_is_written() {
    let world = World::new().await;
    let ada = world.account("ada@example.org").await;
    let ben = world.account("ben@example.org").await;
    let pip = world.child(ada).await;
    let one = vec![change(pip.id, meal(), 0, text("half a banana"))];
    let theirs = send(&world, ada, &upload(ben, one.clone(), &[])).await;
    assert!(matches!(theirs, Err(SyncError::OtherAccount)));
    let old = Upload {
        protocol: PROTOCOL + 1,
        ..upload(ada, one.clone(), &[])
    };
    assert!(matches!(
        send(&world, ada, &old).await,
        Err(SyncError::OtherProtocol(_))
    ));
    let many = vec![one[0].clone(); MOST_CHANGES + 1];
    assert!(matches!(
        send(&world, ada, &upload(ada, many, &[])).await,
        Err(SyncError::TooMany)
    ));
    let reply = send(&world, ada, &upload(ada, vec![], &[])).await.unwrap();
    assert_eq!(news(&reply, &pip).seq, 0);
}

#[tokio::test]
async fn a_caregiver_who_was_shut_out_meanwhile_is_told_so_and_sees_the_child_no_more() {
    let world = World::new().await;
    let ada = world.account("ada@example.org").await;
    let ben = world.account("ben@example.org").await;
    let pip = world.child(ada).await;
    world.let_in(&pip, ben, true).await;
    let wrote = vec![change(pip.id, meal(), 0, text("half a banana"))];
    let mut superuser = world.superuser().await;
    run(&mut superuser, "delete from caregiver_links").await;
    world.let_in(&pip, ben, false).await;
    let reply = send(&world, ben, &upload(ben, wrote.clone(), &[(pip.id, 0)]))
        .await
        .unwrap();
    assert_eq!(
        fates(&reply),
        [&Fate::Rejected {
            reason: Rejection::ReadOnly
        }]
    );
    assert!(!news(&reply, &pip).child.may_write);
    run(&mut superuser, "delete from caregiver_links").await;
    let reply = send(&world, ben, &upload(ben, wrote, &[(pip.id, 0)])).await.unwrap();
    assert_eq!(
        fates(&reply),
        [&Fate::Rejected {
            reason: Rejection::NotFound
        }]
    );
    assert!(reply.children.is_empty());
}

#[tokio::test]
async fn a_number_from_before_a_backup_was_restored_starts_the_phone_anew() {
    let world = World::new().await;
    let ada = world.account("ada@example.org").await;
    let pip = world.child(ada).await;
    world
        .apply(ada, &change(pip.id, meal(), 0, text("an egg")))
        .await
        .unwrap();
    let reply = send(&world, ada, &upload(ada, vec![], &[(pip.id, 99)])).await.unwrap();
    let news = news(&reply, &pip);
    assert!(news.whole);
    assert_eq!((news.seq, news.meals.len()), (1, 1));
}

#[tokio::test]
async fn a_stamp_from_a_clock_that_runs_ahead_is_set_back_and_the_phone_is_told() {
    let world = World::new().await;
    let ada = world.account("ada@example.org").await;
    let pip = world.child(ada).await;
    let ahead = vec![change(pip.id, meal(), 3_600, text("an egg"))];
    let reply = send(&world, ada, &upload(ada, ahead, &[])).await.unwrap();
    assert_eq!(fates(&reply), [&Fate::Accepted { restamped: true }]);
    assert_eq!(reply.now, now());
}

#[tokio::test]
async fn the_server_keeps_what_each_device_last_said_and_was_told() {
    let world = World::new().await;
    let ada = world.account("ada@example.org").await;
    let pip = world.child(ada).await;
    let wrote = vec![change(pip.id, meal(), 0, text("an egg"))];
    send(&world, ada, &upload(ada, wrote, &[])).await.unwrap();
    send(&world, ada, &upload(ada, vec![], &[(pip.id, 1)])).await.unwrap();
    let kept: Vec<(uuid::Uuid, serde_json::Value)> =
        sqlx::query_as("select device_id, sync_data from offline_sync where user_id = $1")
            .bind(ada.0)
            .fetch_all(&mut world.superuser().await)
            .await
            .unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].0, uuid(7));
    assert_eq!(kept[0].1["told"][pip.id.to_string()], 1);
    assert_eq!(kept[0].1["known"][pip.id.to_string()], 1);
}

#[tokio::test]
async fn what_one_parent_wrote_over_the_other_is_still_there_to_be_seen() {
    let world = World::new().await;
    let ada = world.account("ada@example.org").await;
    let ben = world.account("ben@example.org").await;
    let pip = world.child(ada).await;
    world.let_in(&pip, ben, true).await;
    let row = meal();
    world
        .apply(ada, &change(pip.id, row, 0, text("half a banana")))
        .await
        .unwrap();
    world
        .apply(ben, &change(pip.id, row, 20, notes("he spat it out")))
        .await
        .unwrap();
    world
        .apply(ada, &change(pip.id, row, 10, notes("he loved it")))
        .await
        .unwrap();
    let mut tx = Tx::begin(&world.db, ada).await.unwrap();
    let stored = services::meals::get(&mut tx, pip.id, row).await.unwrap();
    assert_eq!(
        stored.notes, "he spat it out",
        "the later stamp counts, whatever came first"
    );
    let past = services::changes::past(&mut tx, &pip, &stored).await.unwrap();
    let told: Vec<_> = past
        .iter()
        .map(|past| (past.by.as_str(), past.fields.notes.as_deref(), past.stands))
        .collect();
    assert_eq!(
        told,
        [
            ("ben", Some("he spat it out"), true),
            ("ada", Some("he loved it"), false),
            ("ada", None, true),
        ]
    );
    assert_eq!(
        past[2].at, "23 November 2026, 13:00",
        "as the clock shows where the child lives"
    );
    let stranger = world.account("eve@example.org").await;
    let mut tx = Tx::begin(&world.db, stranger).await.unwrap();
    assert!(
        services::changes::past(&mut tx, &pip, &stored)
            .await
            .unwrap()
            .is_empty()
    );
}
