//! Signing up, in and out.

use crate::error::AppError;
use crate::wire::Json;
use domain::account::{Account, Belongings};
use domain::child::Child;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::request;

/// Where the address of an invitation begins.
#[cfg(feature = "ssr")]
pub(crate) const INVITATION: &str = "/invitations/";

/// What every page needs to know: who is here, and for whom.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Home {
    pub account: Option<Account>,
    pub children: Vec<Child>,
    pub sign_up_open: bool,
    pub sends_mail: bool,
    /// `light`, `dark`, or none for the device's own.
    pub theme: Option<String>,
    /// What the food table asks to be said of it.
    pub attribution: String,
}

#[server(endpoint = "home", output = Json)]
pub async fn load_home() -> Result<Home, AppError> {
    let site = request::site();
    let mut home = Home {
        sign_up_open: site.sign_up_open,
        sends_mail: site.mailer.is_some(),
        theme: request::theme().map(str::to_owned),
        attribution: site.foods.attribution().to_owned(),
        ..Home::default()
    };
    match request::look().await {
        Ok((mut tx, session)) => {
            home.children = services::children::list(&mut tx).await?;
            home.account = Some(session.account);
        }
        Err(AppError::SignedOut) => {}
        Err(error) => return Err(error),
    }
    Ok(home)
}

#[server(endpoint = "account/sign_up")]
pub async fn sign_up(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] first_name: String,
    #[server(default)] time_zone: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use domain::account::NewAccount;
    let site = request::site();
    if !site.sign_up_open && !is_invited(&email, &next).await? {
        return Err(AppError::SignUpClosed);
    }
    // Filled by the browser; without JavaScript the child's own zone is asked for next.
    let time_zone = if time_zone.is_empty() {
        "UTC".to_owned()
    } else {
        time_zone
    };
    let account = NewAccount::parse(&email, &password, &first_name, "", &time_zone).map_err(AppError::Invalid)?;
    let signed_in = services::accounts::sign_up(&site.db, account, &request::visitor(), request::now()).await?;
    request::keep_session(&signed_in.token);
    leptos_axum::redirect(local_path(&next).unwrap_or("/new-child"));
    Ok(())
}

/// Whether somebody was invited to look after a child: who holds the link and has the address may
/// sign up on a server that is closed to strangers.
#[cfg(feature = "ssr")]
async fn is_invited(email: &str, next: &str) -> Result<bool, AppError> {
    use services::ServiceError;
    let Some(token) = next.strip_prefix(INVITATION).and_then(services::sessions::Token::parse) else {
        return Ok(false);
    };
    let mut tx = services::Tx::begin_visitor(&request::site().db).await?;
    match services::caregivers::invitation(&mut tx, &token, request::now()).await {
        Ok(invitation) => Ok(invitation.email.eq_ignore_ascii_case(email.trim())),
        Err(ServiceError::NotFound) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[server(endpoint = "account/sign_in")]
pub async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use domain::account::{Email, Password};
    // An address that is none belongs to no account: the same answer as for a wrong one.
    let email = Email::parse(&email).map_err(|_| AppError::WrongPassword)?;
    let password = Password::attempt(&password);
    let site = request::site();
    let signed_in =
        services::accounts::sign_in(&site.db, &email, password, &request::visitor(), request::now()).await?;
    request::keep_session(&signed_in.token);
    leptos_axum::redirect(local_path(&next).unwrap_or("/today"));
    Ok(())
}

/// Where to go after signing in, up or out: a page of ours, never another site's.
#[cfg(feature = "ssr")]
fn local_path(next: &str) -> Option<&str> {
    let ours =
        next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && !next.chars().any(char::is_control);
    ours.then_some(next)
}

#[server(endpoint = "account/sign_out")]
pub async fn sign_out(#[server(default)] next: String) -> Result<(), AppError> {
    if let Some(token) = request::session_token() {
        services::accounts::sign_out(&request::site().db, &token, request::now()).await?;
    }
    request::forget_session();
    leptos_axum::redirect(local_path(&next).unwrap_or("/"));
    Ok(())
}

/// What an account's own page shows of its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Farewell {
    pub email: String,
    pub belongings: Belongings,
}

#[server(endpoint = "account/belongings")]
pub async fn load_farewell() -> Result<Farewell, AppError> {
    let (mut tx, session) = request::look().await?;
    let belongings = services::belongings::count(&mut tx).await?;
    Ok(Farewell {
        email: session.account.email,
        belongings,
    })
}

#[server(endpoint = "account/delete")]
pub async fn delete_account(#[server(default)] current_password: String) -> Result<(), AppError> {
    let (tx, session) = request::begin().await?;
    // Hashing takes a while: no connection waits for it.
    tx.commit().await?;
    let password = domain::account::Password::attempt(&current_password);
    let db = &request::site().db;
    services::accounts::delete(db, &session.account, password, &request::visitor(), request::now()).await?;
    request::forget_session();
    leptos_axum::redirect("/?account=deleted");
    Ok(())
}

#[server(endpoint = "account/theme")]
pub async fn set_theme(#[server(default)] theme: String) -> Result<(), AppError> {
    request::keep_theme(match theme.as_str() {
        "light" => "light",
        "dark" => "dark",
        _ => "system",
    });
    leptos_axum::redirect("/settings");
    Ok(())
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::local_path;

    #[test]
    fn signing_in_never_leads_to_another_site() {
        assert_eq!(
            local_path("/children/1/log?date=2026-11-23"),
            Some("/children/1/log?date=2026-11-23")
        );
        for next in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/a\r\nSet-Cookie: x",
        ] {
            assert_eq!(local_path(next), None, "{next:?}");
        }
    }
}
