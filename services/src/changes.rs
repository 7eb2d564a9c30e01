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
use crate::meals::{local_time, select_meals};
use crate::zone;
use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::account::called;
use domain::allergen::Allergen;
use domain::analysis::{self, Analysis, Eater};
use domain::change::{Change, FieldStamps, MealFields, Noun, Presence, Stamp, Writer, merge, presence, restamped};
use domain::child::eater;
use domain::entitlement::Tier;
use domain::field::{Field, Refusal};
use domain::food::Table;
use domain::id::{ChildId, MealId};
use domain::meal::{AnalysisState, InputMethod, Kind, Meal, MealType, Portion, When};
use domain::nutrient::{Nutrient, Totals};
use sqlx::types::Json;
use std::panic::AssertUnwindSafe;

/// How far ahead of the server a meal may be: a phone's clock is seldom right, and a meal
/// prepared for tonight is a plan.
const MOST_AHEAD: TimeDelta = TimeDelta::days(1);

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
    let fields = checked(fields.clone())?;
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
    let ground = Ground::read(tx, change, *row, now).await?;
    let mut stored = select_meals!("where child_id = $1 and id = $2", change.child.0, row.0)
        .fetch_optional(tx.connection())
        .await?
        .map(|row| row.meal(ground.zone, |date| ground.eater_on(date)))
        .transpose()?
        .map(|meal| Stored::new(meal.disputed, meal));
    if stored.is_none() {
        stored = ground.tombstone.clone().map(|meal| Stored::new(true, meal));
    }
    if let Some(seq) = ground.applied {
        let stored = stored.ok_or_else(|| ServiceError::fault("a change was applied to a meal that is nowhere"))?;
        let presence = presence(&stored.fields, &stored.meal.stamps);
        tx.count(Count::Change { already: true });
        return Ok(Applied {
            meal: stored.meal,
            presence,
            seq,
            already: true,
            restamped: false,
        });
    }

    let now = now.trunc_subsecs(6);
    let at = bounded(change.stamp, now);
    let stamp = Stamp {
        by: Writer::Parent,
        at,
        change: change.id,
    };
    let fields = ground.located(fields, now)?;
    let is_new = stored.is_none();
    let mut stored = match stored {
        Some(stored) => stored,
        None if fields.deleted == Some(true) || says_what(&fields) => ground.blank(change.child, *row, account, now),
        // Nothing was said of what was eaten: either it is a new meal without one, or an edit of
        // a meal that is not there.
        None if fields.raw_input.is_some() => {
            return Err(Refusal::new(Field::RawInput, "Please type what your child ate or drank.").into());
        }
        None => return Err(ServiceError::NotFound),
    };
    if empties(&fields, &stored) {
        return Err(Refusal::new(Field::RawInput, "Please type what was eaten, or delete the meal.").into());
    }
    let read = read(&fields, foods, &ground.eater(&stored));
    let now_said = serde_json::to_value(&fields).map_err(ServiceError::fault)?;
    merge(&mut stored.fields, &mut stored.meal.stamps, fields, stamp);
    if let Some(read) = read {
        merge(
            &mut stored.fields,
            &mut stored.meal.stamps,
            read,
            Stamp {
                by: Writer::Model,
                ..stamp
            },
        );
    }
    let presence = presence(&stored.fields, &stored.meal.stamps);
    let eater = ground.eater(&stored);
    let mut meal = derived(stored, foods, &eater, ground.zone);
    meal.disputed = presence == Presence::Disputed;

    let seq = last_seq + 1;
    fault::point("before the row");
    if presence == Presence::Deleted {
        bury(tx, &meal, now).await?;
    } else {
        write(tx, &meal).await?;
        if ground.tombstone.is_some() {
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
    if is_new && presence != Presence::Deleted {
        tx.count(Count::Meal(meal.input_method, ground.tier));
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
struct Ground {
    born: NaiveDate,
    allergies: Vec<Allergen>,
    zone: Tz,
    writer: String,
    tier: Tier,
    applied: Option<i64>,
    tombstone: Option<Meal>,
}

impl Ground {
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

    /// The fields with the date that the instant has where the child lives. A client computes it
    /// too, to show it; here it is decided.
    fn located(&self, mut fields: MealFields, now: DateTime<Utc>) -> Result<MealFields, Refusal> {
        if let Some(when) = &mut fields.when {
            if when.at > now + MOST_AHEAD {
                return Err(Refusal::new(
                    Field::When,
                    "That is in the future. Please choose when it was eaten.",
                ));
            }
            when.at = when.at.trunc_subsecs(6);
            when.date = zone::date(when.at, self.zone);
            if when.date < self.born {
                return Err(Refusal::new(
                    Field::When,
                    "That is before your child was born. Please check the date.",
                ));
            }
        }
        Ok(fields)
    }

    /// A meal of which nothing has been said yet.
    fn blank(&self, child: ChildId, id: MealId, account: domain::id::AccountId, now: DateTime<Utc>) -> Stored {
        let meal = Meal {
            id,
            child,
            logged_by: account,
            logged_by_name: self.writer.clone(),
            meal_type: MealType::Snack,
            kind: Kind::Food,
            input_method: InputMethod::Text,
            when: When {
                at: now,
                date: zone::date(now, self.zone),
            },
            local_time: String::new(),
            created_at: now,
            raw_input: String::new(),
            notes: String::new(),
            state: AnalysisState::Waiting,
            analysis: Analysis::default(),
            stamps: FieldStamps::default(),
            disputed: false,
        };
        let mut stored = Stored::new(false, meal);
        // Until somebody says it, it follows from the time.
        stored.fields.meal_type = None;
        stored
    }

    /// Who ate, on the day of the meal.
    fn eater(&self, stored: &Stored) -> Eater {
        self.eater_on(stored.fields.when.map_or(stored.meal.when.date, |when| when.date))
    }

    fn eater_on(&self, date: NaiveDate) -> Eater {
        eater(self.born, &self.allergies, date)
    }
}

/// A meal, and its mergeable fields beside it.
struct Stored {
    meal: Meal,
    fields: MealFields,
}

impl Stored {
    fn new(deleted: bool, meal: Meal) -> Self {
        let undeleted = meal.stamps.0.contains_key("deleted").then_some(false);
        let fields = MealFields {
            raw_input: Some(meal.raw_input.clone()),
            items: Some(meal.analysis.items.iter().map(|item| item.portion.clone()).collect()),
            not_understood: Some(meal.analysis.not_understood.clone()),
            when: Some(meal.when),
            meal_type: Some(meal.meal_type),
            kind: Some(meal.kind),
            notes: Some(meal.notes.clone()),
            input_method: Some(meal.input_method),
            deleted: if deleted { Some(true) } else { undeleted },
        };
        Self { meal, fields }
    }
}

/// What no client may say differently.
fn checked(fields: MealFields) -> Result<MealFields, Refusal> {
    let mut fields = fields.checked()?;
    for portion in fields.items.iter_mut().flatten() {
        if portion.food.0.len() > 100 || portion.food.0.chars().any(char::is_control) {
            return Err(Refusal::new(
                Field::Items,
                "That food is not known. Please choose it from the list.",
            ));
        }
        portion.confidence = if portion.confidence.is_finite() {
            portion.confidence.clamp(0.0, 1.0)
        } else {
            0.0
        };
    }
    Ok(fields)
}

/// A stamp that PostgreSQL can keep, and that no wrong clock wins with.
fn bounded(stamp: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    restamped(stamp.max(DateTime::UNIX_EPOCH), now).trunc_subsecs(6)
}

fn says_what(fields: &MealFields) -> bool {
    fields.raw_input.as_ref().is_some_and(|text| !text.is_empty())
        || fields.items.as_ref().is_some_and(|items| !items.is_empty())
}

/// Whether this write would leave a meal of which nothing is said.
fn empties(fields: &MealFields, stored: &Stored) -> bool {
    let says = |new: bool, old: bool, said: bool| if said { new } else { old };
    let text = fields.raw_input.as_deref();
    let items = fields.items.as_deref();
    (text.is_some() || items.is_some())
        && !says(
            text.is_some_and(|t| !t.is_empty()),
            !stored.meal.raw_input.is_empty(),
            text.is_some(),
        )
        && !says(
            items.is_some_and(|i| !i.is_empty()),
            !stored.meal.analysis.items.is_empty(),
            items.is_some(),
        )
}

/// New words without items ask to be read here: they came from the API or a simple form. Like all
/// that no parent has looked at, the reading never beats what one has chosen.
fn read(fields: &MealFields, foods: &Table, eater: &Eater) -> Option<MealFields> {
    let text = fields.raw_input.as_deref().filter(|_| fields.items.is_none())?;
    let analysis = unbroken(|| analysis::analyse(text, foods, eater))?;
    Some(MealFields {
        items: Some(analysis.items.into_iter().map(|item| item.portion).collect()),
        not_understood: Some(analysis.not_understood),
        ..MealFields::default()
    })
}

/// The meal that follows from the fields: everything the server derives, it derives here.
fn derived(stored: Stored, foods: &Table, eater: &Eater, zone: Tz) -> Meal {
    let Stored { mut meal, fields } = stored;
    meal.raw_input = fields.raw_input.unwrap_or_default();
    meal.notes = fields.notes.unwrap_or_default();
    meal.when = fields.when.unwrap_or(meal.when);
    meal.kind = fields.kind.unwrap_or(meal.kind);
    meal.input_method = fields.input_method.unwrap_or(meal.input_method);
    meal.local_time = local_time(meal.when.at, zone);
    meal.meal_type = fields
        .meal_type
        .unwrap_or_else(|| MealType::at(zone::time(meal.when.at, zone)));
    let portions: Vec<Portion> = fields.items.unwrap_or_default();
    let not_understood = fields.not_understood.unwrap_or_default();
    // A meal is never lost to its analysis: one that breaks leaves the words and says so.
    match unbroken(|| analysis::describe(&portions, foods, eater)) {
        Some(mut analysis) => {
            let nothing_found = analysis.items.is_empty() && (!not_understood.is_empty() || !meal.raw_input.is_empty());
            analysis.lacks(not_understood);
            meal.analysis = analysis;
            meal.state = if nothing_found {
                AnalysisState::Failed
            } else {
                AnalysisState::Analysed
            };
        }
        None => {
            meal.analysis = Analysis {
                not_understood,
                ..Analysis::default()
            };
            meal.state = AnalysisState::Failed;
        }
    }
    meal
}

/// The result, or `None` where a fault in the analyser would have taken the entry with it.
fn unbroken<T>(work: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(AssertUnwindSafe(work))
        .inspect_err(|_| tracing::error!("the analyser panicked; the meal is kept without an analysis"))
        .ok()
}

/// Writes a meal with all that follows from it.
async fn write(tx: &mut Tx, meal: &Meal) -> Result<(), ServiceError> {
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
