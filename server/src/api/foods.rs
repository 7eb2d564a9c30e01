//! The food table.

use super::Api;
use super::asker::Asker;
use super::error::ApiError;
use super::received::{InQuery, limit};
use super::words::{Allergen, Nutrients};
use axum::Json;
use axum::extract::State;
use domain::nutrient::round;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// Words of the food's name or its everyday name; the last may be just begun.
    #[param(example = "banana")]
    query: String,
    /// How many foods at most.
    #[param(minimum = 1, maximum = 50, default = 20)]
    limit: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Foods {
    /// Everyday foods first.
    foods: Vec<Food>,
    /// Whose figures these are: say so where you show them.
    attribution: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Food {
    /// Stable, such as sr24:09040.
    id: String,
    name: String,
    /// By its name; a parent's own words may add to them.
    allergens: Vec<Allergen>,
    nutrients_per_100_g: Nutrients,
    portions: Vec<Measure>,
}

/// A household measure of a food.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Measure {
    /// Such as "cup, sliced".
    unit: String,
    /// What one of the unit weighs.
    grams: f64,
}

impl From<domain::food::Food<'_>> for Food {
    fn from(food: domain::food::Food<'_>) -> Self {
        Self {
            id: food.id().0,
            name: food.name().to_owned(),
            allergens: food.allergens().into_iter().map(Allergen).collect(),
            nutrients_per_100_g: Nutrients(food.nutrients()),
            portions: food
                .portions()
                .map(|measure| Measure {
                    unit: measure.unit.to_owned(),
                    grams: round(measure.grams_of_one(), 1),
                })
                .collect(),
        }
    }
}

/// Search the food table
#[utoipa::path(
    get,
    path = "/api/v1/foods",
    operation_id = "search_foods",
    tag = "Foods",
    params(Search),
    responses((status = 200, description = "The foods whose names have all the words.", body = Foods))
)]
pub(super) async fn search(
    State(api): State<Api>,
    asker: Asker,
    InQuery(search): InQuery<Search>,
) -> Result<Json<Foods>, ApiError> {
    let limit = limit(search.limit, 20, 50)?;
    asker.enter(&api.site).await?.commit().await?;
    let foods = api.site.foods;
    Ok(Json(Foods {
        foods: foods
            .search(&search.query, limit as usize)
            .into_iter()
            .map(Food::from)
            .collect(),
        attribution: foods.attribution().to_owned(),
    }))
}
