//! Changing a password, and choosing one after the old one was forgotten.

use crate::error::AppError;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::request;

#[server(endpoint = "password/change")]
pub async fn change_password(
    #[server(default)] current_password: String,
    #[server(default)] password: String,
) -> Result<(), AppError> {
    let (tx, session) = request::begin().await?;
    // Hashing takes a while: no connection waits for it.
    tx.commit().await?;
    let current = domain::account::Password::attempt(&current_password);
    let signed_in = services::passwords::change(
        &request::site().db,
        &session.account,
        current,
        &password,
        &request::visitor(),
        request::now(),
    )
    .await?;
    request::keep_session(&signed_in.token);
    leptos_axum::redirect("/settings/account?done=password");
    Ok(())
}

/// Answers the same whether the address has an account or not.
#[server(endpoint = "password/forgot")]
pub async fn forgot_password(#[server(default)] email: String) -> Result<(), AppError> {
    let site = request::site();
    let (Some(mailer), Some(public_url)) = (&site.mailer, &site.public_url) else {
        return Err(AppError::NoMail);
    };
    let email = domain::account::Email::parse(&email)?;
    services::resets::ask(&site.db, &email, request::visitor().address, request::now()).await?;
    services::resets::mail(&site.db, mailer, public_url, email, request::now());
    leptos_axum::redirect("/forgot-password?sent=1");
    Ok(())
}

#[server(endpoint = "password/reset")]
pub async fn reset_password(
    #[server(default)] token: String,
    #[server(default)] password: String,
) -> Result<(), AppError> {
    let token = services::sessions::Token::parse(&token).ok_or(AppError::LinkOver)?;
    let signed_in = services::resets::redeem(
        &request::site().db,
        &token,
        &password,
        &request::visitor(),
        request::now(),
    )
    .await?;
    request::keep_session(&signed_in.token);
    leptos_axum::redirect("/today");
    Ok(())
}
