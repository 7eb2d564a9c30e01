//! Whom a parent lets in, how far, and until when.

use crate::world::{World, change, fresh, meal_id, now, run, text};
use chrono::{DateTime, TimeDelta, Utc};
use domain::account::Email;
use domain::caregiver::{INVITATION_LIFE, MOST_INVITATIONS_A_DAY, Role, Standing};
use domain::child::Child;
use domain::entitlement::{Feature, Tier};
use domain::field::Field;
use domain::id::{AccountId, ChildId};
use services::caregivers::{self, Invited};
use services::sessions::Token;
use services::{ServiceError, Tx, children, meals};
use sqlx::{AssertSqlSafe, Executor};

const NANA: &str = "nana@example.org";

struct Family {
    world: World,
    owner: AccountId,
    child: Child,
    nana: AccountId,
}

async fn family() -> Family {
    let world = World::new().await;
    let owner = world.account("ada@example.org").await;
    let nana = world.account(NANA).await;
    let child = world.child(owner).await;
    Family {
        world,
        owner,
        child,
        nana,
    }
}

impl Family {
    async fn try_invite(&self, asker: AccountId, email: &str, role: Role) -> Result<Invited, ServiceError> {
        let mut tx = Tx::begin(&self.world.db, asker).await?;
        let invited = caregivers::invite(&mut tx, self.child.id, &Email::parse(email).unwrap(), role, now()).await?;
        tx.commit().await?;
        Ok(invited)
    }

    async fn invite(&self, email: &str, role: Role) -> Invited {
        self.try_invite(self.owner, email, role).await.unwrap()
    }

    async fn accept_at(&self, who: AccountId, token: &Token, at: DateTime<Utc>) -> Result<ChildId, ServiceError> {
        let mut tx = Tx::begin(&self.world.db, who).await?;
        let child = caregivers::accept(&mut tx, token, at).await?;
        tx.commit().await?;
        Ok(child)
    }

    async fn accept(&self, who: AccountId, token: &Token) -> Result<ChildId, ServiceError> {
        self.accept_at(who, token, now()).await
    }

    async fn sees_child(&self, who: AccountId) -> bool {
        let mut tx = Tx::begin(&self.world.db, who).await.unwrap();
        children::get(&mut tx, self.child.id).await.is_ok()
    }

    async fn logs(&self, who: AccountId) -> Result<(), ServiceError> {
        let meal = change(self.child.id, meal_id(), 0, text("1 banana"));
        self.world.apply(who, &meal).await.map(|_| ())
    }

    async fn standings(&self) -> Vec<Standing> {
        let mut tx = Tx::begin(&self.world.db, self.owner).await.unwrap();
        let links = caregivers::list(&mut tx, self.child.id, now()).await.unwrap();
        links.into_iter().map(|link| link.standing).collect()
    }

    /// Whether that update of every link passes for that account, by SQL alone; kept if it does.
    /// `first` is run before it, in the same transaction.
    async fn passes(&self, who: AccountId, first: &str, set: &str) -> bool {
        let mut tx = Tx::begin(&self.world.db, who).await.unwrap();
        if !first.is_empty() {
            run(tx.connection(), first).await;
        }
        let sql = format!("update caregiver_links set {set}");
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
}

/// What presents the one invitation there is to the database.
async fn presenting(world: &World, at: DateTime<Utc>) -> String {
    let hash: String = sqlx::query_scalar("select token_hash from caregiver_links")
        .fetch_one(&mut world.superuser().await)
        .await
        .unwrap();
    format!("select app.present_invitation('{hash}', '{at}')")
}

fn accepting(who: AccountId) -> String {
    format!("status = 'accepted', caregiver_user_id = '{who}', token_hash = null")
}

fn refused<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> String {
    match result {
        Err(ServiceError::Refused(refusals)) => {
            assert_eq!(refusals[0].field, Field::Email);
            refusals[0].message.clone()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_invited_reader_looks_and_an_invited_writer_logs() {
    let it = family().await;
    let uncle = it.world.account("uncle@example.org").await;
    let reader = it.invite(NANA, Role::Reader).await;
    let writer = it.invite("Uncle@Example.ORG", Role::Writer).await;
    assert!(!it.sees_child(it.nana).await && !it.sees_child(uncle).await);
    assert_eq!(it.accept(it.nana, &reader.token).await.unwrap(), it.child.id);
    it.accept(uncle, &writer.token).await.unwrap();
    assert!(it.sees_child(it.nana).await && it.sees_child(uncle).await);
    assert!(matches!(it.logs(it.nana).await, Err(ServiceError::ReadOnly)));
    it.logs(uncle).await.unwrap();
    assert_eq!(it.standings().await, [Standing::Active, Standing::Active]);

    let mut tx = Tx::begin(&it.world.db, it.owner).await.unwrap();
    let day = meals::day(
        &mut tx,
        it.child.id,
        "2026-11-23".parse::<chrono::NaiveDate>().unwrap(),
        now(),
    )
    .await
    .unwrap();
    assert_eq!(day.viewer, it.owner);
    assert_eq!(
        (day.meals[0].logged_by, day.meals[0].logged_by_name.as_str()),
        (uncle, "uncle")
    );
}

#[tokio::test]
async fn only_the_hash_of_an_invitations_token_is_kept() {
    let it = family().await;
    let invited = it.invite(NANA, Role::Reader).await;
    let kept: String = sqlx::query_scalar("select caregiver_links::text from caregiver_links")
        .fetch_one(&mut it.world.superuser().await)
        .await
        .unwrap();
    assert!(!kept.contains(invited.token.expose()));
    it.accept(it.nana, &invited.token).await.unwrap();
    let hash: Option<String> = sqlx::query_scalar("select token_hash from caregiver_links")
        .fetch_one(&mut it.world.superuser().await)
        .await
        .unwrap();
    assert_eq!(hash, None, "an answered invitation needs none");
}

#[tokio::test]
async fn whoever_holds_the_link_reads_the_names_and_sees_nothing_of_the_child() {
    let it = family().await;
    let invited = it.invite(NANA, Role::Reader).await;
    let mut tx = Tx::begin_visitor(&it.world.db).await.unwrap();
    let seen = caregivers::invitation(&mut tx, &invited.token, now()).await.unwrap();
    assert_eq!(seen, invited.invitation);
    assert_eq!((seen.child_name.as_str(), seen.invited_by.as_str()), ("Pip", "ada"));
    assert!(children::list(&mut tx).await.unwrap().is_empty());
    let others: i64 = sqlx::query_scalar("select count(*) from users")
        .fetch_one(tx.connection())
        .await
        .unwrap();
    assert_eq!(others, 0);
    let forged = Token::parse(&"0".repeat(64)).unwrap();
    assert!(matches!(
        caregivers::invitation(&mut tx, &forged, now()).await,
        Err(ServiceError::NotFound)
    ));
}

#[tokio::test]
async fn an_invitation_is_answered_once() {
    let it = family().await;
    let invited = it.invite(NANA, Role::Reader).await;
    it.accept(it.nana, &invited.token).await.unwrap();
    assert!(matches!(
        it.accept(it.nana, &invited.token).await,
        Err(ServiceError::NotFound)
    ));
    let mut tx = Tx::begin(&it.world.db, it.nana).await.unwrap();
    let declined = caregivers::decline(&mut tx, &invited.token, now()).await;
    assert!(matches!(declined, Err(ServiceError::NotFound)));
}

#[tokio::test]
async fn an_invitation_is_good_for_the_address_it_names_and_for_no_other() {
    let it = family().await;
    let eve = it.world.account("eve@example.org").await;
    let invited = it.invite(NANA, Role::Writer).await;
    assert!(refused(it.accept(eve, &invited.token).await).contains(NANA));
    assert!(refused(it.accept(it.owner, &invited.token).await).contains(NANA));
    let present = presenting(&it.world, now()).await;
    assert!(!it.passes(eve, &present, &accepting(eve)).await);
    assert!(!it.sees_child(eve).await);
    it.accept(it.nana, &invited.token).await.unwrap();
}

/// Anybody can sign up with an address that is not theirs.
#[tokio::test]
async fn the_address_alone_without_the_link_answers_nothing() {
    let it = family().await;
    it.invite(NANA, Role::Writer).await;
    assert!(!it.passes(it.nana, "", &accepting(it.nana)).await);
    let mut tx = Tx::begin(&it.world.db, it.nana).await.unwrap();
    let seen: i64 = sqlx::query_scalar("select count(*) from caregiver_links")
        .fetch_one(tx.connection())
        .await
        .unwrap();
    assert_eq!(seen, 0);
}

#[tokio::test]
async fn an_invitation_runs_out_after_seven_days() {
    let it = family().await;
    let invited = it.invite(NANA, Role::Reader).await;
    assert_eq!(invited.invitation.expires_at, now() + INVITATION_LIFE);
    let end = now() + INVITATION_LIFE;
    assert!(matches!(
        it.accept_at(it.nana, &invited.token, end).await,
        Err(ServiceError::NotFound)
    ));
    let mut tx = Tx::begin(&it.world.db, it.owner).await.unwrap();
    let links = caregivers::list(&mut tx, it.child.id, end).await.unwrap();
    assert_eq!(links[0].standing, Standing::Expired);
    drop(tx);
    it.accept_at(it.nana, &invited.token, end - TimeDelta::seconds(1))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_database_refuses_an_expired_invitation_by_itself() {
    let it = family().await;
    it.invite(NANA, Role::Writer).await;
    let mut superuser = it.world.superuser().await;
    // By the time that is handed in, and by the database's own where none is.
    let handed_in = presenting(&it.world, now() + INVITATION_LIFE).await;
    assert!(!it.passes(it.nana, &handed_in, &accepting(it.nana)).await);
    // Nobody else may move the end, the trigger says.
    run(&mut superuser, "set session_replication_role = replica").await;
    run(
        &mut superuser,
        "update caregiver_links set expires_at = now() - interval '1 second'",
    )
    .await;
    let unsaid = format!("{}; set local app.asked_at = ''", presenting(&it.world, now()).await);
    assert!(!it.passes(it.nana, &unsaid, &accepting(it.nana)).await);
    // And the trigger does where a policy would let it through.
    run(
        &mut superuser,
        "alter policy caregiver_links_select on caregiver_links using (true); \
         alter policy caregiver_links_update on caregiver_links using (true) with check (true)",
    )
    .await;
    assert!(!it.passes(it.nana, &unsaid, &accepting(it.nana)).await);
    assert!(!it.sees_child(it.nana).await);
    run(
        &mut superuser,
        "update caregiver_links set expires_at = now() + interval '1 day'",
    )
    .await;
    assert!(
        it.passes(it.nana, &unsaid, &accepting(it.nana)).await,
        "it was the time alone"
    );
}

#[tokio::test]
async fn a_declined_invitation_is_over_and_one_may_be_invited_anew() {
    let it = family().await;
    let invited = it.invite(NANA, Role::Reader).await;
    let mut tx = Tx::begin(&it.world.db, it.nana).await.unwrap();
    caregivers::decline(&mut tx, &invited.token, now()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!it.sees_child(it.nana).await);
    assert!(matches!(
        it.accept(it.nana, &invited.token).await,
        Err(ServiceError::NotFound)
    ));
    assert!(!it.passes(it.nana, "", "status = 'accepted'").await);
    let again = it.invite(NANA, Role::Reader).await;
    it.accept(it.nana, &again.token).await.unwrap();
    let mut standings = it.standings().await;
    // Both of the same moment.
    standings.sort_by_key(|standing| standing.name());
    assert_eq!(standings, [Standing::Declined, Standing::Active]);
}

#[tokio::test]
async fn inviting_again_makes_the_earlier_link_worthless() {
    let it = family().await;
    let first = it.invite(NANA, Role::Writer).await;
    let second = it.invite("NANA@example.org", Role::Reader).await;
    assert!(matches!(
        it.accept(it.nana, &first.token).await,
        Err(ServiceError::NotFound)
    ));
    it.accept(it.nana, &second.token).await.unwrap();
    assert!(matches!(it.logs(it.nana).await, Err(ServiceError::ReadOnly)));
}

#[tokio::test]
async fn a_revoked_caregiver_sees_nothing_from_the_next_transaction_on() {
    let it = family().await;
    let invited = it.invite(NANA, Role::Writer).await;
    it.accept(it.nana, &invited.token).await.unwrap();
    it.logs(it.nana).await.unwrap();
    for _ in 0..2 {
        let mut tx = Tx::begin(&it.world.db, it.owner).await.unwrap();
        caregivers::revoke(&mut tx, it.child.id, invited.link).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert!(!it.sees_child(it.nana).await);
    assert!(matches!(it.logs(it.nana).await, Err(ServiceError::NotFound)));
    let mut tx = Tx::begin(&it.world.db, it.nana).await.unwrap();
    let left: i64 = sqlx::query_scalar("select (select count(*) from meals) + (select count(*) from changes)")
        .fetch_one(tx.connection())
        .await
        .unwrap();
    assert_eq!(left, 0);
    assert!(!it.passes(it.nana, "", "status = 'accepted'").await);
    assert_eq!(it.standings().await, [Standing::Ended]);
    let mut tx = Tx::begin(&it.world.db, it.owner).await.unwrap();
    let role = caregivers::set_role(&mut tx, it.child.id, invited.link, Role::Writer).await;
    assert!(matches!(role, Err(ServiceError::NotFound)));
}

#[tokio::test]
async fn an_invitation_that_was_taken_back_is_over() {
    let it = family().await;
    let invited = it.invite(NANA, Role::Reader).await;
    let mut tx = Tx::begin(&it.world.db, it.owner).await.unwrap();
    caregivers::revoke(&mut tx, it.child.id, invited.link).await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(
        it.accept(it.nana, &invited.token).await,
        Err(ServiceError::NotFound)
    ));
}

#[tokio::test]
async fn a_role_changes_from_the_next_transaction_on() {
    let it = family().await;
    let invited = it.invite(NANA, Role::Reader).await;
    it.accept(it.nana, &invited.token).await.unwrap();
    for (role, may) in [(Role::Writer, true), (Role::Reader, false)] {
        let mut tx = Tx::begin(&it.world.db, it.owner).await.unwrap();
        caregivers::set_role(&mut tx, it.child.id, invited.link, role)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(it.logs(it.nana).await.is_ok(), may, "{role:?}");
    }
}

#[tokio::test]
async fn a_caregiver_leaves_and_what_she_logged_stays() {
    let it = family().await;
    let invited = it.invite(NANA, Role::Writer).await;
    it.accept(it.nana, &invited.token).await.unwrap();
    it.logs(it.nana).await.unwrap();
    let mut tx = Tx::begin(&it.world.db, it.nana).await.unwrap();
    caregivers::leave(&mut tx, it.child.id).await.unwrap();
    assert!(matches!(
        caregivers::leave(&mut tx, it.child.id).await,
        Err(ServiceError::NotFound)
    ));
    tx.commit().await.unwrap();
    assert!(!it.sees_child(it.nana).await);
    let mut tx = Tx::begin(&it.world.db, it.owner).await.unwrap();
    let day = meals::day(
        &mut tx,
        it.child.id,
        "2026-11-23".parse::<chrono::NaiveDate>().unwrap(),
        now(),
    )
    .await
    .unwrap();
    assert_eq!(day.meals[0].logged_by_name, "nana");
    assert!(matches!(
        caregivers::leave(&mut tx, it.child.id).await,
        Err(ServiceError::NotFound)
    ));
}

#[tokio::test]
async fn only_the_owner_invites_lists_changes_and_revokes() {
    let it = family().await;
    let invited = it.invite(NANA, Role::Writer).await;
    it.accept(it.nana, &invited.token).await.unwrap();
    let eve = it.world.account("eve@example.org").await;
    for (who, owner_known) in [(it.nana, true), (eve, false)] {
        let right = |error: Option<ServiceError>| match error {
            Some(ServiceError::NotOwner) => owner_known,
            Some(ServiceError::NotFound) => !owner_known,
            _ => false,
        };
        assert!(right(it.try_invite(who, "x@example.org", Role::Reader).await.err()));
        let mut tx = Tx::begin(&it.world.db, who).await.unwrap();
        assert!(right(caregivers::list(&mut tx, it.child.id, now()).await.err()));
        let role = caregivers::set_role(&mut tx, it.child.id, invited.link, Role::Reader).await;
        assert!(right(role.err()));
        assert!(right(
            caregivers::revoke(&mut tx, it.child.id, invited.link).await.err()
        ));
    }
}

#[tokio::test]
async fn ones_own_address_and_one_that_is_let_in_are_not_invited() {
    let it = family().await;
    assert!(refused(it.try_invite(it.owner, "Ada@example.org", Role::Reader).await).contains("your own"));
    let invited = it.invite(NANA, Role::Reader).await;
    it.accept(it.nana, &invited.token).await.unwrap();
    assert!(refused(it.try_invite(it.owner, NANA, Role::Writer).await).contains("already"));
}

#[tokio::test]
async fn whoever_is_let_in_stays_when_the_tier_ends_and_nobody_new_is_invited() {
    let it = family().await;
    let invited = it.invite(NANA, Role::Writer).await;
    it.accept(it.nana, &invited.token).await.unwrap();
    let world = it.world.with_tier(Tier::Free);
    let mut tx = Tx::begin(&world, it.owner).await.unwrap();
    let email = Email::parse("x@example.org").unwrap();
    let refused = caregivers::invite(&mut tx, it.child.id, &email, Role::Reader, now()).await;
    assert!(matches!(refused, Err(ServiceError::NeedsPremium(Feature::Caregivers))));
    caregivers::set_role(&mut tx, it.child.id, invited.link, Role::Reader)
        .await
        .unwrap();
    let mut tx = Tx::begin(&world, it.nana).await.unwrap();
    children::get(&mut tx, it.child.id).await.unwrap();
}

#[tokio::test]
async fn nobody_sends_invitations_without_end() {
    let it = family().await;
    for _ in 0..MOST_INVITATIONS_A_DAY {
        it.invite(NANA, Role::Reader).await;
    }
    assert!(refused(it.try_invite(it.owner, "x@example.org", Role::Reader).await).contains("tomorrow"));
    let mut tx = Tx::begin(&it.world.db, it.owner).await.unwrap();
    let email = Email::parse("x@example.org").unwrap();
    let tomorrow = now() + TimeDelta::days(1);
    caregivers::invite(&mut tx, it.child.id, &email, Role::Reader, tomorrow)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_invited_may_accept_and_leave_and_change_nothing_else() {
    let it = family().await;
    it.invite(NANA, Role::Reader).await;
    let me = it.nana;
    let present = presenting(&it.world, now()).await;
    let accept = accepting(me);
    let eve = it.world.account("eve@example.org").await;
    for set in [
        "permissions = '{\"read\": true, \"write\": true}'".to_owned(),
        format!("{accept}, permissions = '{{\"read\": true, \"write\": true}}'"),
        accepting(eve),
        format!("status = 'accepted', caregiver_user_id = '{me}'"),
        "status = 'accepted', token_hash = null".to_owned(),
        format!("caregiver_user_id = '{me}'"),
        "expires_at = '2040-01-01'".to_owned(),
        "invited_email = 'eve@example.org'".to_owned(),
        "status = 'revoked', token_hash = null".to_owned(),
    ] {
        assert!(!it.passes(me, &present, &set).await, "{set}");
    }
    assert!(!it.sees_child(me).await);
    assert!(it.passes(me, &present, &accept).await);
    assert!(it.sees_child(me).await);
    assert!(
        !it.passes(me, "", "permissions = '{\"read\": true, \"write\": true}'")
            .await
    );
    assert!(it.passes(me, "", "status = 'revoked'").await);
    assert!(!it.sees_child(me).await);
    assert!(!it.passes(me, "", "status = 'accepted'").await);
}

#[tokio::test]
async fn the_owner_cannot_accept_for_another_and_so_learn_who_that_is() {
    let it = family().await;
    it.invite(NANA, Role::Reader).await;
    let eve = it.world.account("eve@example.org").await;
    assert!(!it.passes(it.owner, "", &accepting(eve)).await);
    assert!(!it.passes(it.owner, "", &format!("caregiver_user_id = '{eve}'")).await);
    assert!(
        it.passes(it.owner, "", "permissions = '{\"read\": true, \"write\": true}'")
            .await
    );
    assert!(it.passes(it.owner, "", "status = 'revoked'").await);
    assert!(!it.passes(it.owner, "", "status = 'pending'").await);
}

#[tokio::test]
async fn a_caregiver_who_writes_invites_nobody_and_takes_no_child_over() {
    let it = family().await;
    let writer = it.world.account("writer@example.org").await;
    it.world.let_in(&it.child, writer, true).await;
    for sql in [
        format!(
            "insert into caregiver_links (id, child_id, primary_user_id, invited_email, expires_at) \
             values ('{}', '{}', '{writer}', 'eve@example.org', '2030-01-01')",
            fresh(),
            it.child.id
        ),
        format!("update children set user_id = '{writer}' where id = '{}'", it.child.id),
    ] {
        let mut tx = Tx::begin(&it.world.db, writer).await.unwrap();
        assert!(
            tx.connection().execute(AssertSqlSafe(sql.clone())).await.is_err(),
            "{sql}"
        );
    }
}
