//! What a change makes of the row it writes: the same on the server and on a phone without a
//! connection, so that what a parent sees at once is what is stored later.

use crate::allergen::Allergen;
use crate::analysis::{self, Analysis, Eater};
use crate::change::{FieldStamps, MealFields, Presence, Stamp, Writer, merge, presence, restamped};
use crate::child::eater;
use crate::field::{Field, Refusal};
use crate::food::Table;
use crate::id::{AccountId, ChangeId, ChildId, MealId};
use crate::meal::{AnalysisState, InputMethod, Kind, Meal, MealType, Portion, When};
use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::panic::AssertUnwindSafe;

/// How far ahead of the clock a meal may be: a phone's is seldom right, and a meal prepared for
/// tonight is a plan.
const MOST_AHEAD: TimeDelta = TimeDelta::days(1);

/// A meal as it is kept, or as it was when it was deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    pub meal: Meal,
    pub deleted: bool,
}

/// What a write stands on besides the row: who writes, for whom, when.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub account: AccountId,
    /// What the account is called: kept with the meal, for when the account is gone.
    pub writer: &'a str,
    pub child: ChildId,
    pub born: NaiveDate,
    pub allergies: &'a [Allergen],
    pub foods: &'a Table,
    pub now: DateTime<Utc>,
    /// What the calendar and the clock on the wall show where the child lives.
    pub local: &'a (dyn Fn(DateTime<Utc>) -> NaiveDateTime + Sync),
}

impl std::fmt::Debug for Ground<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ground")
            .field("account", &self.account)
            .field("child", &self.child)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// Why nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwritable {
    /// A field cannot be kept as it is.
    Refused(Refusal),
    /// An edit of a meal that is not there.
    Missing,
}

impl From<Refusal> for Unwritable {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What became of the row.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The meal as it now stands; when it is deleted, as it last was.
    pub meal: Meal,
    pub presence: Presence,
    /// What was said, made storable, with the date where the child lives.
    pub fields: MealFields,
    /// The stamp it was merged with.
    pub at: DateTime<Utc>,
    /// The analyser broke; the words are kept without an analysis.
    pub broke: bool,
}

impl Written {
    pub fn kept(self) -> Kept {
        Kept {
            deleted: self.presence == Presence::Deleted,
            meal: self.meal,
        }
    }
}

/// The meal `row` after `fields` are written to it, by a parent at `stamp`. A stamp that runs
/// ahead of `ground.now` is set back to it.
///
/// # Errors
/// [`Unwritable`]; the row stays as it was.
pub fn write(
    stored: Option<Kept>,
    row: MealId,
    fields: MealFields,
    change: ChangeId,
    stamp: DateTime<Utc>,
    ground: &Ground<'_>,
) -> Result<Written, Unwritable> {
    let fields = ground.located(checked(fields)?)?;
    // As PostgreSQL keeps it.
    let at = restamped(stamp.max(DateTime::UNIX_EPOCH), ground.now.trunc_subsecs(6)).trunc_subsecs(6);
    let stamp = Stamp {
        by: Writer::Parent,
        at,
        change,
    };
    let mut stored = match stored {
        Some(kept) => Stored::new(kept),
        None if fields.deleted == Some(true) || says_what(&fields) => ground.blank(row),
        // Nothing was said of what was eaten: either it is a new meal without one, or an edit of
        // a meal that is not there.
        None if fields.raw_input.is_some() => {
            return Err(Refusal::new(Field::RawInput, "Please type what your child ate or drank.").into());
        }
        None => return Err(Unwritable::Missing),
    };
    if empties(&fields, &stored) {
        return Err(Refusal::new(Field::RawInput, "Please type what was eaten, or delete the meal.").into());
    }
    let read = read(&fields, ground, &ground.eater(&stored));
    let said = fields.clone();
    merge(&mut stored.fields, &mut stored.meal.stamps, fields, stamp);
    if let Some(read) = read {
        let by_model = Stamp {
            by: Writer::Model,
            ..stamp
        };
        merge(&mut stored.fields, &mut stored.meal.stamps, read, by_model);
    }
    let presence = presence(&stored.fields, &stored.meal.stamps);
    let eater = ground.eater(&stored);
    let (mut meal, broke) = derived(stored, ground, &eater);
    meal.disputed = presence == Presence::Disputed;
    Ok(Written {
        meal,
        presence,
        fields: said,
        at,
        broke,
    })
}

/// Whether a meal is there, seen from what is kept of it.
pub fn presence_of(kept: Kept) -> Presence {
    let stored = Stored::new(kept);
    presence(&stored.fields, &stored.meal.stamps)
}

impl Ground<'_> {
    /// The fields with the date that the instant has where the child lives. A client computes it
    /// too, to show it; here it is decided.
    fn located(&self, mut fields: MealFields) -> Result<MealFields, Refusal> {
        if let Some(when) = &mut fields.when {
            if when.at > self.now + MOST_AHEAD {
                return Err(Refusal::new(
                    Field::When,
                    "That is in the future. Please choose when it was eaten.",
                ));
            }
            when.at = when.at.trunc_subsecs(6);
            when.date = (self.local)(when.at).date();
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
    fn blank(&self, row: MealId) -> Stored {
        let now = self.now.trunc_subsecs(6);
        let meal = Meal {
            id: row,
            child: self.child,
            logged_by: self.account,
            logged_by_name: self.writer.to_owned(),
            meal_type: MealType::Snack,
            kind: Kind::Food,
            input_method: InputMethod::Text,
            when: When {
                at: now,
                date: (self.local)(now).date(),
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
        let mut stored = Stored::new(Kept { meal, deleted: false });
        // Until somebody says it, it follows from the time.
        stored.fields.meal_type = None;
        stored
    }

    /// Who ate, on the day of the meal.
    fn eater(&self, stored: &Stored) -> Eater {
        let date = stored.fields.when.map_or(stored.meal.when.date, |when| when.date);
        eater(self.born, self.allergies, date)
    }
}

/// A meal, and its mergeable fields beside it.
struct Stored {
    meal: Meal,
    fields: MealFields,
}

impl Stored {
    fn new(Kept { meal, deleted }: Kept) -> Self {
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
            // A disputed meal was deleted, and stays.
            deleted: if deleted || meal.disputed {
                Some(true)
            } else {
                undeleted
            },
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
fn read(fields: &MealFields, ground: &Ground<'_>, eater: &Eater) -> Option<MealFields> {
    let text = fields.raw_input.as_deref().filter(|_| fields.items.is_none())?;
    let analysis = unbroken(|| analysis::analyse(text, ground.foods, eater))?;
    Some(MealFields {
        items: Some(analysis.items.into_iter().map(|item| item.portion).collect()),
        not_understood: Some(analysis.not_understood),
        ..MealFields::default()
    })
}

/// The meal that follows from the fields, and whether the analyser broke over it.
fn derived(stored: Stored, ground: &Ground<'_>, eater: &Eater) -> (Meal, bool) {
    let Stored { mut meal, fields } = stored;
    meal.raw_input = fields.raw_input.unwrap_or_default();
    meal.notes = fields.notes.unwrap_or_default();
    meal.when = fields.when.unwrap_or(meal.when);
    meal.kind = fields.kind.unwrap_or(meal.kind);
    meal.input_method = fields.input_method.unwrap_or(meal.input_method);
    let local = (ground.local)(meal.when.at).time();
    meal.local_time = local.format("%H:%M").to_string();
    meal.meal_type = fields.meal_type.unwrap_or_else(|| MealType::at(local));
    let portions: Vec<Portion> = fields.items.unwrap_or_default();
    let not_understood = fields.not_understood.unwrap_or_default();
    // A meal is never lost to its analysis: one that breaks leaves the words and says so.
    let described = unbroken(|| analysis::describe(&portions, ground.foods, eater));
    let broke = described.is_none();
    let mut analysis = described.unwrap_or_default();
    let nothing_found = analysis.items.is_empty() && (!not_understood.is_empty() || !meal.raw_input.is_empty());
    if broke {
        analysis.not_understood = not_understood;
    } else {
        analysis.lacks(not_understood);
    }
    meal.analysis = analysis;
    meal.state = if broke || nothing_found {
        AnalysisState::Failed
    } else {
        AnalysisState::Analysed
    };
    (meal, broke)
}

/// The result, or `None` where a fault in the analyser would have taken the entry with it. Where a
/// panic ends the program, as in a browser, it does so here too.
fn unbroken<T>(work: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(AssertUnwindSafe(work)).ok()
}
