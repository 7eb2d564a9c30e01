//! The one write path: every write to what a child owns, from a form, the API or a phone's queue.
//!
//! In one transaction it writes the row, its field stamps, and a line in `changes`. The child's
//! counter row is locked first, so that writers to one child take turns and `seq` has no gaps; it
//! also means that what is read afterwards stays true until the commit.

use crate::accounts;
use crate::children;
use crate::counts::Count;
use crate::database::Tx;
use crate::error::ServiceError;
use crate::fault;
use crate::meals::select_meals;
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use chrono_tz::Tz;
use domain::account::called;
use domain::allergen::Allergen;
use domain::change::{Change, MealFields, Noun, Presence};
use domain::child::{Child, eater};
use domain::entitlement::Tier;
use domain::food::Table;
use domain::id::MealId;
use domain::meal::{Meal, Past};
use domain::nutrient::{Nutrient, Totals};
use domain::write::{self, Ground, Kept, Unwritable, Written};
use sqlx::types::Json;

/// What became of a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The meal as it now stands; when it is deleted, as it last was.
    pub meal: Meal,
    pub presence: Presence,
    /// The change's number among the child's.
    pub seq: i64,
    /// It had been applied before, and nothing was done.
    pub already: bool,
    /// The stamp was out of bounds and replaced: the writer should measure its clock anew.
    pub restamped: bool,
}

/// Applies a change as whoever `tx` entered as.
///
/// # Errors
/// [`ServiceError::NotFound`] for a child one cannot see, or an edit of a meal that never was;
/// [`ServiceError::ReadOnly`] for a child one may only see; [`ServiceError::Refused`] where a
/// field cannot be kept as it is. Nothing is written then.
pub async fn apply(tx: &mut Tx, change: &Change, foods: &Table, now: DateTime<Utc>) -> Result<Applied, ServiceError> {
    let Noun::Meal { row, fields } = &change.noun;
    let account = tx.account()?;
    fault::point("before the lock");
    let locked = sqlx::query_scalar!(
        "select last_seq from change_counters where child_id = $1 for update",
        change.child.0
    )
    .fetch_optional(tx.connection())
    .await?;
    let Some(last_seq) = locked else {
        return Err(children::out_of_reach(tx, change.child).await?);
    };
    fault::point("after the lock");
    let known = Known::read(tx, change, *row, now).await?;
    let stored = select_meals!("where child_id = $1 and id = $2", change.child.0, row.0)
        .fetch_optional(tx.connection())
        .await?
        .map(|row| row.meal(known.zone, |date| eater(known.born, &known.allergies, date)))
        .transpose()?
        .map(|meal| Kept { meal, deleted: false })
        .or_else(|| known.tombstone.clone().map(|meal| Kept { meal, deleted: true }));
    if let Some(seq) = known.applied {
        let stored = stored.ok_or_else(|| ServiceError::fault("a change was applied to a meal that is nowhere"))?;
        tx.count(Count::Change { already: true });
        return Ok(Applied {
            presence: write::presence_of(stored.clone()),
            meal: stored.meal,
            seq,
            already: true,
            restamped: false,
        });
    }

    let now = now.trunc_subsecs(6);
    let is_new = stored.is_none();
    let local = |at: DateTime<Utc>| at.with_timezone(&known.zone).naive_local();
    let ground = Ground {
        account,
        writer: &known.writer,
        child: change.child,
        born: known.born,
        allergies: &known.allergies,
        foods,
        now,
        local: &local,
    };
    let written = write::write(stored, *row, fields.clone(), change.id, change.stamp, &ground)?;
    if written.broke {
        tracing::error!("the analyser panicked; the meal is kept without an analysis");
    }
    let Written {
        meal,
        presence,
        fields,
        at,
        ..
    } = written;
    let now_said = serde_json::to_value(&fields).map_err(ServiceError::fault)?;

    let seq = last_seq + 1;
    fault::point("before the row");
    if presence == Presence::Deleted {
        bury(tx, &meal, now).await?;
    } else {
        store(tx, &meal).await?;
        if known.tombstone.is_some() {
            sqlx::query!(
                "delete from tombstones where child_id = $1 and id = $2",
                meal.child.0,
                meal.id.0
            )
            .execute(tx.connection())
            .await?;
        }
    }
    fault::point("after the row");
    sqlx::query!(
        r#"
        with line as (
            insert into changes (child_id, seq, id, noun, row_id, fields, stamp, account_id, received_at)
            values ($1, $2, $3, 'meal', $4, $5, $6, $7, $8)
        )
        update change_counters
        set last_seq = $2
        where child_id = $1
        "#,
        change.child.0,
        seq,
        change.id.0,
        row.0,
        now_said,
        at,
        account.0,
        now
    )
    .execute(tx.connection())
    .await?;
    fault::point("after the change's line");
    tx.count(Count::Change { already: false });
    tx.wrote_for(change.child);
    if is_new && presence != Presence::Deleted {
        tx.count(Count::Meal(meal.input_method, known.tier));
    }
    Ok(Applied {
        meal,
        presence,
        seq,
        already: false,
        restamped: at != change.stamp.trunc_subsecs(6),
    })
}

/// What a change meets: the child, who writes, and what is left of the row.
struct Known {
    born: NaiveDate,
    allergies: Vec<Allergen>,
    zone: Tz,
    writer: String,
    tier: Tier,
    applied: Option<i64>,
    tombstone: Option<Meal>,
}

impl Known {
    async fn read(tx: &mut Tx, change: &Change, row: MealId, now: DateTime<Utc>) -> Result<Self, ServiceError> {
        let account = tx.account()?;
        let found = sqlx::query!(
            r#"
            select c.date_of_birth,
                   c.allergies,
                   c.time_zone,
                   u.first_name,
                   u.email,
                   u.subscription_tier::text as "tier!",
                   u.subscription_expires_at,
                   (select x.seq from changes x where x.child_id = $1 and x.id = $2) as applied,
                   (select t.state from tombstones t where t.child_id = $1 and t.id = $3)
                       as "tombstone: Json<Meal>"
            from children c
            join users u on u.id = $4
            where c.id = $1
            "#,
            change.child.0,
            change.id.0,
            row.0,
            account.0
        )
        .fetch_optional(tx.connection())
        .await?
        // The account is gone, and its session with it.
        .ok_or(ServiceError::SignedOut)?;
        Ok(Self {
            born: found.date_of_birth,
            allergies: found.allergies.iter().filter_map(|id| Allergen::from_id(id)).collect(),
            zone: found.time_zone.parse().unwrap_or(Tz::UTC),
            // A name to show when the account is gone.
            writer: called(&found.first_name, &found.email).to_owned(),
            tier: accounts::subscription(&found.tier, found.subscription_expires_at).tier_at(now, tx.default_tier()),
            applied: found.applied,
            tombstone: found.tombstone.map(|Json(meal)| meal),
        })
    }
}

/// Every write to a meal, the latest first, at most a hundred: so that what one parent wrote over the other is
/// still there to be seen.
///
/// # Errors
/// [`ServiceError::NotFound`] for a meal that is not there.
pub async fn past(tx: &mut Tx, child: &Child, meal: &Meal) -> Result<Vec<Past>, ServiceError> {
    let lines = sqlx::query!(
        r#"
        select c.id,
               c.fields as "fields: Json<MealFields>",
               c.stamp,
               c.account_id,
               u.first_name as "first_name?",
               u.email as "email?"
        from changes c
        left join users u on u.id = c.account_id
        where c.child_id = $1
          and c.row_id = $2
        order by c.stamp desc, c.seq desc
        limit 100
        "#,
        child.id.0,
        meal.id.0
    )
    .fetch_all(tx.connection())
    .await?;
    let zone = children::zone(child);
    Ok(lines
        .into_iter()
        .map(|line| {
            let by = match (line.first_name, line.email) {
                (Some(name), Some(email)) => called(&name, &email).to_owned(),
                _ if line.account_id == meal.logged_by.0 => meal.logged_by_name.clone(),
                _ => String::new(),
            };
            let Json(fields) = line.fields;
            let is_last = |field: &str| {
                let stamp = meal.stamps.0.get(field);
                stamp.is_none_or(|stamp| stamp.change.0 == line.id)
            };
            Past {
                at: line.stamp.with_timezone(&zone).format("%-d %B %Y, %H:%M").to_string(),
                by,
                stands: fields.said().into_iter().all(is_last),
                fields,
            }
        })
        .collect())
}

/// Writes a meal with all that follows from it.
async fn store(tx: &mut Tx, meal: &Meal) -> Result<(), ServiceError> {
    let known = Totals::of(meal.analysis.items.iter().map(|item| &item.nutrients)).known();
    let confidence = (!meal.analysis.items.is_empty()).then(|| meal.analysis.confidence_score.clamp(0.0, 1.0));
    let quantities = meal
        .analysis
        .estimated_quantities
        .iter()
        .map(|(food, amount)| format!("{food}: {amount}"))
        .collect::<Vec<_>>()
        .join("; ");
    sqlx::query!(
        r#"
        insert into meals (
            child_id, id, logged_by, logged_by_name, meal_type, kind, input_method, logged_at, meal_date,
            raw_input, gpt_analysis, analysis_state, food_items, estimated_quantity,
            calories, protein_g, fat_g, carbs_g, fiber_g, iron_mg, calcium_mg,
            vitamin_a_mcg, vitamin_c_mg, vitamin_d_mcg, zinc_mg, folate_mcg,
            confidence_score, notes, field_stamps, disputed, created_at
        )
        values (
            $1, $2, $3, $4, $5::text::meal_type, $6::text::meal_kind, $7::text::input_method, $8, $9,
            $10, $11, $12::text::analysis_state, $13, $14,
            $15::float8::numeric, $16::float8::numeric, $17::float8::numeric, $18::float8::numeric,
            $19::float8::numeric, $20::float8::numeric, $21::float8::numeric,
            $22::float8::numeric, $23::float8::numeric, $24::float8::numeric, $25::float8::numeric,
            $26::float8::numeric, $27::float8::numeric, $28, $29, $30, $31
        )
        on conflict (child_id, id) do update
        set meal_type = excluded.meal_type,
            kind = excluded.kind,
            input_method = excluded.input_method,
            logged_at = excluded.logged_at,
            meal_date = excluded.meal_date,
            raw_input = excluded.raw_input,
            gpt_analysis = excluded.gpt_analysis,
            analysis_state = excluded.analysis_state,
            food_items = excluded.food_items,
            estimated_quantity = excluded.estimated_quantity,
            calories = excluded.calories,
            protein_g = excluded.protein_g,
            fat_g = excluded.fat_g,
            carbs_g = excluded.carbs_g,
            fiber_g = excluded.fiber_g,
            iron_mg = excluded.iron_mg,
            calcium_mg = excluded.calcium_mg,
            vitamin_a_mcg = excluded.vitamin_a_mcg,
            vitamin_c_mg = excluded.vitamin_c_mg,
            vitamin_d_mcg = excluded.vitamin_d_mcg,
            zinc_mg = excluded.zinc_mg,
            folate_mcg = excluded.folate_mcg,
            confidence_score = excluded.confidence_score,
            notes = excluded.notes,
            field_stamps = excluded.field_stamps,
            disputed = excluded.disputed
        "#,
        meal.child.0,
        meal.id.0,
        meal.logged_by.0,
        meal.logged_by_name,
        meal.meal_type.id(),
        meal.kind.id(),
        meal.input_method.id(),
        meal.when.at,
        meal.when.date,
        meal.raw_input,
        Json(&meal.analysis) as _,
        meal.state.id(),
        &meal.analysis.detected_foods,
        quantities,
        known.get(Nutrient::Calories),
        known.get(Nutrient::Protein),
        known.get(Nutrient::Fat),
        known.get(Nutrient::Carbs),
        known.get(Nutrient::Fiber),
        known.get(Nutrient::Iron),
        known.get(Nutrient::Calcium),
        known.get(Nutrient::VitaminA),
        known.get(Nutrient::VitaminC),
        known.get(Nutrient::VitaminD),
        known.get(Nutrient::Zinc),
        known.get(Nutrient::Folate),
        confidence,
        meal.notes,
        Json(&meal.stamps) as _,
        meal.disputed,
        meal.created_at
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Moves a meal to the tombstones, as it last was.
async fn bury(tx: &mut Tx, meal: &Meal, now: DateTime<Utc>) -> Result<(), ServiceError> {
    sqlx::query!(
        r#"
        insert into tombstones (child_id, id, noun, state, deleted_at)
        values ($1, $2, 'meal', $3, $4)
        on conflict (child_id, id) do update
        set state = excluded.state
        "#,
        meal.child.0,
        meal.id.0,
        Json(meal) as _,
        now
    )
    .execute(tx.connection())
    .await?;
    fault::point("after the tombstone");
    sqlx::query!(
        "delete from meals where child_id = $1 and id = $2",
        meal.child.0,
        meal.id.0
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

impl From<Unwritable> for ServiceError {
    fn from(unwritable: Unwritable) -> Self {
        match unwritable {
            Unwritable::Refused(refusal) => refusal.into(),
            Unwritable::Missing => Self::NotFound,
        }
    }
}
