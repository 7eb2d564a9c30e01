//! Who looks after a child: inviting, answering, changing, taking back, leaving.

use crate::error::AppError;
use domain::caregiver::{Invitation, Link};
use domain::child::Child;
use domain::entitlement::Feature;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use {
    crate::request,
    domain::account::Email,
    domain::caregiver::Role,
    domain::field::{Field, Refusal},
    domain::id::{ChildId, LinkId},
    services::caregivers,
    services::sessions::Token,
};

/// Who looks after a child, as the asker may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Caregivers {
    pub child: Child,
    /// Everybody who was ever invited, in that order; `None` for a caregiver, who sees only herself.
    pub links: Option<Vec<Link>>,
    /// Why the owner cannot invite anybody, where their tier does not include it.
    pub withheld: Option<Feature>,
}

/// An invitation's link, the only time it can be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fresh {
    pub email: String,
    pub url: String,
    /// Whether it was mailed too; `None` on a server that sends no mail.
    pub mailed: Option<bool>,
}

#[server(endpoint = "caregivers/load")]
pub async fn load_caregivers(child: String) -> Result<Caregivers, AppError> {
    let id: ChildId = child.parse().map_err(|_| AppError::NotFound)?;
    let (mut tx, session) = request::look().await?;
    let child = services::children::get(&mut tx, id).await?;
    if child.owner != session.account.id {
        return Ok(Caregivers {
            child,
            links: None,
            withheld: None,
        });
    }
    let links = caregivers::list(&mut tx, id, request::now()).await?;
    Ok(Caregivers {
        child,
        links: Some(links),
        withheld: session.account.tier.require(Feature::Caregivers).err(),
    })
}

#[cfg(feature = "ssr")]
fn invitation_url(origin: &str, token: &Token) -> String {
    format!("{origin}/invitations/{}", token.expose())
}

/// Invites an address, by mail where the server sends any. Answers with the link and leads nowhere:
/// the page shows it (see `form::answered`).
#[server(endpoint = "caregivers/invite")]
pub async fn invite_caregiver(
    #[server(default)] child: String,
    #[server(default)] email: String,
    #[server(default)] role: String,
) -> Result<Fresh, AppError> {
    let id: ChildId = child.parse().map_err(|_| AppError::NotFound)?;
    if email.trim().is_empty() {
        return Err(Refusal::new(Field::Email, "Please type the address of whoever you invite.").into());
    }
    let email = Email::parse(&email)?;
    let role = role_of(&role)?;
    let (mut tx, _) = request::begin().await?;
    let invited = caregivers::invite(&mut tx, id, &email, role, request::now()).await?;
    tx.commit().await?;
    Ok(Fresh {
        mailed: mail(&email, &invited).await,
        url: invitation_url(&request::origin().unwrap_or_default(), &invited.token),
        email: invited.invitation.email,
    })
}

/// Whether the mail went out; `None` on a server that sends none. Its link never comes from the
/// request, since whoever asks may have written any `Host`.
#[cfg(feature = "ssr")]
async fn mail(to: &Email, invited: &caregivers::Invited) -> Option<bool> {
    let site = request::site();
    let (mailer, origin) = (site.mailer?, site.public_url?);
    let (subject, text) = caregivers::letter(&invited.invitation, &invitation_url(&origin, &invited.token));
    let sent = mailer.send(to, &subject, &text).await;
    // The parent has the link still, and is told.
    Some(
        sent.inspect_err(|error| tracing::warn!(error = ?error, "an invitation could not be mailed"))
            .is_ok(),
    )
}

#[cfg(feature = "ssr")]
fn role_of(id: &str) -> Result<Role, AppError> {
    Role::from_id(id).ok_or_else(|| Refusal::new(Field::Role, "Please choose what they may do.").into())
}

#[server(endpoint = "caregivers/role")]
pub async fn set_caregiver_role(child: String, link: String, #[server(default)] role: String) -> Result<(), AppError> {
    let (child, link) = ids(&child, &link)?;
    let role = role_of(&role)?;
    let (mut tx, _) = request::begin().await?;
    caregivers::set_role(&mut tx, child, link, role).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/children/{child}/caregivers"));
    Ok(())
}

#[server(endpoint = "caregivers/revoke")]
pub async fn revoke_caregiver(child: String, link: String) -> Result<(), AppError> {
    let (child, link) = ids(&child, &link)?;
    let (mut tx, _) = request::begin().await?;
    caregivers::revoke(&mut tx, child, link).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/children/{child}/caregivers"));
    Ok(())
}

#[cfg(feature = "ssr")]
fn ids(child: &str, link: &str) -> Result<(ChildId, LinkId), AppError> {
    match (child.parse(), link.parse()) {
        (Ok(child), Ok(link)) => Ok((child, link)),
        _ => Err(AppError::NotFound),
    }
}

/// The signed-in caregiver looks after this child no longer.
#[server(endpoint = "caregivers/leave")]
pub async fn leave_child(child: String) -> Result<(), AppError> {
    let id: ChildId = child.parse().map_err(|_| AppError::NotFound)?;
    let (mut tx, _) = request::begin().await?;
    caregivers::leave(&mut tx, id).await?;
    tx.commit().await?;
    leptos_axum::redirect("/today");
    Ok(())
}

/// An open invitation, and who is here to answer it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answerable {
    pub invitation: Invitation,
    /// The signed-in address; `None` for a visitor.
    pub me: Option<String>,
}

#[server(endpoint = "invitations/load")]
pub async fn load_invitation(token: String) -> Result<Answerable, AppError> {
    let token = Token::parse(&token).ok_or(AppError::NotFound)?;
    let (mut tx, me) = match request::begin().await {
        Ok((tx, session)) => (tx, Some(session.account.email)),
        Err(AppError::SignedOut) => (services::Tx::begin_visitor(&request::site().db).await?, None),
        Err(error) => return Err(error),
    };
    let invitation = caregivers::invitation(&mut tx, &token, request::now()).await?;
    tx.commit().await?;
    Ok(Answerable { invitation, me })
}

#[server(endpoint = "invitations/accept")]
pub async fn accept_invitation(token: String) -> Result<(), AppError> {
    let token = Token::parse(&token).ok_or(AppError::NotFound)?;
    let (mut tx, _) = request::begin().await?;
    let child = caregivers::accept(&mut tx, &token, request::now()).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/children/{child}"));
    Ok(())
}

#[server(endpoint = "invitations/decline")]
pub async fn decline_invitation(token: String) -> Result<(), AppError> {
    let token = Token::parse(&token).ok_or(AppError::NotFound)?;
    let (mut tx, _) = request::begin().await?;
    caregivers::decline(&mut tx, &token, request::now()).await?;
    tx.commit().await?;
    leptos_axum::redirect("/today");
    Ok(())
}
