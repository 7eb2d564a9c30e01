//! A family's children.

use crate::database::Tx;
use crate::error::ServiceError;
use crate::{accounts, zone};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::allergen::Allergen;
use domain::child::{Child, Diet, Eczema, Profile, ProfileForm, Region, Sex};
use domain::id::{AccountId, ChildId};
use domain::measure::{HeightCm, Units, WeightKg};

/// What PostgreSQL says when a policy refuses a row.
const ROW_SECURITY: &str = "42501";

/// The time zone a child lives in. A stored name that this release does not know any more reads
/// as UTC.
pub fn zone(child: &Child) -> Tz {
    child.profile.time_zone.parse().unwrap_or(Tz::UTC)
}

/// The date it is where the child lives.
pub fn today(child: &Child, now: DateTime<Utc>) -> NaiveDate {
    zone::date(now, zone(child))
}

/// Adds a child to the asker's family.
///
/// # Errors
/// [`ServiceError::Refused`] with every refused field; [`ServiceError::NeedsPremium`] where the
/// family's tier has no room for another; [`ServiceError::SignedOut`]; [`ServiceError::ReadOnly`]
/// for a token that may not add children; [`ServiceError::NotFound`] where the id is that of a
/// child one cannot see.
pub async fn add(tx: &mut Tx, id: ChildId, profile: &Profile, now: DateTime<Utc>) -> Result<Child, ServiceError> {
    let owner = tx.account()?;
    let profile = checked(profile, now)?;
    let tier = accounts::lock_tier(tx, now).await?;
    let children = sqlx::query_scalar!(
        r#"select count(*) as "count!" from children where user_id = $1"#,
        owner.0
    )
    .fetch_one(tx.connection())
    .await?;
    tier.allows_another_child(usize::try_from(children).unwrap_or(usize::MAX))?;
    sqlx::query!(
        r#"
        insert into children (
            id, user_id, name, date_of_birth, sex, allergies, time_zone, due_date, weight_kg, height_cm,
            dietary_restrictions, eczema, region, pediatrician_name, pediatrician_contact, created_at
        )
        values (
            $1, $2, $3, $4, $5::text::sex, $6, $7, $8, $9::float8::numeric, $10::float8::numeric,
            $11, $12::text::eczema, $13, $14, $15, $16
        )
        "#,
        id.0,
        owner.0,
        profile.name,
        profile.date_of_birth,
        profile.sex.id(),
        &ids(&profile.allergies, Allergen::id),
        profile.time_zone,
        profile.due_date,
        profile.weight_kg.map(f64::from),
        profile.height_cm.map(f64::from),
        &ids(&profile.dietary_restrictions, Diet::id),
        profile.eczema.map(Eczema::id),
        profile.region.map(Region::id),
        profile.pediatrician_name,
        profile.pediatrician_contact,
        now
    )
    .execute(tx.connection())
    .await
    .map_err(|error| match error.as_database_error() {
        Some(refused) if refused.code().as_deref() == Some(ROW_SECURITY) => ServiceError::ReadOnly,
        Some(taken) if taken.constraint() == Some("children_pkey") => ServiceError::NotFound,
        _ => error.into(),
    })?;
    // What one may write was looked up before this child was there.
    tx.enter_again().await?;
    sqlx::query!("insert into change_counters (child_id) values ($1)", id.0)
        .execute(tx.connection())
        .await?;
    Ok(Child {
        id,
        owner,
        profile,
        may_write: true,
    })
}

/// Replaces what is known of a child.
///
/// # Errors
/// [`ServiceError::NotFound`], [`ServiceError::ReadOnly`], or [`ServiceError::Refused`] with every
/// refused field.
pub async fn update(tx: &mut Tx, id: ChildId, profile: &Profile, now: DateTime<Utc>) -> Result<(), ServiceError> {
    let profile = checked(profile, now)?;
    let written = sqlx::query!(
        r#"
        update children
        set name = $2,
            date_of_birth = $3,
            sex = $4::text::sex,
            allergies = $5,
            time_zone = $6,
            due_date = $7,
            weight_kg = $8::float8::numeric,
            height_cm = $9::float8::numeric,
            dietary_restrictions = $10,
            eczema = $11::text::eczema,
            region = $12,
            pediatrician_name = $13,
            pediatrician_contact = $14
        where id = $1
        "#,
        id.0,
        profile.name,
        profile.date_of_birth,
        profile.sex.id(),
        &ids(&profile.allergies, Allergen::id),
        profile.time_zone,
        profile.due_date,
        profile.weight_kg.map(f64::from),
        profile.height_cm.map(f64::from),
        &ids(&profile.dietary_restrictions, Diet::id),
        profile.eczema.map(Eczema::id),
        profile.region.map(Region::id),
        profile.pediatrician_name,
        profile.pediatrician_contact
    )
    .execute(tx.connection())
    .await?;
    if written.rows_affected() == 0 {
        Err(out_of_reach(tx, id).await?)
    } else {
        Ok(())
    }
}

/// Deletes a child with everything that was kept of it. Only its owner can.
///
/// # Errors
/// [`ServiceError::NotFound`], or [`ServiceError::ReadOnly`] for a caregiver.
pub async fn delete(tx: &mut Tx, id: ChildId) -> Result<(), ServiceError> {
    let gone = sqlx::query!("delete from children where id = $1", id.0)
        .execute(tx.connection())
        .await?;
    if gone.rows_affected() == 0 {
        Err(out_of_reach(tx, id).await?)
    } else {
        Ok(())
    }
}

/// Every child the asker may see, the eldest first.
///
/// # Errors
/// [`ServiceError::Unavailable`] when the database is away.
pub async fn list(tx: &mut Tx) -> Result<Vec<Child>, ServiceError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select id,
               user_id,
               name,
               date_of_birth,
               sex::text as "sex!",
               allergies,
               time_zone,
               due_date,
               weight_kg::float8 as weight_kg,
               height_cm::float8 as height_cm,
               dietary_restrictions,
               eczema::text as eczema,
               region,
               pediatrician_name,
               pediatrician_contact,
               coalesce(id = any (app.writable_children()), false) as "may_write!"
        from children
        order by date_of_birth, id
        "#
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(Row::child).collect()
}

/// One child.
///
/// # Errors
/// [`ServiceError::NotFound`], also for another family's.
pub async fn get(tx: &mut Tx, id: ChildId) -> Result<Child, ServiceError> {
    sqlx::query_as!(
        Row,
        r#"
        select id,
               user_id,
               name,
               date_of_birth,
               sex::text as "sex!",
               allergies,
               time_zone,
               due_date,
               weight_kg::float8 as weight_kg,
               height_cm::float8 as height_cm,
               dietary_restrictions,
               eczema::text as eczema,
               region,
               pediatrician_name,
               pediatrician_contact,
               coalesce(id = any (app.writable_children()), false) as "may_write!"
        from children
        where id = $1
        "#,
        id.0
    )
    .fetch_optional(tx.connection())
    .await?
    .ok_or(ServiceError::NotFound)?
    .child()
}

/// Why a child could not be written.
pub(crate) async fn out_of_reach(tx: &mut Tx, id: ChildId) -> Result<ServiceError, ServiceError> {
    let readable = sqlx::query_scalar!(
        r#"select coalesce($1 = any (app.readable_children()), false) as "readable!""#,
        id.0
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(if readable {
        ServiceError::ReadOnly
    } else {
        ServiceError::NotFound
    })
}

/// The same rules as for a form, whatever door it came through.
fn checked(profile: &Profile, now: DateTime<Utc>) -> Result<Profile, ServiceError> {
    let today = zone::today(&profile.time_zone, now)?;
    Ok(ProfileForm::of(profile, Units::Metric).parse(today)?)
}

fn ids<T: Copy>(values: &[T], id: fn(T) -> &'static str) -> Vec<String> {
    values.iter().map(|value| id(*value).to_owned()).collect()
}

struct Row {
    id: uuid::Uuid,
    user_id: uuid::Uuid,
    name: String,
    date_of_birth: NaiveDate,
    sex: String,
    allergies: Vec<String>,
    time_zone: String,
    due_date: Option<NaiveDate>,
    weight_kg: Option<f64>,
    height_cm: Option<f64>,
    dietary_restrictions: Vec<String>,
    eczema: Option<String>,
    region: Option<String>,
    pediatrician_name: String,
    pediatrician_contact: String,
    may_write: bool,
}

impl Row {
    fn child(self) -> Result<Child, ServiceError> {
        let sex = Sex::from_id(&self.sex).ok_or_else(|| ServiceError::fault(format!("a sex {:?}", self.sex)))?;
        Ok(Child {
            id: ChildId(self.id),
            owner: AccountId(self.user_id),
            profile: Profile {
                name: self.name,
                date_of_birth: self.date_of_birth,
                sex,
                allergies: self.allergies.iter().filter_map(|id| Allergen::from_id(id)).collect(),
                time_zone: self.time_zone,
                due_date: self.due_date,
                weight_kg: self.weight_kg.and_then(|kg| WeightKg::try_from(kg).ok()),
                height_cm: self.height_cm.and_then(|cm| HeightCm::try_from(cm).ok()),
                dietary_restrictions: self
                    .dietary_restrictions
                    .iter()
                    .filter_map(|id| Diet::from_id(id))
                    .collect(),
                eczema: self.eczema.and_then(|id| Eczema::from_id(&id)),
                region: self.region.and_then(|id| Region::from_id(&id)),
                pediatrician_name: self.pediatrician_name,
                pediatrician_contact: self.pediatrician_contact,
            },
            may_write: self.may_write,
        })
    }
}
