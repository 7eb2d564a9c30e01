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

/// What was eaten, and by whom: name one of your children, or say what matters of any other.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// Such as "half a banana, 2 tbsp oatmeal". No more than 2,000 characters are read.
    #[schema(examples("half a banana and 2 tsp honey"))]
    text: String,
    /// One of your children: its age and its allergies count.
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
    let mut tx = asker.enter(&api.site).await?;
    let eater = match (words.child, words.age_months, words.allergies) {
        (Some(child), None, None) => {
            let child = services::children::get(&mut tx, ChildId(child)).await?;
            child.eater(services::children::today(&child, asker.now))
        }
        (Some(_), _, _) => {
            return Err(ApiError::invalid(
                "child",
                "Give a child, or an age and allergies, but not both.",
            ));
        }
        (None, Some(months), _) if months > MOST_MONTHS => {
            return Err(ApiError::invalid(
                "age_months",
                format!("The age must be {MOST_MONTHS} months or less."),
            ));
        }
        (None, months, allergies) => Eater {
            age_days: months.map(days),
            allergies: allergies
                .unwrap_or_default()
                .into_iter()
                .map(|allergen| allergen.0)
                .collect(),
        },
    };
    tx.commit().await?;
    Ok(Json(
        domain::analysis::analyse(&words.text, api.site.foods, &eater).into(),
    ))
}
