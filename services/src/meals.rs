//! Reading meals. Writing them is [`crate::changes`].

use crate::children;
use crate::database::Tx;
use crate::error::ServiceError;
use crate::zone;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::analysis::{Analysis, Eater};
use domain::change::FieldStamps;
use domain::child::Child;
use domain::day::{Day, DaySummary};
use domain::id::{AccountId, ChildId, MealId};
use domain::meal::{AnalysisState, InputMethod, Kind, Meal, MealType, When};
use domain::safety;
use sqlx::types::Json;
use uuid::Uuid;

/// A stored meal, before its words become types.
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) child_id: Uuid,
    pub(crate) logged_by: Uuid,
    pub(crate) logged_by_name: String,
    pub(crate) meal_type: String,
    pub(crate) kind: String,
    pub(crate) input_method: String,
    pub(crate) logged_at: DateTime<Utc>,
    pub(crate) meal_date: NaiveDate,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) raw_input: String,
    pub(crate) notes: String,
    pub(crate) analysis_state: String,
    pub(crate) analysis: Option<Json<Analysis>>,
    pub(crate) stamps: Json<FieldStamps>,
    pub(crate) disputed: bool,
}

impl Row {
    /// The meal. Its warnings are derived here and now, from what is known of the child today: the
    /// stored ones are what was said when it was saved.
    pub(crate) fn meal(self, zone: Tz, eater: impl FnOnce(NaiveDate) -> Eater) -> Result<Meal, ServiceError> {
        let odd = |what: &str| ServiceError::fault(format!("a meal's {what} that this release does not know"));
        let mut analysis = self.analysis.map(|Json(analysis)| analysis).unwrap_or_default();
        analysis.warnings = safety::warnings(&analysis.items, &eater(self.meal_date));
        Ok(Meal {
            id: MealId(self.id),
            child: ChildId(self.child_id),
            logged_by: AccountId(self.logged_by),
            logged_by_name: self.logged_by_name,
            meal_type: MealType::from_id(&self.meal_type).ok_or_else(|| odd("type"))?,
            kind: Kind::from_id(&self.kind).ok_or_else(|| odd("kind"))?,
            input_method: InputMethod::from_id(&self.input_method).ok_or_else(|| odd("input method"))?,
            when: When {
                at: self.logged_at,
                date: self.meal_date,
            },
            local_time: local_time(self.logged_at, zone),
            created_at: self.created_at,
            raw_input: self.raw_input,
            notes: self.notes,
            state: AnalysisState::from_id(&self.analysis_state).ok_or_else(|| odd("state"))?,
            analysis,
            stamps: self.stamps.0,
            disputed: self.disputed,
        })
    }
}

/// `HH:MM` there.
fn local_time(at: DateTime<Utc>, zone: Tz) -> String {
    zone::time(at, zone).format("%H:%M").to_string()
}

/// `select … from meals` with the columns of [`Row`], and what follows.
macro_rules! select_meals {
    ($rest:tt, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            $crate::meals::Row,
            r#"
            select id,
                   child_id,
                   logged_by,
                   logged_by_name,
                   meal_type::text as "meal_type!",
                   kind::text as "kind!",
                   input_method::text as "input_method!",
                   logged_at,
                   meal_date,
                   created_at,
                   raw_input,
                   notes,
                   analysis_state::text as "analysis_state!",
                   gpt_analysis as "analysis: sqlx::types::Json<domain::analysis::Analysis>",
                   field_stamps as "stamps: sqlx::types::Json<domain::change::FieldStamps>",
                   disputed
            from meals
            "# + $rest,
            $($argument),+
        )
    };
}
pub(crate) use select_meals;

/// One meal.
///
/// # Errors
/// [`ServiceError::NotFound`], also for another family's, and for one that was deleted.
pub async fn get(tx: &mut Tx, child: ChildId, meal: MealId) -> Result<Meal, ServiceError> {
    let child = children::get(tx, child).await?;
    find(tx, &child, meal).await?.ok_or(ServiceError::NotFound)
}

/// One meal of a child that is known already; `None` where there is none, or it was deleted.
///
/// # Errors
/// [`ServiceError::Unavailable`] when the database is away.
pub async fn find(tx: &mut Tx, child: &Child, meal: MealId) -> Result<Option<Meal>, ServiceError> {
    select_meals!("where child_id = $1 and id = $2", child.id.0, meal.0)
        .fetch_optional(tx.connection())
        .await?
        .map(|row| row.meal(children::zone(child), |date| child.eater(date)))
        .transpose()
}

/// A meal that was deleted, as it last was.
///
/// # Errors
/// [`ServiceError::Unavailable`] when the database is away.
pub async fn deleted(tx: &mut Tx, child: ChildId, meal: MealId) -> Result<Option<Meal>, ServiceError> {
    let state = sqlx::query_scalar!(
        r#"
        select state as "state: Json<Meal>"
        from tombstones
        where child_id = $1
          and id = $2
          and noun = 'meal'
        "#,
        child.0,
        meal.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(state.map(|Json(meal)| meal))
}

/// Some meals of a child, in the order they were eaten.
#[derive(Clone, Debug, PartialEq)]
pub struct MealPage {
    pub meals: Vec<Meal>,
    /// Where the next page begins: hand it in as `after`. `None` on the last page.
    pub next: Option<Cursor>,
}

/// A place between two meals. It stays where it is when meals come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    date: NaiveDate,
    at: DateTime<Utc>,
    id: Uuid,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}_{}", self.date, self.at.timestamp_micros(), self.id)
    }
}

impl std::str::FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let mut parts = text.splitn(3, '_');
        let mut part = || parts.next().ok_or(NoCursor);
        let (date, at, id) = (part()?, part()?, part()?);
        let cursor = Self {
            date: date.parse().map_err(|_| NoCursor)?,
            at: at
                .parse()
                .ok()
                .and_then(DateTime::from_timestamp_micros)
                .ok_or(NoCursor)?,
            id: id.parse().map_err(|_| NoCursor)?,
        };
        // Only what we gave out: nothing that PostgreSQL cannot keep.
        let plausible =
            (1..=9999).contains(&cursor.date.year()) && (cursor.at.date_naive() - cursor.date).num_days().abs() <= 1;
        if !plausible || cursor.to_string() != text {
            return Err(NoCursor);
        }
        Ok(cursor)
    }
}

/// A text that is no [`Cursor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no cursor")]
pub struct NoCursor;

/// The meals from the date `from` to the date `to`, both included, at most `most` of them (1 to
/// 200), beginning after the place `after`.
///
/// # Errors
/// [`ServiceError::NotFound`] for a child one cannot see.
pub async fn range(
    tx: &mut Tx,
    child: ChildId,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    after: Option<Cursor>,
    most: u32,
) -> Result<MealPage, ServiceError> {
    let child = children::get(tx, child).await?;
    let most = most.clamp(1, 200);
    // One more than asked for tells whether there is a next page.
    let mut meals = select_meals!(
        r#"where child_id = $1
             and meal_date between coalesce($2::date, '-infinity') and coalesce($3::date, 'infinity')
             and ($4::date is null or (meal_date, logged_at, id) > ($4, $5, $6))
           order by meal_date, logged_at, id
           limit $7"#,
        child.id.0,
        from,
        to,
        after.map(|cursor| cursor.date) as _,
        after.map(|cursor| cursor.at) as _,
        after.map(|cursor| cursor.id) as _,
        i64::from(most) + 1
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(|row| row.meal(children::zone(&child), |date| child.eater(date)))
    .collect::<Result<Vec<_>, ServiceError>>()?;
    let more = meals.len() > most as usize;
    meals.truncate(most as usize);
    let next = meals.last().filter(|_| more).map(|meal| Cursor {
        date: meal.when.date,
        at: meal.when.at,
        id: meal.id.0,
    });
    Ok(MealPage { meals, next })
}

/// One day of a child: today where `date` is `None`.
///
/// # Errors
/// [`ServiceError::NotFound`] for a child one cannot see.
pub async fn day(
    tx: &mut Tx,
    child: ChildId,
    date: impl Into<Option<NaiveDate>>,
    now: DateTime<Utc>,
) -> Result<Day, ServiceError> {
    let child = children::get(tx, child).await?;
    let zone = children::zone(&child);
    let today = children::today(&child, now);
    let date = date.into().unwrap_or(today);
    let meals = select_meals!(
        "where child_id = $1 and meal_date = $2 order by logged_at, id",
        child.id.0,
        date
    )
    .fetch_all(tx.connection())
    .await?
    .into_iter()
    .map(|row| row.meal(zone, |date| child.eater(date)))
    .collect::<Result<_, ServiceError>>()?;
    Ok(Day {
        today,
        viewer: tx.account()?,
        child,
        date,
        meals,
    })
}

/// Some days of a child's history, the latest first.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPage {
    pub days: Vec<DaySummary>,
    /// Where the next page begins: hand it in as `before`. `None` on the last page.
    pub next: Option<NaiveDate>,
}

/// The days with a meal, the latest first, `days` of them, all before the date `before`.
///
/// # Errors
/// [`ServiceError::NotFound`] for a child one cannot see.
pub async fn history(
    tx: &mut Tx,
    child: ChildId,
    before: Option<NaiveDate>,
    days: u32,
) -> Result<HistoryPage, ServiceError> {
    let child = children::get(tx, child).await?;
    let days = days.clamp(1, 100);
    // One more than asked for tells whether there is a next page.
    let rows = sqlx::query!(
        r#"
        select meal_date,
               gpt_analysis as "analysis: Json<Analysis>"
        from meals
        where child_id = $1
          and meal_date in (
              select distinct d.meal_date
              from meals d
              where d.child_id = $1
                and ($2::date is null or d.meal_date < $2)
              order by d.meal_date desc
              limit $3
          )
        order by meal_date desc, logged_at, id
        "#,
        child.id.0,
        before,
        i64::from(days) + 1
    )
    .fetch_all(tx.connection())
    .await?;
    let mut summaries: Vec<DaySummary> = Vec::new();
    for row in rows {
        if summaries.last().is_none_or(|day| day.date != row.meal_date) {
            summaries.push(DaySummary::new(row.meal_date));
        }
        if let Some(day) = summaries.last_mut() {
            day.add(row.analysis.map(|Json(analysis)| analysis.items).unwrap_or_default());
        }
    }
    let more = summaries.len() > days as usize;
    summaries.truncate(days as usize);
    let next = summaries.last().filter(|_| more).map(|day| day.date);
    Ok(HistoryPage { days: summaries, next })
}

/// One day of the trend; `None` where no meal of it has a figure.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendDay {
    pub date: NaiveDate,
    pub calories: Option<f64>,
    pub iron_mg: Option<f64>,
}

/// The last thirty days, the earliest first: the schema document's query, in the child's zone.
///
/// # Errors
/// [`ServiceError::NotFound`] for a child one cannot see.
pub async fn trend(tx: &mut Tx, child: ChildId) -> Result<Vec<TrendDay>, ServiceError> {
    let child = children::get(tx, child).await?;
    let before = sqlx::query_scalar!(r#"select current_setting('timezone') as "zone!""#)
        .fetch_one(tx.connection())
        .await?;
    set_zone(tx, children::zone(&child).name()).await?;
    let days = sqlx::query_as!(
        TrendDay,
        r#"
        select date(logged_at) as "date!",
               sum(calories)::float8 as calories,
               sum(iron_mg)::float8 as iron_mg
        from meals
        where child_id = $1
          and logged_at >= now() - interval '30 days'
        group by date(logged_at)
        order by 1
        "#,
        child.id.0
    )
    .fetch_all(tx.connection())
    .await?;
    set_zone(tx, &before).await?;
    Ok(days)
}

/// Until the transaction ends.
async fn set_zone(tx: &mut Tx, zone: &str) -> Result<(), ServiceError> {
    sqlx::query!("select set_config('timezone', $1, true) as zone", zone)
        .fetch_one(tx.connection())
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_nothing_else_passes() {
        let text = "2026-11-23_1795431600000000_01900000-0000-7000-8000-000000000001";
        assert_eq!(text.parse::<Cursor>().unwrap().to_string(), text);
        for forged in [
            "",
            "_",
            "__",
            "2026-11-23",
            "2026-11-23_0_01900000-0000-7000-8000-000000000001",
            "2026-11-23_9223372036854775807_01900000-0000-7000-8000-000000000001",
            "2026-11-23_1795431600000000_x",
            "+262142-12-31_8210266790400000000_01900000-0000-7000-8000-000000000001",
        ] {
            assert_eq!(forged.parse::<Cursor>(), Err(NoCursor), "{forged}");
        }
    }
}
