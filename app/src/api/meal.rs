//! Logging a meal, mending it, taking it away and bringing it back.

use crate::error::AppError;
use crate::wire::Json;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::analysis::Analysis;
use domain::analysis::Eater;
use domain::change::MealFields;
use domain::child::Child;
use domain::field::{Field, Refusal};
use domain::food::{FoodId, Table};
use domain::id::{AccountId, ChangeId, MealId};
use domain::meal::{InputMethod, Kind, Meal, MealType, Past, When};
use domain::reading;
use domain::reading::{Row, RowForm};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[cfg(feature = "ssr")]
use {
    crate::form::Refused,
    crate::request,
    domain::change::{Change, Noun},
    domain::id::ChildId,
    leptos::server_fn::ServerFn,
};

/// What the meal form starts from: a new meal, a stored one, or one that came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MealForm {
    /// Who writes: what they have half typed is nobody else's to see.
    pub viewer: AccountId,
    pub child: Child,
    /// The stored meal, when one is being mended.
    pub stored: Option<Meal>,
    pub meal: MealId,
    /// The id of the write this form makes: sent twice, it is one write.
    pub change: ChangeId,
    pub raw_input: String,
    pub rows: Vec<Row>,
    /// Other foods each row may mean, for those who cannot search as they type.
    pub choices: Vec<Vec<(FoodId, String)>>,
    pub analysis: Analysis,
    pub kind: Kind,
    pub meal_type: MealType,
    pub notes: String,
    /// Local date where the child lives.
    pub date: String,
    /// Local time where the child lives, `HH:MM`.
    pub time: String,
    pub today: NaiveDate,
}

/// Who asks for a form, and what its address says of a new meal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) viewer: AccountId,
    /// A past day may be asked for; a day to come has no meals yet.
    pub(crate) date: &'a str,
    /// To begin with.
    pub(crate) text: &'a str,
}

impl MealForm {
    /// The form of a stored meal, or of a new one. `local` is what the clock shows where the child lives; without
    /// `foods` the text is not read yet.
    pub(crate) fn begun(
        child: Child,
        stored: Option<Meal>,
        asked: Asked<'_>,
        now: DateTime<Utc>,
        local: impl Fn(DateTime<Utc>) -> NaiveDateTime,
        foods: Option<&Table>,
        new_id: impl Fn() -> Uuid,
    ) -> Self {
        let (now, change) = (local(now), ChangeId(new_id()));
        let today = now.date();
        let time = |at: NaiveDateTime| at.format("%H:%M").to_string();
        if let Some(meal) = stored {
            let at = local(meal.when.at);
            return Self {
                viewer: asked.viewer,
                meal: meal.id,
                change,
                raw_input: meal.raw_input.clone(),
                rows: reading::rows(&meal.analysis),
                choices: Vec::new(),
                analysis: meal.analysis.clone(),
                kind: meal.kind,
                meal_type: meal.meal_type,
                notes: meal.notes.clone(),
                date: at.date().to_string(),
                time: time(at),
                today,
                stored: Some(meal),
                child,
            };
        }
        let date = domain::day::date(asked.date).map_or(today, |date| date.min(today));
        // What is too long to be saved is shown as it is, for the parent to shorten.
        let fits = asked.text.chars().count() <= domain::meal::MOST_TEXT;
        let analysis = foods
            .filter(|_| fits)
            .map(|foods| domain::analysis::analyse(asked.text, foods, &child.eater(date)))
            .unwrap_or_default();
        Self {
            viewer: asked.viewer,
            stored: None,
            meal: MealId(new_id()),
            change,
            rows: reading::rows(&analysis),
            raw_input: asked.text.to_owned(),
            choices: Vec::new(),
            analysis,
            kind: Kind::Food,
            meal_type: MealType::at(now.time()),
            notes: String::new(),
            date: date.to_string(),
            time: time(now),
            today,
            child,
        }
    }
}

/// The form of a new meal (`meal` empty) or of a stored one. A new one may begin with a `text` that
/// another app shared: it is read, and saved only when the parent saves.
#[server(endpoint = "meals/form", output = Json)]
pub async fn load_meal(
    child: String,
    #[server(default)] meal: String,
    #[server(default)] date: String,
    #[server(default)] text: String,
) -> Result<MealForm, AppError> {
    let id: ChildId = child.parse().map_err(|_| AppError::NotFound)?;
    let (mut tx, _) = request::look().await?;
    let child = services::children::get(&mut tx, id).await?;
    let stored = match meal.as_str() {
        "" if !child.may_write => return Err(AppError::ReadOnly),
        "" => None,
        meal => {
            let meal = meal.parse().map_err(|_| AppError::NotFound)?;
            let stored = services::meals::find(&mut tx, &child, meal).await?;
            Some(stored.ok_or(AppError::NotFound)?)
        }
    };
    let viewer = tx.account()?;
    drop(tx);

    let zone = services::children::zone(&child);
    let form = MealForm::begun(
        child,
        stored,
        Asked {
            viewer,
            date: &date,
            text: &text,
        },
        request::now(),
        |at| at.with_timezone(&zone).naive_local(),
        Some(request::site().foods),
        request::new_id,
    );
    let mut form = match use_context::<Refused>().filter(|refused| refused.function == SaveMeal::PATH) {
        Some(refused) => came_back(form, &refused),
        None => form,
    };
    /// Enough to hold what was meant, few enough to be read.
    const CHOICES: usize = 12;
    let foods = request::site().foods;
    form.choices = form
        .rows
        .iter()
        .map(|row| {
            domain::analysis::alternatives(&row.portion.phrase, &row.portion.food, foods, CHOICES)
                .into_iter()
                .map(|food| (food.id(), food.name().to_owned()))
                .collect()
        })
        .collect();
    Ok(form)
}

/// The form with what the parent had typed into it, read once more.
#[cfg(feature = "ssr")]
fn came_back(mut form: MealForm, refused: &Refused) -> MealForm {
    let typed = |name: &str| refused.value(name).unwrap_or_default().to_owned();
    form.raw_input = typed("raw_input");
    form.notes = typed("notes");
    form.date = typed("date");
    form.time = typed("time");
    form.kind = Kind::from_id(&typed("kind")).unwrap_or(form.kind);
    form.meal_type = MealType::from_id(&typed("meal_type")).unwrap_or(form.meal_type);
    // The same ids: the parent who sends it again sends the same meal.
    form.meal = typed("meal").parse().unwrap_or(form.meal);
    form.change = typed("change").parse().unwrap_or(form.change);
    let rows = typed_rows(refused);
    let eater = form.child.eater(form.date.parse().unwrap_or(form.today));
    if form.raw_input.chars().count() <= domain::meal::MOST_TEXT {
        let (rows, analysis) = read_rows(
            &form.raw_input,
            &typed("read_from"),
            rows,
            &typed("remove"),
            &typed("answer"),
            request::site().foods,
            &eater,
        );
        form.rows = rows;
        form.analysis = analysis;
    }
    form
}

/// The rows of a returned form; one with a weight that is none keeps its old weight.
#[cfg(feature = "ssr")]
fn typed_rows(refused: &Refused) -> Vec<Row> {
    let mut forms = std::collections::BTreeMap::<usize, RowForm>::new();
    for (name, value) in &refused.typed {
        let Some((index, key)) = name
            .strip_prefix("items[")
            .and_then(|rest| rest.split_once("]["))
            .and_then(|(index, key)| Some((index.parse::<usize>().ok()?, key.strip_suffix(']')?)))
        else {
            continue;
        };
        let form = forms.entry(index).or_default();
        match key {
            "phrase" => form.phrase.clone_from(value),
            "food" => form.food.clone_from(value),
            "was_food" => form.was_food.clone_from(value),
            "grams" => form.grams.clone_from(value),
            "was_grams" => form.was_grams.clone_from(value),
            "how" => form.how.clone_from(value),
            "amount" => form.amount.clone_from(value),
            "confidence" => form.confidence.clone_from(value),
            "edited" => form.edited.clone_from(value),
            "removed" => form.removed.clone_from(value),
            _ => {}
        }
    }
    forms
        .into_values()
        .filter_map(|form| {
            form.row()
                .or_else(|_| {
                    RowForm {
                        grams: form.was_grams.clone(),
                        ..form.clone()
                    }
                    .row()
                })
                .ok()
        })
        .collect()
}

/// The rows and the analysis that a form stands for: the text is read again where it is
/// not the text the rows came from.
fn read_rows(
    text: &str,
    read_from: &str,
    mut rows: Vec<Row>,
    remove: &str,
    answer: &str,
    foods: &Table,
    eater: &Eater,
) -> (Vec<Row>, Analysis) {
    if let Some(row) = remove.parse::<usize>().ok().and_then(|index| rows.get_mut(index)) {
        row.removed = true;
    }
    if let Some((index, grams)) = answer.split_once(':')
        && let (Ok(index), Ok(grams)) = (index.parse::<usize>(), grams.parse::<f64>())
        && let Some(row) = rows.iter_mut().filter(|row| !row.removed).nth(index)
    {
        row.set_grams(grams);
    }
    let mut not_understood = Vec::new();
    if !text.trim().is_empty() {
        let fresh = domain::analysis::analyse(text, foods, eater);
        not_understood.clone_from(&fresh.not_understood);
        // A textarea turns line ends into CRLF on its way.
        if rows.is_empty() || text.replace('\r', "").trim() != read_from.replace('\r', "").trim() {
            rows = reading::reread(&rows, &fresh);
        }
    }
    let mut analysis = domain::analysis::describe(&reading::portions(&rows), foods, eater);
    analysis.not_understood = not_understood;
    (rows, analysis)
}

/// When something was eaten, as the form has it; `instant` knows the child's time zone.
///
/// # Errors
/// No date, no time, or one that is still to come.
pub(crate) fn local_when(
    date: &str,
    time: &str,
    now: DateTime<Utc>,
    instant: impl FnOnce(NaiveDateTime) -> Result<When, Refusal>,
) -> Result<When, AppError> {
    let refuse = |message: &str| AppError::from(Refusal::new(Field::When, message));
    let date = date
        .parse::<NaiveDate>()
        .map_err(|_| refuse("Please give the day as year-month-day."))?;
    let time = chrono::NaiveTime::parse_from_str(time, "%H:%M")
        .or_else(|_| chrono::NaiveTime::parse_from_str(time, "%H:%M:%S"))
        .map_err(|_| refuse("Please give the time as hours and minutes, such as 18:30."))?;
    let when = instant(date.and_time(time))?;
    // A few minutes of grace: two clocks in one house rarely agree.
    if when.at > now + chrono::TimeDelta::minutes(10) {
        return Err(refuse("That is in the future. Log it once it has been eaten."));
    }
    Ok(when)
}

/// What a form says of a meal, as it was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    pub(crate) raw_input: &'a str,
    pub(crate) read_from: &'a str,
    pub(crate) items: &'a [RowForm],
    pub(crate) kind: &'a str,
    pub(crate) meal_type: &'a str,
    pub(crate) notes: &'a str,
}

impl Said<'_> {
    /// The fields to write: of a stored meal, those that differ.
    ///
    /// # Errors
    /// What cannot be kept, or has to be asked about.
    pub(crate) fn fields(
        self,
        child: &Child,
        stored: Option<&Meal>,
        when: When,
        foods: &Table,
    ) -> Result<MealFields, AppError> {
        let text = |field, typed: &str| domain::field::text(field, &typed.replace('\r', ""), domain::meal::MOST_TEXT);
        let raw_input = text(Field::RawInput, self.raw_input)?;
        let notes = text(Field::Notes, self.notes)?;
        let rows = self.items.iter().map(RowForm::row).collect::<Result<Vec<_>, _>>()?;
        let (rows, analysis) = read_rows(&raw_input, self.read_from, rows, "", "", foods, &child.eater(when.date));
        if raw_input.is_empty() && analysis.items.is_empty() {
            return Err(Refusal::new(
                Field::RawInput,
                "Please type what was eaten, such as \u{201c}half a banana\u{201d}, or add a food.",
            )
            .into());
        }
        reading::ask(&rows, &analysis)?;
        let fields = MealFields {
            raw_input: Some(raw_input),
            items: Some(reading::portions(&rows)),
            not_understood: Some(analysis.not_understood),
            when: Some(when),
            meal_type: MealType::from_id(self.meal_type),
            kind: Kind::from_id(self.kind),
            notes: Some(notes),
            input_method: Some(InputMethod::Text),
            deleted: None,
        };
        Ok(match stored {
            Some(stored) => fields.unlike(stored),
            None => fields,
        })
    }
}

/// Saves a new meal or a mended one. `then` is `read` to be shown the reading first, for
/// those without JavaScript.
#[server(endpoint = "meals/save")]
pub async fn save_meal(
    child: String,
    meal: String,
    change: String,
    #[server(default)] raw_input: String,
    #[server(default)] read_from: String,
    #[server(default)] items: Vec<RowForm>,
    #[server(default)] kind: String,
    #[server(default)] meal_type: String,
    #[server(default)] date: String,
    #[server(default)] time: String,
    #[server(default)] notes: String,
    #[server(default)] then: String,
    #[server(default)] remove: String,
    #[server(default)] answer: String,
) -> Result<(), AppError> {
    let id: ChildId = child.parse().map_err(|_| AppError::NotFound)?;
    let row: MealId = meal.parse().map_err(|_| AppError::Malformed)?;
    let change: ChangeId = change.parse().map_err(|_| AppError::Malformed)?;
    if then == "read" || !remove.is_empty() || !answer.is_empty() {
        return Err(AppError::NotYet);
    }
    let site = request::site();
    let (mut tx, _) = request::begin().await?;
    let child = services::children::get(&mut tx, id).await?;
    let stored = services::meals::find(&mut tx, &child, row).await?;
    let when = local_when(&date, &time, request::now(), |local| {
        services::zone::when(local, &child.profile.time_zone)
    })?;
    let said = Said {
        raw_input: &raw_input,
        read_from: &read_from,
        items: &items,
        kind: &kind,
        meal_type: &meal_type,
        notes: &notes,
    };
    let fields = said.fields(&child, stored.as_ref(), when, site.foods)?;
    let change = Change {
        id: change,
        child: id,
        noun: Noun::Meal { row, fields },
        stamp: request::now(),
    };
    let applied = services::changes::apply(&mut tx, &change, site.foods, request::now()).await?;
    if applied.already {
        // The answer to it was lost, and the form may have been mended since: what it says now counts.
        let fields = said.fields(&child, Some(&applied.meal), when, site.foods)?;
        if fields != MealFields::default() {
            let again = Change {
                id: services::id::change(request::now()),
                noun: Noun::Meal { row, fields },
                ..change
            };
            services::changes::apply(&mut tx, &again, site.foods, request::now()).await?;
        }
    }
    tx.commit().await?;
    leptos_axum::redirect(&format!("/children/{id}/days/{}", when.date));
    Ok(())
}

/// A meal, and every write to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MealPast {
    pub meal: Meal,
    pub past: Vec<Past>,
}

#[server(endpoint = "meals/past", output = Json)]
pub async fn load_past(child: String, meal: String) -> Result<MealPast, AppError> {
    let child = child.parse().map_err(|_| AppError::NotFound)?;
    let meal = meal.parse().map_err(|_| AppError::NotFound)?;
    let (mut tx, _) = request::look().await?;
    let child = services::children::get(&mut tx, child).await?;
    let meal = services::meals::find(&mut tx, &child, meal)
        .await?
        .ok_or(AppError::NotFound)?;
    let mut past = services::changes::past(&mut tx, &child, &meal).await?;
    // A food that was picked from the table came without words.
    let foods = request::site().foods;
    let items = past.iter_mut().filter_map(|past| past.fields.items.as_mut()).flatten();
    for item in items.filter(|item| item.phrase.is_empty()) {
        if let Some(food) = foods.get(&item.food) {
            item.phrase = food.name().to_owned();
        }
    }
    Ok(MealPast { meal, past })
}

/// Takes a meal away; the day it was on offers to bring it back.
#[server(endpoint = "meals/delete")]
pub async fn delete_meal(child: String, meal: String, #[server(default)] change: String) -> Result<(), AppError> {
    let (id, row, date) = set_deleted(&child, &meal, &change, true).await?;
    leptos_axum::redirect(&format!("/children/{id}/days/{date}?deleted={row}"));
    Ok(())
}

#[server(endpoint = "meals/restore")]
pub async fn restore_meal(child: String, meal: String, #[server(default)] change: String) -> Result<(), AppError> {
    let (id, _, date) = set_deleted(&child, &meal, &change, false).await?;
    leptos_axum::redirect(&format!("/children/{id}/days/{date}"));
    Ok(())
}

#[cfg(feature = "ssr")]
async fn set_deleted(
    child: &str,
    meal: &str,
    change: &str,
    deleted: bool,
) -> Result<(ChildId, MealId, NaiveDate), AppError> {
    let child: ChildId = child.parse().map_err(|_| AppError::NotFound)?;
    let row: MealId = meal.parse().map_err(|_| AppError::NotFound)?;
    let change = Change {
        // A form of its own button brings none: deleting twice is deleting.
        id: change.parse().unwrap_or_else(|_| ChangeId(request::new_id())),
        child,
        noun: Noun::Meal {
            row,
            fields: MealFields {
                deleted: Some(deleted),
                ..MealFields::default()
            },
        },
        stamp: request::now(),
    };
    let (mut tx, _) = request::begin().await?;
    let applied = services::changes::apply(&mut tx, &change, request::site().foods, request::now()).await?;
    tx.commit().await?;
    Ok((child, row, applied.meal.when.date))
}
