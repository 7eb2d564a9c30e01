//! Letting somebody in to a child: inviting, answering, changing, taking back.
//!
//! The link of an invitation holds a token, of which only the hash is stored. To answer, one
//! presents it from an account with the invited address: the database asks for both.

use crate::database::Tx;
use crate::error::{OnConstraint, ServiceError};
use crate::id;
use crate::sessions::Token;
use crate::{accounts, children};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use domain::account::{Email, called};
use domain::caregiver::{INVITATION_LIFE, Invitation, Link, MOST_INVITATIONS_A_DAY, Role, Status};
use domain::child::Child;
use domain::entitlement::Feature;
use domain::field::{Field, Refusal};
use domain::id::{ChildId, LinkId};
use serde_json::{Value, json};

/// An invitation that was just made. Its token is not to be had again.
#[derive(Clone, Debug)]
pub struct Invited {
    pub link: LinkId,
    pub token: Token,
    pub invitation: Invitation,
}

/// Invites an address to look after a child of the asker's. One that was invited before and has
/// not answered is invited anew: the earlier link is good for nothing from then on.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::NotOwner`] for a caregiver;
/// [`ServiceError::NeedsPremium`] where the owner's tier has no caregivers; [`ServiceError::Refused`]
/// for the asker's own address, one that is let in already, and past
/// [`MOST_INVITATIONS_A_DAY`].
pub async fn invite(
    tx: &mut Tx,
    child: ChildId,
    email: &Email,
    role: Role,
    now: DateTime<Utc>,
) -> Result<Invited, ServiceError> {
    let child = own(tx, child).await?;
    let asker = accounts::account(tx, now).await?;
    asker.tier.require(Feature::Caregivers)?;
    if asker.email.eq_ignore_ascii_case(email.as_str()) {
        return Err(Refusal::new(Field::Email, "That is your own address. You see this child already.").into());
    }
    let there = sqlx::query_scalar!(
        r#"
        select exists (
            select from caregiver_links l
            left join users u on u.id = l.caregiver_user_id
            where l.child_id = $1
              and l.status = 'accepted'
              and lower(coalesce(u.email, l.invited_email)) = $2
        ) as "there!"
        "#,
        child.id.0,
        email.as_str()
    )
    .fetch_one(tx.connection())
    .await?;
    if there {
        return Err(Refusal::new(
            Field::Email,
            "That address has access already. Change it in the list above.",
        )
        .into());
    }
    let today = sqlx::query_scalar!(
        r#"select count(*) as "count!" from caregiver_links where primary_user_id = $1 and invited_at > $2"#,
        child.owner.0,
        now - TimeDelta::days(1)
    )
    .fetch_one(tx.connection())
    .await?;
    if today >= MOST_INVITATIONS_A_DAY {
        return Err(Refusal::new(
            Field::Email,
            "That is a lot of invitations for one day. Please go on tomorrow.",
        )
        .into());
    }
    sqlx::query!(
        r#"
        update caregiver_links
        set status = 'revoked',
            token_hash = null
        where child_id = $1
          and lower(invited_email) = $2
          and status = 'pending'
        "#,
        child.id.0,
        email.as_str()
    )
    .execute(tx.connection())
    .await?;
    let token = Token::new()?;
    let link = id::link(now);
    let invitation = Invitation {
        email: email.as_str().to_owned(),
        child_name: child.profile.name,
        invited_by: called(&asker.first_name, &asker.email).to_owned(),
        role,
        // As the database keeps it.
        expires_at: (now + INVITATION_LIFE).trunc_subsecs(6),
    };
    sqlx::query!(
        r#"
        insert into caregiver_links (
            id, child_id, primary_user_id, invited_email, token_hash, expires_at, permissions, invited_at,
            child_name, invited_by_name
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        "#,
        link.0,
        child.id.0,
        child.owner.0,
        invitation.email,
        token.hash(),
        invitation.expires_at,
        permissions(role),
        now,
        invitation.child_name,
        invitation.invited_by
    )
    .execute(tx.connection())
    .await
    .on_constraint("caregiver_links_one_pending", || {
        Refusal::new(
            Field::Email,
            "That address was invited a moment ago. Please load the page again.",
        )
    })?;
    Ok(Invited {
        link,
        token,
        invitation,
    })
}

/// The subject and the text of the mail that brings `url` to the invited.
pub fn letter(invitation: &Invitation, url: &str) -> (String, String) {
    let Invitation {
        child_name,
        invited_by,
        expires_at,
        ..
    } = invitation;
    let subject = format!("{invited_by} invites you to look after {child_name}");
    let text = format!(
        "{subject} on TinyTummy, where they write down what {child_name} eats.\n\n\
         Open this link to accept or decline:\n\n{url}\n\n\
         It works until {}, once, and only with this e-mail address. If you do not know {invited_by}, do nothing.\n",
        expires_at.format("%-d %B %Y"),
    );
    (subject, text)
}

/// Everybody the asker ever invited to this child, in that order.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::NotOwner`] for a caregiver.
pub async fn list(tx: &mut Tx, child: ChildId, now: DateTime<Utc>) -> Result<Vec<Link>, ServiceError> {
    let child = own(tx, child).await?;
    let rows = sqlx::query!(
        r#"
        select l.id,
               l.invited_email,
               coalesce(u.first_name, '') as "name!",
               (l.permissions ->> 'write')::boolean as "may_write!",
               l.status::text as "status!",
               l.invited_at,
               l.expires_at
        from caregiver_links l
        left join users u on u.id = l.caregiver_user_id
        where l.child_id = $1
        order by l.invited_at, l.id
        "#,
        child.id.0
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let status = Status::from_id(&row.status)
                .ok_or_else(|| ServiceError::fault(format!("a link's status {:?}", row.status)))?;
            Ok(Link {
                id: LinkId(row.id),
                email: row.invited_email,
                name: row.name,
                role: Role::of(row.may_write),
                standing: status.standing(row.expires_at, now),
                invited_at: row.invited_at,
                expires_at: row.expires_at,
            })
        })
        .collect()
}

/// Lets a caregiver, or whoever is invited, do more or less from the next request on.
///
/// # Errors
/// [`ServiceError::NotFound`], also for a link that has ended; [`ServiceError::NotOwner`].
pub async fn set_role(tx: &mut Tx, child: ChildId, link: LinkId, role: Role) -> Result<(), ServiceError> {
    let child = own(tx, child).await?;
    let done = sqlx::query!(
        r#"
        update caregiver_links
        set permissions = $3
        where child_id = $1
          and id = $2
          and status in ('pending', 'accepted')
        "#,
        child.id.0,
        link.0,
        permissions(role)
    )
    .execute(tx.connection())
    .await?;
    found(done.rows_affected())
}

/// Takes an invitation or an access away. Twice does no harm.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::NotOwner`].
pub async fn revoke(tx: &mut Tx, child: ChildId, link: LinkId) -> Result<(), ServiceError> {
    let child = own(tx, child).await?;
    let done = sqlx::query!(
        r#"
        update caregiver_links
        set status = 'revoked',
            token_hash = null
        where child_id = $1
          and id = $2
          and status <> 'declined'
        "#,
        child.id.0,
        link.0
    )
    .execute(tx.connection())
    .await?;
    found(done.rows_affected())
}

/// The asker looks after this child no longer.
///
/// # Errors
/// [`ServiceError::NotFound`] for a child the asker does not look after, their own too.
pub async fn leave(tx: &mut Tx, child: ChildId) -> Result<(), ServiceError> {
    let me = tx.account()?;
    let done = sqlx::query!(
        r#"
        update caregiver_links
        set status = 'revoked'
        where child_id = $1
          and caregiver_user_id = $2
          and status = 'accepted'
        "#,
        child.0,
        me.0
    )
    .execute(tx.connection())
    .await?;
    found(done.rows_affected())
}

/// The invitation of a link, for whoever holds it, signed in or not.
///
/// # Errors
/// [`ServiceError::NotFound`] once it is answered, taken back or run out, and where it never was.
pub async fn invitation(tx: &mut Tx, token: &Token, now: DateTime<Utc>) -> Result<Invitation, ServiceError> {
    sqlx::query!(
        "select app.present_invitation($1, $2) as \"presented: ()\"",
        token.hash(),
        now
    )
    .execute(tx.connection())
    .await?;
    // The child's owner sees it in any state; here it must be open.
    sqlx::query!(
        r#"
        select invited_email,
               child_name,
               invited_by_name,
               (permissions ->> 'write')::boolean as "may_write!",
               expires_at
        from caregiver_links
        where app.is_presented(status, token_hash, expires_at)
          and token_hash = $1
        "#,
        token.hash()
    )
    .fetch_optional(tx.connection())
    .await?
    .map(|row| Invitation {
        email: row.invited_email,
        child_name: row.child_name,
        invited_by: row.invited_by_name,
        role: Role::of(row.may_write),
        expires_at: row.expires_at,
    })
    .ok_or(ServiceError::NotFound)
}

/// Accepts: the child is the asker's to look after from the next request on.
///
/// # Errors
/// [`ServiceError::NotFound`] for an invitation that is not open; [`ServiceError::Refused`] when it
/// names another address, or the asker looks after the child already.
pub async fn accept(tx: &mut Tx, token: &Token, now: DateTime<Utc>) -> Result<ChildId, ServiceError> {
    answer(tx, token, Status::Accepted, now).await
}

/// Declines. The link is good for nothing from then on.
///
/// # Errors
/// As [`accept`].
pub async fn decline(tx: &mut Tx, token: &Token, now: DateTime<Utc>) -> Result<(), ServiceError> {
    answer(tx, token, Status::Declined, now).await.map(|_| ())
}

async fn answer(tx: &mut Tx, token: &Token, status: Status, now: DateTime<Utc>) -> Result<ChildId, ServiceError> {
    let me = tx.account()?;
    let open = invitation(tx, token, now).await?;
    let answered = sqlx::query_scalar!(
        r#"
        update caregiver_links
        set status = $3::text::link_status,
            caregiver_user_id = $2,
            responded_at = $4,
            token_hash = null
        where token_hash = $1
          and status = 'pending'
          and primary_user_id <> $2
        returning child_id
        "#,
        token.hash(),
        me.0,
        status.id(),
        now
    )
    .fetch_optional(tx.connection())
    .await
    .on_constraint("caregiver_links_one_accepted", || {
        Refusal::new(Field::Email, format!("You look after {} already.", open.child_name))
    })?;
    if let Some(child) = answered {
        return Ok(ChildId(child));
    }
    // Still open, so it was not answered meanwhile: row security knows the asker by another address.
    let open = invitation(tx, token, now).await?;
    let words = format!(
        "This invitation is for {}. Please sign in with that address.",
        open.email
    );
    Err(Refusal::new(Field::Email, words).into())
}

/// The child, if it is the asker's own.
async fn own(tx: &mut Tx, child: ChildId) -> Result<Child, ServiceError> {
    let me = tx.account()?;
    let child = children::get(tx, child).await?;
    if child.owner == me {
        Ok(child)
    } else {
        Err(ServiceError::NotOwner)
    }
}

fn permissions(role: Role) -> Value {
    json!({ "read": true, "write": role.may_write() })
}

fn found(rows: u64) -> Result<(), ServiceError> {
    if rows == 0 { Err(ServiceError::NotFound) } else { Ok(()) }
}
