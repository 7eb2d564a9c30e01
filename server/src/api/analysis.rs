//! Reading words as foods, amounts and warnings; nothing is stored.

use super::Api;
use super::answer::Analysis;
use super::asker::Asker;
use super::error::ApiError;
use super::received::Sent;
use super::words::Allergen;
use crate::analyse::{MOST_MONTHS, days};
use axum::Json;
use axum::extract::State;
use domain::analysis::Eater;
use domain::id::ChildId;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What was eaten, and by whom: one of your children, or any other of that age and those allergies.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// Such as "half a banana, 2 tbsp oatmeal". No more than 2,000 characters are read.
    #[schema(examples("half a banana and 2 tsp honey"))]
    text: String,
    /// One of your children: its age and its allergies count, unless others are given.
    child: Option<Uuid>,
    /// Completed months. Without an age no rule of age warns.
    #[schema(minimum = 0, maximum = 1200, examples(8))]
    age_months: Option<u32>,
    allergies: Option<Vec<Allergen>>,
}

/// Read a meal without storing it
///
/// Foods, grams, nutrients, warnings, and what was not understood. A token that may only read may
/// do this too.
#[utoipa::path(
    post,
    path = "/api/v1/analyse",
    operation_id = "analyse",
    tag = "Foods",
    request_body = Words,
    responses((status = 200, description = "What was understood.", body = Analysis))
)]
pub(super) async fn analyse(
    State(api): State<Api>,
    asker: Asker,
    Sent(words): Sent<Words>,
) -> Result<Json<Analysis>, ApiError> {
    if words.age_months.is_some_and(|months| months > MOST_MONTHS) {
        let message = format!("The age must be {MOST_MONTHS} months or less.");
        return Err(ApiError::invalid("age_months", message));
    }
    let mut tx = asker.enter(&api.site).await?;
    let mut eater = match words.child {
        Some(child) => {
            let child = services::children::get(&mut tx, ChildId(child)).await?;
            child.eater(services::children::today(&child, asker.now))
        }
        None => Eater::default(),
    };
    if let Some(months) = words.age_months {
        eater.age_days = Some(days(months));
    }
    if let Some(allergies) = words.allergies {
        eater.allergies = allergies.into_iter().map(|allergen| allergen.0).collect();
    }
    tx.commit().await?;
    Ok(Json(
        domain::analysis::analyse(&words.text, api.site.foods, &eater).into(),
    ))
}
