//! Where an account is signed in.

use crate::error::AppError;
use domain::device::Device;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::request;

/// What the account's page needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    pub email: String,
    pub devices: Vec<Device>,
}

#[server(endpoint = "device/list")]
pub async fn load_devices() -> Result<Devices, AppError> {
    let (mut tx, session) = request::look().await?;
    let devices = services::sessions::devices(&mut tx, &session, request::now()).await?;
    Ok(Devices {
        email: session.account.email,
        devices,
    })
}

#[server(endpoint = "device/sign_out")]
pub async fn sign_out_device(#[server(default)] device: String) -> Result<(), AppError> {
    let device = device.parse().map_err(|_| AppError::NotFound)?;
    let (mut tx, session) = request::begin().await?;
    services::sessions::revoke(&mut tx, device).await?;
    tx.commit().await?;
    if device == session.id {
        request::forget_session();
        leptos_axum::redirect("/");
    } else {
        leptos_axum::redirect("/settings/account?done=device");
    }
    Ok(())
}

#[server(endpoint = "device/sign_out_everywhere")]
pub async fn sign_out_everywhere() -> Result<(), AppError> {
    let (mut tx, _) = request::begin().await?;
    services::sessions::end_all(&mut tx).await?;
    tx.commit().await?;
    request::forget_session();
    leptos_axum::redirect("/");
    Ok(())
}
