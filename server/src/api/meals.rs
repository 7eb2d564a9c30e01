//! A child's meals.

use super::Api;
use super::answer::Analysis;
use super::asker::Asker;
use super::error::ApiError;
use super::received::{Date, InPath, InQuery, Instant, Sent, limit};
use super::words::{AnalysisState, InputMethod, Kind, MealType};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use domain::change;
use domain::food::FoodId;
use domain::id::{ChildId, MealId};
use domain::meal::{self, How, Portion, When};
use serde::{Deserialize, Serialize};
use services::meal_log::{self, Put};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What you say of a meal. What you leave out stays as it is; for a new meal it follows from the rest.
/// Names, nutrients and warnings are ours to derive.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MealFields {
    /// What was eaten in words, such as "half a banana, 60 ml breast milk": 2,000 characters at most.
    /// Without items the words are read.
    #[schema(examples("half a banana, 60 ml breast milk"))]
    raw_input: Option<String>,
    /// All the foods at once, 60 at most.
    items: Option<Vec<Portioned>>,
    /// When it was eaten; now for a new meal. Up to a day ahead, and not before the child was born.
    eaten_at: Option<Instant>,
    /// For a new meal it follows from the time.
    meal_type: Option<MealType>,
    kind: Option<Kind>,
    /// 2,000 characters at most.
    notes: Option<String>,
    input_method: Option<InputMethod>,
}

/// A food and how much of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Portioned {
    /// The food's id, such as sr24:09040. One the table lacks is kept, and its figures are unknown.
    #[schema(examples("sr24:09040"))]
    food: String,
    /// Eaten weight, from 0 to 5,000.
    #[schema(examples(59.0))]
    grams: f64,
    /// The words it came from.
    #[serde(default)]
    phrase: String,
    /// The amount in your own measure, such as "1/2 medium"; empty for plain grams.
    #[serde(default)]
    amount: String,
}

impl From<MealFields> for change::MealFields {
    fn from(fields: MealFields) -> Self {
        let portion = |item: Portioned| Portion {
            phrase: item.phrase,
            food: FoodId(item.food),
            grams: item.grams,
            how: How::Parent,
            amount: item.amount,
            confidence: 1.0,
        };
        Self {
            raw_input: fields.raw_input,
            items: fields.items.map(|items| items.into_iter().map(portion).collect()),
            not_understood: None,
            when: fields.eaten_at.map(|Instant(at)| When {
                at,
                // The service says which day that was where the child lives.
                date: at.date_naive(),
            }),
            meal_type: fields.meal_type.map(|word| word.0),
            kind: fields.kind.map(|word| word.0),
            notes: fields.notes,
            input_method: fields.input_method.map(|word| word.0),
            deleted: None,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Meal {
    id: Uuid,
    child: Uuid,
    /// The account that logged it, which may be gone.
    logged_by: Uuid,
    /// Its name as it was then.
    logged_by_name: String,
    raw_input: String,
    notes: String,
    eaten_at: DateTime<Utc>,
    /// The calendar date that was, where the child lives.
    date: NaiveDate,
    /// The time it was there: HH:MM.
    local_time: String,
    entered_at: DateTime<Utc>,
    meal_type: MealType,
    kind: Kind,
    input_method: InputMethod,
    analysis_state: AnalysisState,
    analysis: Analysis,
}

impl From<meal::Meal> for Meal {
    fn from(meal: meal::Meal) -> Self {
        Self {
            id: meal.id.0,
            child: meal.child.0,
            logged_by: meal.logged_by.0,
            logged_by_name: meal.logged_by_name,
            raw_input: meal.raw_input,
            notes: meal.notes,
            eaten_at: meal.when.at,
            date: meal.when.date,
            local_time: meal.local_time,
            entered_at: meal.created_at,
            meal_type: MealType(meal.meal_type),
            kind: Kind(meal.kind),
            input_method: InputMethod(meal.input_method),
            analysis_state: AnalysisState(meal.state),
            analysis: meal.analysis.into(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Meals {
    /// In the order they were eaten.
    meals: Vec<Meal>,
    /// Ask with this as `after` for the page that follows; null on the last page.
    next: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Range {
    /// The first day, as the child's calendar has it; from the beginning when it is left out.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last day.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// How many meals a page has at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
}

/// A child's meals, page by page
///
/// In the order they were eaten. What is deleted or logged meanwhile moves no page.
#[utoipa::path(
    get,
    path = "/api/v1/children/{child}/meals",
    operation_id = "list_meals",
    tag = "Meals",
    params(("child" = Uuid, Path, description = "The child's id."), Range),
    responses(
        (status = 200, description = "A page of meals.", body = Meals),
        (
            status = 422,
            description = "`after` is not the `next` of a page (`invalid`).",
            body = ProblemBody,
            content_type = "application/problem+json",
        ),
    )
)]
pub(super) async fn list(
    State(api): State<Api>,
    asker: Asker,
    InPath(child): InPath<ChildId>,
    InQuery(range): InQuery<Range>,
) -> Result<Json<Meals>, ApiError> {
    let limit = limit(range.limit, 50, 200)?;
    let after = range
        .after
        .map(|after| after.parse())
        .transpose()
        .map_err(|_| ApiError::invalid("after", "This must be the next of the page before."))?;
    let (from, to) = (range.from.map(|date| date.0), range.to.map(|date| date.0));
    let mut tx = asker.enter(&api.site).await?;
    let page = services::meals::range(&mut tx, child, from, to, after, limit).await?;
    tx.commit().await?;
    Ok(Json(Meals {
        meals: page.meals.into_iter().map(Meal::from).collect(),
        next: page.next.map(|cursor| cursor.to_string()),
    }))
}

/// One meal
#[utoipa::path(
    get,
    path = "/api/v1/children/{child}/meals/{id}",
    operation_id = "read_meal",
    tag = "Meals",
    params(
        ("child" = Uuid, Path, description = "The child's id."),
        ("id" = Uuid, Path, description = "The meal's id."),
    ),
    responses((status = 200, description = "The meal.", body = Meal))
)]
pub(super) async fn read(
    State(api): State<Api>,
    asker: Asker,
    InPath((child, id)): InPath<(ChildId, MealId)>,
) -> Result<Json<Meal>, ApiError> {
    let mut tx = asker.enter(&api.site).await?;
    let meal = services::meals::get(&mut tx, child, id).await?;
    tx.commit().await?;
    Ok(Json(meal.into()))
}

/// Log a meal, or change it
///
/// Make the id yourself (a UUID, version 7 if you can): a meal that is sent again because the answer
/// was lost is still one meal. An amount that no small child eats, such as 900 kg, is asked about
/// with 422; give the items to say that it was so. A meal that was deleted is not put again: restore it.
#[utoipa::path(
    put,
    path = "/api/v1/children/{child}/meals/{id}",
    operation_id = "put_meal",
    tag = "Meals",
    params(
        ("child" = Uuid, Path, description = "The child's id."),
        ("id" = Uuid, Path, description = "The meal's id, of your making for a new one."),
    ),
    request_body = MealFields,
    responses(
        (status = 200, description = "It was there; this is how it now stands.", body = Meal),
        (status = 201, description = "It was logged.", body = Meal),
        (
            status = 409,
            description = "It was deleted (`deleted`). Nothing was written.",
            body = ProblemBody,
            content_type = "application/problem+json",
        ),
    )
)]
pub(super) async fn put(
    State(api): State<Api>,
    asker: Asker,
    InPath((child, id)): InPath<(ChildId, MealId)>,
    Sent(fields): Sent<MealFields>,
) -> Result<(StatusCode, Json<Meal>), ApiError> {
    let mut tx = asker.enter(&api.site).await?;
    let put = meal_log::put(&mut tx, child, id, fields.into(), api.site.foods, asker.now).await?;
    let (status, meal) = match put {
        Put::Created(meal) => (StatusCode::CREATED, meal),
        Put::Kept(meal) => (StatusCode::OK, meal),
        Put::Deleted => return Err(ApiError::deleted()),
    };
    tx.commit().await?;
    Ok((status, Json(meal.into())))
}

/// Change some of a meal
///
/// Fields you leave out, or give as null, stay as they are. New words without items are read, and
/// replace the foods.
#[utoipa::path(
    patch,
    path = "/api/v1/children/{child}/meals/{id}",
    operation_id = "change_meal",
    tag = "Meals",
    params(
        ("child" = Uuid, Path, description = "The child's id."),
        ("id" = Uuid, Path, description = "The meal's id."),
    ),
    request_body = MealFields,
    responses((status = 200, description = "The meal as it now stands.", body = Meal))
)]
pub(super) async fn change(
    State(api): State<Api>,
    asker: Asker,
    InPath((child, id)): InPath<(ChildId, MealId)>,
    Sent(fields): Sent<MealFields>,
) -> Result<Json<Meal>, ApiError> {
    let mut tx = asker.enter(&api.site).await?;
    let meal = meal_log::change(&mut tx, child, id, fields.into(), api.site.foods, asker.now).await?;
    tx.commit().await?;
    Ok(Json(meal.into()))
}

/// Delete a meal
///
/// It can be restored. Deleted twice, it is deleted.
#[utoipa::path(
    delete,
    path = "/api/v1/children/{child}/meals/{id}",
    operation_id = "delete_meal",
    tag = "Meals",
    params(
        ("child" = Uuid, Path, description = "The child's id."),
        ("id" = Uuid, Path, description = "The meal's id."),
    ),
    responses((status = 204, description = "The meal is deleted."))
)]
pub(super) async fn delete(
    State(api): State<Api>,
    asker: Asker,
    InPath((child, id)): InPath<(ChildId, MealId)>,
) -> Result<StatusCode, ApiError> {
    let mut tx = asker.enter(&api.site).await?;
    meal_log::delete(&mut tx, child, id, api.site.foods, asker.now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bring a deleted meal back
///
/// As it last was. A meal that is there stays.
#[utoipa::path(
    post,
    path = "/api/v1/children/{child}/meals/{id}/restore",
    operation_id = "restore_meal",
    tag = "Meals",
    params(
        ("child" = Uuid, Path, description = "The child's id."),
        ("id" = Uuid, Path, description = "The meal's id."),
    ),
    responses((status = 200, description = "The meal.", body = Meal))
)]
pub(super) async fn restore(
    State(api): State<Api>,
    asker: Asker,
    InPath((child, id)): InPath<(ChildId, MealId)>,
) -> Result<Json<Meal>, ApiError> {
    let mut tx = asker.enter(&api.site).await?;
    let meal = meal_log::restore(&mut tx, child, id, api.site.foods, asker.now).await?;
    tx.commit().await?;
    Ok(Json(meal.into()))
}
