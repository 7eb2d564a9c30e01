//! A day against what is needed, and the days before it.

use crate::error::AppError;
use crate::wire::Json;
use chrono::NaiveDate;
use domain::child::Child;
use domain::day::{Day, DaySummary};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::request;

/// The day at `date` (year-month-day), or today where it is empty.
#[server(endpoint = "day/load", output = Json)]
pub async fn load_day(child: String, #[server(default)] date: String) -> Result<Day, AppError> {
    let child = child.parse().map_err(|_| AppError::NotFound)?;
    let date = match date.as_str() {
        "" => None,
        date => Some(domain::day::date(date).ok_or(AppError::NotFound)?),
    };
    let (mut tx, _) = request::look().await?;
    Ok(services::meals::day(&mut tx, child, date, request::now()).await?)
}

/// A page of days with meals, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    pub child: Child,
    pub today: NaiveDate,
    pub days: Vec<DaySummary>,
    /// Ask with this for the page after; `None` at the end.
    pub before: Option<NaiveDate>,
}

#[server(endpoint = "day/history", output = Json)]
pub async fn load_history(child: String, #[server(default)] before: String) -> Result<History, AppError> {
    let id = child.parse().map_err(|_| AppError::NotFound)?;
    let before = match before.as_str() {
        "" => None,
        date => Some(domain::day::date(date).ok_or(AppError::NotFound)?),
    };
    let (mut tx, _) = request::look().await?;
    let child = services::children::get(&mut tx, id).await?;
    let page = services::meals::history(&mut tx, id, before, crate::offline::DAYS_A_PAGE as u32).await?;
    let today = services::children::today(&child, request::now());
    Ok(History {
        child,
        today,
        days: page.days,
        before: page.next,
    })
}
