//! Adding a child, and changing what is known of one.

use crate::error::AppError;
use chrono::NaiveDate;
use domain::child::Child;
use domain::measure::Units;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::request;
#[cfg(feature = "ssr")]
use domain::{child::ProfileForm, id::ChildId};

/// What the form needs: the child as it is, the zones there are, and the latest birth date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildForm {
    pub child: Option<Child>,
    pub time_zones: Vec<String>,
    /// The zone to offer for a new child: the parent's own.
    pub time_zone: String,
    pub units: Units,
    pub today: NaiveDate,
}

/// `child` is empty for a new one.
#[server(endpoint = "child/form")]
pub async fn load_child(#[server(default)] child: String) -> Result<ChildForm, AppError> {
    let (mut tx, session) = request::look().await?;
    let child = match child.parse::<ChildId>() {
        Ok(id) => Some(services::children::get(&mut tx, id).await?),
        Err(_) if child.is_empty() => None,
        Err(_) => return Err(AppError::NotFound),
    };
    let time_zone = child
        .as_ref()
        .map_or(session.account.time_zone, |child| child.profile.time_zone.clone());
    Ok(ChildForm {
        today: services::zone::today(&time_zone, request::now())?,
        time_zones: services::zone::names().into_iter().map(str::to_owned).collect(),
        time_zone,
        units: session.account.units,
        child,
    })
}

#[server(endpoint = "child/save")]
pub async fn save_child(
    #[server(default)] child: String,
    #[server(default)] name: String,
    #[server(default)] date_of_birth: String,
    #[server(default)] sex: String,
    #[server(default)] allergies: Vec<String>,
    #[server(default)] time_zone: String,
    #[server(default)] due_date: String,
    #[server(default)] units: String,
    #[server(default)] weight: String,
    #[server(default)] height: String,
    #[server(default)] dietary_restrictions: Vec<String>,
    #[server(default)] eczema: String,
    #[server(default)] region: String,
    #[server(default)] pediatrician_name: String,
    #[server(default)] pediatrician_contact: String,
    #[server(default)] text: String,
) -> Result<(), AppError> {
    let (mut tx, _) = request::begin().await?;
    // With an unknown zone the date is judged by UTC; the zone itself is refused below.
    let today = services::zone::today(&time_zone, request::now()).unwrap_or_else(|_| request::now().date_naive());
    let unknown_zone = services::zone::parse(&time_zone)
        .err()
        .filter(|_| !time_zone.is_empty());
    let form = ProfileForm {
        name,
        date_of_birth,
        sex,
        allergies,
        time_zone,
        due_date,
        units: Units::from_id(&units).unwrap_or_default(),
        weight,
        height,
        dietary_restrictions,
        eczema,
        region,
        pediatrician_name,
        pediatrician_contact,
    };
    let profile = match (form.parse(today), unknown_zone) {
        (Ok(profile), None) => profile,
        (profile, zone) => {
            return Err(AppError::Invalid(
                profile.err().unwrap_or_default().into_iter().chain(zone).collect(),
            ));
        }
    };
    let id = match child.parse::<ChildId>() {
        Ok(id) => {
            services::children::update(&mut tx, id, &profile, request::now()).await?;
            id
        }
        Err(_) if child.is_empty() => {
            let id = ChildId(request::new_id());
            services::children::add(&mut tx, id, &profile, request::now()).await?;
            id
        }
        Err(_) => return Err(AppError::NotFound),
    };
    tx.commit().await?;
    leptos_axum::redirect(&match text.as_str() {
        "" => format!("/children/{id}"),
        // A meal was shared before there was a child.
        text => format!("/children/{id}/log?text={}", crate::pages::encoded(text)),
    });
    Ok(())
}

/// What the signed-in parent measures in, from now on.
#[server(endpoint = "account/units")]
pub async fn set_units(#[server(default)] units: String, #[server(default)] child: String) -> Result<(), AppError> {
    let id: ChildId = child.parse().map_err(|_| AppError::NotFound)?;
    let units = Units::from_id(&units).ok_or(AppError::Malformed)?;
    let (mut tx, _) = request::begin().await?;
    services::accounts::set_units(&mut tx, units).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/children/{id}/profile"));
    Ok(())
}
