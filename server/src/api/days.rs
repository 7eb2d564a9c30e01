//! A day of a child against what it needs.

use super::Api;
use super::asker::Asker;
use super::error::ApiError;
use super::received::{Date, InPath};
use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::day;
use domain::id::ChildId;
use domain::target;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Day {
    child: Uuid,
    date: NaiveDate,
    /// Which needs count: those of 0 to 6 months, 7 to 12 months, 1 to 3 years or 4 to 8 years.
    age_band: AgeBand,
    meals: usize,
    /// Milk drunk as milk: breast, formula or cow's.
    milk_grams: f64,
    /// The twelve, iron first: it is what children from six months on most often lack.
    nutrients: Vec<Standing>,
    /// Where the targets come from.
    source: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::enum_variant_names, reason = "the domain's own words, as they are stored")]
pub(super) enum AgeBand {
    ToSixMonths,
    ToTwelveMonths,
    ToThreeYears,
    ToEightYears,
}

/// One nutrient of a day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Standing {
    /// Such as iron.
    nutrient: String,
    unit: String,
    /// The sum of the figures there are; null when foods were eaten and none has a figure. The true
    /// amount is this or more.
    amount: Option<f64>,
    /// How many foods have a figure.
    foods_with_figure: u32,
    /// How many foods have none.
    foods_without_figure: u32,
    /// Null where none is set at that age.
    target: Option<Target>,
    /// The share of the target that is known to be reached, rounded down, at most 100.
    percent: Option<u32>,
    /// The upper limit, when the day is above it.
    above_limit: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Target {
    amount: f64,
    basis: Basis,
}

/// What kind of figure a target is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Basis {
    /// Recommended dietary allowance.
    Recommended,
    /// Adequate intake: less is not proof of too little.
    Adequate,
    /// Estimated energy requirement.
    Estimated,
}

impl From<&day::Day> for Day {
    fn from(day: &day::Day) -> Self {
        Self {
            child: day.child.id.0,
            date: day.date,
            age_band: match day.band() {
                target::Band::ToSixMonths => AgeBand::ToSixMonths,
                target::Band::ToTwelveMonths => AgeBand::ToTwelveMonths,
                target::Band::ToThreeYears => AgeBand::ToThreeYears,
                target::Band::ToEightYears => AgeBand::ToEightYears,
            },
            meals: day.meals.len(),
            milk_grams: domain::nutrient::round(day.milk_grams(), 1),
            nutrients: day.standings().iter().map(Standing::from).collect(),
            source: target::SOURCE.to_owned(),
        }
    }
}

impl From<&day::Standing> for Standing {
    fn from(standing: &day::Standing) -> Self {
        let total = standing.total;
        Self {
            nutrient: standing.nutrient.key().to_owned(),
            unit: standing.nutrient.unit().to_owned(),
            amount: (!total.is_unknown()).then(|| standing.nutrient.round(total.known)),
            foods_with_figure: total.with_figure,
            foods_without_figure: total.without_figure,
            target: standing.target.map(|target| Target {
                amount: target.amount,
                basis: match target.basis {
                    target::Basis::Recommended => Basis::Recommended,
                    target::Basis::Adequate => Basis::Adequate,
                    target::Basis::Estimated => Basis::Estimated,
                },
            }),
            // Of an unknown amount no share is known either.
            percent: standing.percent().filter(|_| !total.is_unknown()),
            above_limit: standing.above,
        }
    }
}

/// What a day gave, against what is needed
#[utoipa::path(
    get,
    path = "/api/v1/children/{child}/days/{date}",
    operation_id = "read_day",
    tag = "Days",
    params(
        ("child" = Uuid, Path, description = "The child's id."),
        ("date" = String, Path, format = Date, description = "The day, as the child's calendar has it: year-month-day."),
    ),
    responses((status = 200, description = "The day.", body = Day))
)]
pub(super) async fn read(
    State(api): State<Api>,
    asker: Asker,
    InPath((child, Date(date))): InPath<(ChildId, Date)>,
) -> Result<Json<Day>, ApiError> {
    let mut tx = asker.enter(&api.site).await?;
    let day = services::meals::day(&mut tx, child, date, asker.now).await?;
    tx.commit().await?;
    Ok(Json(Day::from(&day)))
}
