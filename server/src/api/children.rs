//! A family's children.

use super::Api;
use super::asker::Asker;
use super::error::ApiError;
use super::received::{Date, InPath, Sent};
use super::words::{Allergen, Diet, Eczema, Region, Sex};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::child;
use domain::id::ChildId;
use domain::measure::{HeightCm, WeightKg};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use services::ServiceError;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

/// What a parent tells about a child.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    /// A name or a nickname, 1 to 100 characters.
    #[schema(examples("Pip"))]
    name: String,
    /// Not in the future, and at most eight years ago.
    #[schema(examples("2026-03-14"))]
    date_of_birth: Date,
    sex: Sex,
    #[serde(default)]
    allergies: Vec<Allergen>,
    /// IANA name of the zone the child lives in, such as Europe/Berlin: its days begin there.
    #[schema(examples("Europe/Berlin"))]
    time_zone: String,
    /// The day 40 weeks were complete; null where nobody said.
    #[serde(default)]
    due_date: Option<Date>,
    /// The latest measured, in kilograms, to 10 g.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0.3, maximum = 40)]
    weight_kg: Option<WeightKg>,
    /// Length or height, the latest measured, in centimetres, to 1 mm.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 20, maximum = 140)]
    height_cm: Option<HeightCm>,
    #[serde(default)]
    dietary_restrictions: Vec<Diet>,
    /// Null where nobody said, which is not none.
    #[serde(default)]
    eczema: Option<Eczema>,
    #[serde(default)]
    region: Option<Region>,
    /// May be empty.
    #[serde(default)]
    pediatrician_name: String,
    /// A telephone number or an address, as the parent likes; may be empty.
    #[serde(default)]
    pediatrician_contact: String,
}

impl From<child::Profile> for Profile {
    fn from(profile: child::Profile) -> Self {
        // Named one by one, so that a new field is not forgotten here.
        let child::Profile {
            name,
            date_of_birth,
            sex,
            allergies,
            time_zone,
            due_date,
            weight_kg,
            height_cm,
            dietary_restrictions,
            eczema,
            region,
            pediatrician_name,
            pediatrician_contact,
        } = profile;
        Self {
            name,
            date_of_birth: Date(date_of_birth),
            sex: Sex(sex),
            allergies: allergies.into_iter().map(Allergen).collect(),
            time_zone,
            due_date: due_date.map(Date),
            weight_kg,
            height_cm,
            dietary_restrictions: dietary_restrictions.into_iter().map(Diet).collect(),
            eczema: eczema.map(Eczema),
            region: region.map(Region),
            pediatrician_name,
            pediatrician_contact,
        }
    }
}

impl From<Profile> for child::Profile {
    /// Not checked yet: that is the service's.
    fn from(profile: Profile) -> Self {
        Self {
            name: profile.name,
            date_of_birth: profile.date_of_birth.0,
            sex: profile.sex.0,
            allergies: profile.allergies.into_iter().map(|allergen| allergen.0).collect(),
            time_zone: profile.time_zone,
            due_date: profile.due_date.map(|date| date.0),
            weight_kg: profile.weight_kg,
            height_cm: profile.height_cm,
            dietary_restrictions: profile.dietary_restrictions.into_iter().map(|diet| diet.0).collect(),
            eczema: profile.eczema.map(|eczema| eczema.0),
            region: profile.region.map(|region| region.0),
            pediatrician_name: profile.pediatrician_name,
            pediatrician_contact: profile.pediatrician_contact,
        }
    }
}

/// Some fields of a [`Profile`], as a JSON merge patch (RFC 7396).
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct ProfileChange(serde_json::Map<String, Value>);

impl ProfileChange {
    /// The profile with these fields in the place of its own; null takes an optional one away.
    fn on(self, profile: Profile) -> Result<Profile, ApiError> {
        let mut whole = serde_json::to_value(profile).unwrap_or_default();
        if let Some(fields) = whole.as_object_mut() {
            fields.extend(self.0);
        }
        serde_path_to_error::deserialize(whole)
            .map_err(|error| ApiError::invalid(error.path().to_string(), error.inner().to_string()))
    }
}

impl PartialSchema for ProfileChange {
    /// That of the profile with nothing required.
    fn schema() -> RefOr<Schema> {
        let mut schema = Profile::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.required.clear();
            object.description = Some("The fields of a profile that are to change; the others stay.".to_owned());
        }
        schema
    }
}

impl ToSchema for ProfileChange {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Profile::schemas(schemas);
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Child {
    id: Uuid,
    /// The account whose child it is; a caregiver sees it, but does not own it.
    owner: Uuid,
    /// Whether who asks may write for this child.
    may_write: bool,
    profile: Profile,
}

impl From<child::Child> for Child {
    fn from(child: child::Child) -> Self {
        Self {
            id: child.id.0,
            owner: child.owner.0,
            may_write: child.may_write,
            profile: child.profile.into(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Children {
    /// The eldest first.
    children: Vec<Child>,
}

/// The children you can see
///
/// Your own, and those you were let in to, as far as the token reaches.
#[utoipa::path(
    get,
    path = "/api/v1/children",
    operation_id = "list_children",
    tag = "Children",
    responses((status = 200, description = "The children.", body = Children))
)]
pub(super) async fn list(State(api): State<Api>, asker: Asker) -> Result<Json<Children>, ApiError> {
    let mut tx = asker.enter(&api.site).await?;
    let children = services::children::list(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(Children {
        children: children.into_iter().map(Child::from).collect(),
    }))
}

/// One child
#[utoipa::path(
    get,
    path = "/api/v1/children/{child}",
    operation_id = "read_child",
    tag = "Children",
    params(("child" = Uuid, Path, description = "The child's id.")),
    responses((status = 200, description = "The child.", body = Child))
)]
pub(super) async fn read(
    State(api): State<Api>,
    asker: Asker,
    InPath(child): InPath<ChildId>,
) -> Result<Json<Child>, ApiError> {
    let mut tx = asker.enter(&api.site).await?;
    let child = services::children::get(&mut tx, child).await?;
    tx.commit().await?;
    Ok(Json(child.into()))
}

/// Add a child, or replace its profile
///
/// Make the id yourself (a UUID, version 7 if you can). Sent twice, it is one child. A profile that
/// is there is replaced whole: fields you leave out are empty afterwards. Only a token for all
/// children adds one.
#[utoipa::path(
    put,
    path = "/api/v1/children/{child}",
    operation_id = "put_child",
    tag = "Children",
    params(("child" = Uuid, Path, description = "The child's id, of your making for a new one.")),
    request_body = Profile,
    responses(
        (status = 200, description = "The child with its new profile.", body = Child),
        (status = 201, description = "The child was added.", body = Child),
        (status = 402, description = "The family's tier has no room for another child (`needs_premium`).", body = ProblemBody,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn put(
    State(api): State<Api>,
    asker: Asker,
    InPath(id): InPath<ChildId>,
    Sent(profile): Sent<Profile>,
) -> Result<(StatusCode, Json<Child>), ApiError> {
    let mut tx = asker.enter(&api.site).await?;
    let profile = profile.into();
    let status = match services::children::get(&mut tx, id).await {
        Ok(_) => {
            services::children::update(&mut tx, id, &profile, asker.now).await?;
            StatusCode::OK
        }
        Err(ServiceError::NotFound) => {
            services::children::add(&mut tx, id, &profile, asker.now).await?;
            StatusCode::CREATED
        }
        Err(error) => return Err(error.into()),
    };
    let child = services::children::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok((status, Json(child.into())))
}

/// Change some of a child's profile
///
/// A JSON merge patch: fields you leave out stay as they are; null takes an optional one away.
#[utoipa::path(
    patch,
    path = "/api/v1/children/{child}",
    operation_id = "change_child",
    tag = "Children",
    params(("child" = Uuid, Path, description = "The child's id.")),
    request_body = ProfileChange,
    responses((status = 200, description = "The child with its new profile.", body = Child))
)]
pub(super) async fn change(
    State(api): State<Api>,
    asker: Asker,
    InPath(id): InPath<ChildId>,
    Sent(change): Sent<ProfileChange>,
) -> Result<Json<Child>, ApiError> {
    let mut tx = asker.enter(&api.site).await?;
    let stored = services::children::get(&mut tx, id).await?;
    let profile = change.on(stored.profile.into())?.into();
    services::children::update(&mut tx, id, &profile, asker.now).await?;
    let child = services::children::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(child.into()))
}

/// Delete a child with all that was kept of it
///
/// This cannot be undone. Only the child's owner can, and only with a token for all children.
#[utoipa::path(
    delete,
    path = "/api/v1/children/{child}",
    operation_id = "delete_child",
    tag = "Children",
    params(("child" = Uuid, Path, description = "The child's id.")),
    responses((status = 204, description = "The child is gone."))
)]
pub(super) async fn delete(
    State(api): State<Api>,
    asker: Asker,
    InPath(child): InPath<ChildId>,
) -> Result<StatusCode, ApiError> {
    let mut tx = asker.enter(&api.site).await?;
    services::children::delete(&mut tx, child).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
