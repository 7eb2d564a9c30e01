//! Meals as a program keeps them: under an id of its own, put, changed, deleted, restored. All of
//! it is a [`Change`] on the one write path.

use crate::changes::{self, Applied};
use crate::database::Tx;
use crate::error::ServiceError;
use crate::{children, id, meals, zone};
use chrono::{DateTime, Utc};
use domain::change::{Change, MealFields, Noun, Presence};
use domain::child::Child;
use domain::food::Table;
use domain::id::{ChangeId, ChildId, MealId};
use domain::meal::Meal;
use domain::{analysis, reading};

/// What became of a meal that was put.
#[derive(Clone, Debug, PartialEq)]
pub enum Put {
    Created(Meal),
    /// It was there; now it says what was put. Put twice, the second time changes nothing.
    Kept(Meal),
    /// It was there once, and somebody deleted it. Nothing was written: only restoring brings it back.
    Deleted,
}

/// Makes the meal, or brings the one that has this id to what `fields` say. What they leave out
/// stays as it is. New words without items are read here, and replace the items.
///
/// # Errors
/// [`ServiceError::NotFound`] for a child one cannot see; [`ServiceError::ReadOnly`];
/// [`ServiceError::Refused`] for what cannot be kept, and to ask about an amount that is read as
/// more than a small child eats (give the items to say that it was).
pub async fn put(
    tx: &mut Tx,
    child: ChildId,
    meal: MealId,
    mut fields: MealFields,
    foods: &Table,
    now: DateTime<Utc>,
) -> Result<Put, ServiceError> {
    let child = children::get(tx, child).await?;
    let stored = match meals::find(tx, &child, meal).await? {
        Some(stored) => stored,
        None => {
            if meals::deleted(tx, child.id, meal).await?.is_some() {
                return Ok(Put::Deleted);
            }
            // Without a word of what was eaten it is refused, not missing.
            fields.raw_input.get_or_insert_default();
            let new = read(fields.clone(), &child, foods, now)?;
            // The write that makes a meal has the meal's id: two that race make one.
            let applied = write(tx, child.id, meal, ChangeId(meal.0), new, foods, now).await?;
            match applied.presence {
                Presence::Here if applied.already => applied.meal,
                Presence::Here => return Ok(Put::Created(applied.meal)),
                Presence::Deleted | Presence::Disputed => return Ok(Put::Deleted),
            }
        }
    };
    Ok(Put::Kept(bring(tx, &child, stored, fields, foods, now).await?))
}

/// Changes a meal that is there: what `fields` leave out stays as it is.
///
/// # Errors
/// As [`put`]; [`ServiceError::NotFound`] for a meal that is not there, or was deleted.
pub async fn change(
    tx: &mut Tx,
    child: ChildId,
    meal: MealId,
    fields: MealFields,
    foods: &Table,
    now: DateTime<Utc>,
) -> Result<Meal, ServiceError> {
    let child = children::get(tx, child).await?;
    let stored = meals::find(tx, &child, meal).await?.ok_or(ServiceError::NotFound)?;
    bring(tx, &child, stored, fields, foods, now).await
}

/// Deletes a meal. One that was deleted already stays deleted.
///
/// # Errors
/// [`ServiceError::NotFound`] for a child one cannot see, or a meal that never was;
/// [`ServiceError::ReadOnly`].
pub async fn delete(
    tx: &mut Tx,
    child: ChildId,
    meal: MealId,
    foods: &Table,
    now: DateTime<Utc>,
) -> Result<(), ServiceError> {
    if !children::get(tx, child).await?.may_write {
        return Err(ServiceError::ReadOnly);
    }
    match meals::get(tx, child, meal).await {
        Ok(_) => {
            write(tx, child, meal, id::change(now), deleted(true), foods, now).await?;
            Ok(())
        }
        Err(ServiceError::NotFound) if meals::deleted(tx, child, meal).await?.is_some() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Brings a deleted meal back as it last was. One that is there stays.
///
/// # Errors
/// [`ServiceError::NotFound`] for a child one cannot see, or a meal that never was;
/// [`ServiceError::ReadOnly`].
pub async fn restore(
    tx: &mut Tx,
    child: ChildId,
    meal: MealId,
    foods: &Table,
    now: DateTime<Utc>,
) -> Result<Meal, ServiceError> {
    Ok(write(tx, child, meal, id::change(now), deleted(false), foods, now)
        .await?
        .meal)
}

/// The stored meal, brought to what `fields` say.
async fn bring(
    tx: &mut Tx,
    child: &Child,
    stored: Meal,
    fields: MealFields,
    foods: &Table,
    now: DateTime<Utc>,
) -> Result<Meal, ServiceError> {
    if !child.may_write {
        return Err(ServiceError::ReadOnly);
    }
    let fields = fields.checked()?.unlike(&stored);
    if fields == MealFields::default() {
        return Ok(stored);
    }
    let fields = read(fields, child, foods, now)?;
    let applied = write(tx, child.id, stored.id, id::change(now), fields, foods, now).await?;
    Ok(applied.meal)
}

/// The fields with the items that new words stand for, where none are given.
fn read(mut fields: MealFields, child: &Child, foods: &Table, now: DateTime<Utc>) -> Result<MealFields, ServiceError> {
    if let (Some(text), None) = (&fields.raw_input, &fields.items) {
        let eaten = fields.when.map_or(now, |when| when.at);
        let date = zone::date(eaten, children::zone(child));
        let analysis = analysis::analyse(text, foods, &child.eater(date));
        let rows = reading::rows(&analysis);
        reading::ask(&rows, &analysis)?;
        fields.items = Some(reading::portions(&rows));
        fields.not_understood = Some(analysis.not_understood);
    } else if fields.items.is_some() {
        fields.not_understood.get_or_insert_default();
    }
    Ok(fields)
}

async fn write(
    tx: &mut Tx,
    child: ChildId,
    meal: MealId,
    change: ChangeId,
    fields: MealFields,
    foods: &Table,
    now: DateTime<Utc>,
) -> Result<Applied, ServiceError> {
    let change = Change {
        id: change,
        child,
        noun: Noun::Meal { row: meal, fields },
        stamp: now,
    };
    changes::apply(tx, &change, foods, now).await
}

fn deleted(deleted: bool) -> MealFields {
    MealFields {
        deleted: Some(deleted),
        ..MealFields::default()
    }
}
