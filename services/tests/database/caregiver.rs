//! What an invitation lets its invitee do, and what it does not.

use crate::world::{World, fresh, run};
use domain::id::{AccountId, ChildId};
use services::{Tx, children};
use sqlx::{AssertSqlSafe, Executor};
use uuid::Uuid;

struct Invitation {
    world: World,
    owner: AccountId,
    invited: AccountId,
    child: ChildId,
    link: Uuid,
}

async fn invitation() -> Invitation {
    let world = World::new().await;
    let owner = world.account("ada@example.org").await;
    let invited = world.account("nana@example.org").await;
    let child = world.child(owner).await.id;
    let link = fresh();
    let sql = format!(
        "insert into caregiver_links (id, child_id, primary_user_id, invited_email, expires_at) \
         values ('{link}', '{child}', '{owner}', 'Nana@Example.org', '2030-01-01')"
    );
    let mut tx = Tx::begin(&world.db, owner).await.unwrap();
    run(tx.connection(), &sql).await;
    tx.commit().await.unwrap();
    Invitation {
        world,
        owner,
        invited,
        child,
        link,
    }
}

impl Invitation {
    /// Whether that update of the link passes, as that account. It is kept if it does.
    async fn passes(&self, account: AccountId, set: &str) -> bool {
        let mut tx = Tx::begin(&self.world.db, account).await.unwrap();
        let sql = format!("update caregiver_links set {set} where id = '{}'", self.link);
        let done = tx
            .connection()
            .execute(AssertSqlSafe(sql))
            .await
            .is_ok_and(|done| done.rows_affected() == 1);
        if done {
            tx.commit().await.unwrap();
        }
        done
    }

    async fn sees_child(&self, account: AccountId) -> bool {
        let mut tx = Tx::begin(&self.world.db, account).await.unwrap();
        children::get(&mut tx, self.child).await.is_ok()
    }
}

#[tokio::test]
async fn the_invited_may_accept_and_leave_and_change_nothing_else() {
    let it = invitation().await;
    let me = it.invited;
    for set in [
        "permissions = '{\"read\": true, \"write\": true}'".to_owned(),
        format!("status = 'accepted', caregiver_user_id = '{me}', permissions = '{{\"read\": true, \"write\": true}}'"),
        format!(
            "status = 'accepted', caregiver_user_id = '{}'",
            it.world.account("eve@example.org").await
        ),
        "status = 'accepted'".to_owned(),
        format!("caregiver_user_id = '{me}'"),
        "expires_at = '2040-01-01'".to_owned(),
        "invited_email = 'eve@example.org'".to_owned(),
        "status = 'revoked'".to_owned(),
    ] {
        assert!(!it.passes(me, &set).await, "{set}");
    }
    assert!(!it.sees_child(me).await);
    assert!(
        it.passes(me, &format!("status = 'accepted', caregiver_user_id = '{me}'"))
            .await
    );
    assert!(it.sees_child(me).await);
    assert!(!it.passes(me, "permissions = '{\"read\": true, \"write\": true}'").await);
    assert!(it.passes(me, "status = 'revoked'").await);
    assert!(!it.sees_child(me).await);
    assert!(!it.passes(me, "status = 'accepted'").await);
}

#[tokio::test]
async fn the_invited_may_decline() {
    let it = invitation().await;
    assert!(
        it.passes(
            it.invited,
            &format!("status = 'declined', caregiver_user_id = '{}'", it.invited)
        )
        .await
    );
    assert!(!it.sees_child(it.invited).await);
    assert!(!it.passes(it.invited, "status = 'accepted'").await);
}

#[tokio::test]
async fn the_owner_cannot_accept_for_another_and_so_learn_who_that_is() {
    let it = invitation().await;
    let eve = it.world.account("eve@example.org").await;
    assert!(
        !it.passes(it.owner, &format!("status = 'accepted', caregiver_user_id = '{eve}'"))
            .await
    );
    assert!(!it.passes(it.owner, &format!("caregiver_user_id = '{eve}'")).await);
    assert!(
        it.passes(it.owner, "permissions = '{\"read\": true, \"write\": true}'")
            .await
    );
    assert!(it.passes(it.owner, "status = 'revoked'").await);
    assert!(
        !it.passes(
            it.invited,
            &format!("status = 'accepted', caregiver_user_id = '{}'", it.invited)
        )
        .await
    );
}

#[tokio::test]
async fn a_caregiver_who_writes_invites_nobody_and_takes_no_child_over() {
    let it = invitation().await;
    let writer = it.world.account("writer@example.org").await;
    let mut tx = Tx::begin(&it.world.db, it.owner).await.unwrap();
    let child = children::get(&mut tx, it.child).await.unwrap();
    drop(tx);
    it.world.let_in(&child, writer, true).await;
    for sql in [
        format!(
            "insert into caregiver_links (id, child_id, primary_user_id, invited_email, expires_at) \
             values ('{}', '{}', '{writer}', 'eve@example.org', '2030-01-01')",
            fresh(),
            it.child
        ),
        format!("update children set user_id = '{writer}' where id = '{}'", it.child),
    ] {
        let mut tx = Tx::begin(&it.world.db, writer).await.unwrap();
        assert!(
            tx.connection().execute(AssertSqlSafe(sql.clone())).await.is_err(),
            "{sql}"
        );
    }
}
