//! The family as this device keeps it: what pages read, and where they write.

use super::disk::{Disk, KEPT, ROWS, Refused, Write};
use super::{DAYS_A_PAGE, zone};
use crate::api::account::Home;
use crate::api::day::History;
use crate::api::meal::{Asked, MealForm, Said, SaveMeal, local_when};
use crate::error::AppError;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Utc};
use domain::change::{Change, MealFields, Noun};
use domain::child::Child;
use domain::day::{Day, DaySummary};
use domain::food::Table;
use domain::id::{AccountId, ChangeId, ChildId, MealId};
use domain::meal::{Meal, When};
use domain::replica::{self, Entry, Known, Owner, Queue, Row};
use domain::safety;
use domain::sync::{DAYS_KEPT, Reply, Upload};
use domain::write::{Ground, Kept, Unwritable};
use leptos::prelude::{set_timeout, window};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::oneshot;
use uuid::Uuid;

/// What is kept for the account that is signed in.
#[derive(Debug)]
pub(super) struct Device {
    disk: Disk,
    pub(super) account: AccountId,
}

/// What came of a reply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// Something is left to send or to be told.
    pub(super) more: bool,
    /// The server could not take something now.
    pub(super) retry: bool,
    /// Pages show something else now.
    pub(super) differs: bool,
}

/// Why a write did not happen here.
#[derive(Debug)]
pub(super) enum NotWritten {
    /// The server would not have it either.
    Refused(AppError),
    /// This device does not know the child or the meal. The server may.
    NotHere,
    /// The browser stores no more.
    Full,
}

impl From<Refused> for NotWritten {
    fn from(why: Refused) -> Self {
        leptos::logging::warn!("The device stores nothing: {why}");
        Self::Full
    }
}

impl From<AppError> for NotWritten {
    fn from(error: AppError) -> Self {
        Self::Refused(error)
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What an older or a newer release wrote and this one cannot read counts as not there.
fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// Lets the browser do what is due, or more.
pub(super) async fn pause(long: Duration) {
    let (done, due) = oneshot::channel();
    let wake = move || {
        // Nobody waits any more: the page is going.
        let _ = done.send(());
    };
    set_timeout(wake, long);
    let _ = due.await;
}

/// The clock of this device.
pub(super) fn clock() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(web_sys::js_sys::Date::now() as i64).unwrap_or_default()
}

/// A fresh id, made here.
fn new_id() -> Uuid {
    let mut random = [0; 10];
    // Every browser that runs wasm has it.
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut random);
    }
    uuid::Builder::from_unix_timestamp_millis(web_sys::js_sys::Date::now() as u64, &random).into_uuid()
}

/// A day before the JSON: see [`super::disk`].
fn dated(row: &Row) -> Option<String> {
    Some(format!("{}{}", row.shown()?.meal.when.date, json(row)))
}

/// The meal with its warnings by what is known of the child today, as the server does it.
fn as_known(mut meal: Meal, child: &Child) -> Meal {
    meal.analysis.warnings = safety::warnings(&meal.analysis.items, &child.eater(meal.when.date));
    meal
}

const DATE: usize = "2026-11-24".len();

fn undated(text: &str) -> Option<Row> {
    read(text.get(DATE..)?)
}

impl Device {
    /// What is kept for `account`; whatever is kept for others goes, but their queue.
    pub(super) async fn of(disk: Disk, account: AccountId, is_new: bool) -> Result<Self, Refused> {
        let device = Self { disk, account };
        if is_new {
            device.wipe().await?;
        }
        Ok(device)
    }

    fn key(&self, what: &str) -> String {
        format!("{what}/{}", self.account)
    }

    fn row_key(&self, (child, meal): (ChildId, MealId)) -> String {
        format!("{}/{child}/{meal}", self.account)
    }

    async fn owner(&self) -> Option<Owner> {
        read(&self.disk.get(KEPT, &self.key("owner")).await.ok()??)
    }

    /// The server's time, as far as it is known here.
    async fn now(&self) -> DateTime<Utc> {
        let clock = clock();
        self.owner().await.map_or(clock, |owner| owner.time(clock))
    }

    pub(super) async fn known(&self) -> BTreeMap<ChildId, Known> {
        let all = self.disk.all(KEPT, &format!("{}/", self.key("child")), "").await;
        all.unwrap_or_default()
            .iter()
            .filter_map(|text| read::<Known>(text))
            .map(|known| (known.child.id, known))
            .collect()
    }

    /// When the server last told of anything, by this device's clock.
    pub(super) async fn told_at(&self) -> Option<DateTime<Utc>> {
        let offset = self.owner().await?.offset_ms;
        let told = self.known().await.into_values().map(|known| known.told_at).max()?;
        Some(told - chrono::TimeDelta::milliseconds(offset))
    }

    async fn child(&self, child: &str) -> Option<Known> {
        read(
            &self
                .disk
                .get(KEPT, &format!("{}/{child}", self.key("child")))
                .await
                .ok()??,
        )
    }

    async fn row(&self, id: (ChildId, MealId)) -> Option<Row> {
        undated(&self.disk.get(ROWS, &self.row_key(id)).await.ok()??)
    }

    /// The meals of a child that are there, of one day or all.
    async fn meals(&self, child: &Child, date: Option<NaiveDate>) -> Option<Vec<Meal>> {
        let date = date.map_or_else(String::new, |date| date.to_string());
        let rows = self
            .disk
            .all(ROWS, &format!("{}/{}/", self.account, child.id), &date)
            .await
            .ok()?;
        let shown = |text: &String| {
            undated(text)?
                .shown()
                .filter(|kept| !kept.deleted)
                .map(|kept| kept.meal.clone())
        };
        let mut meals: Vec<Meal> = rows
            .iter()
            .filter_map(shown)
            .map(|meal| as_known(meal, child))
            .collect();
        meals.sort_by_key(|meal| (meal.when.at, meal.id));
        Some(meals)
    }

    pub(super) async fn queue(&self) -> Result<Queue, Refused> {
        Ok(Queue::read(self.account, self.disk.queue().await?))
    }

    pub(super) async fn home(&self) -> Option<Home> {
        let home: Home = read(&self.disk.get(KEPT, &self.key("home")).await.ok()??)?;
        let mut children: Vec<Child> = self.known().await.into_values().map(|known| known.child).collect();
        children.sort_by_key(|child| (child.profile.date_of_birth, child.id));
        // As the last answer had it: name and units may have been changed elsewhere.
        let account = self.owner().await.map(|owner| owner.account).or(home.account);
        // Before the first answer there are none; the server knows better.
        (!children.is_empty()).then_some(Home {
            account,
            children,
            ..home
        })
    }

    /// Without its children, who are kept by themselves and go when they are no longer shared.
    pub(super) async fn keep_home(&self, home: &Home) -> Result<(), Refused> {
        let home = Home {
            children: Vec::new(),
            ..home.clone()
        };
        self.disk
            .write(vec![Write::Put(KEPT, self.key("home"), json(&home))])
            .await
    }

    /// The first day whose meals are all here.
    fn first_day(today: NaiveDate) -> NaiveDate {
        today.checked_sub_days(Days::new(DAYS_KEPT - 1)).unwrap_or(today)
    }

    pub(super) async fn day(&self, child: &str, date: &str) -> Option<Day> {
        let Known { child, .. } = self.child(child).await?;
        let today = zone::local(self.now().await, &child.profile.time_zone).date();
        let date = match date {
            "" => today,
            date => domain::day::date(date)?,
        };
        if date < Self::first_day(today) {
            return None;
        }
        let meals = self.meals(&child, Some(date)).await?;
        Some(Day {
            viewer: self.account,
            date,
            today,
            meals,
            child,
        })
    }

    pub(super) async fn history(&self, child: &str, before: &str) -> Option<History> {
        let Known { child, .. } = self.child(child).await?;
        let today = zone::local(self.now().await, &child.profile.time_zone).date();
        let first = Self::first_day(today);
        let before = match before {
            "" => None,
            date => Some(domain::day::date(date)?),
        };
        let mut days: Vec<DaySummary> = Vec::new();
        for meal in self.meals(&child, None).await? {
            let date = meal.when.date;
            if date < first || before.is_some_and(|before| date >= before) {
                continue;
            }
            if days.last().is_none_or(|day| day.date != date) {
                days.push(DaySummary::new(date));
            }
            if let Some(day) = days.last_mut() {
                day.add(meal.analysis.items);
            }
        }
        // What lies further back only the server knows.
        if days.is_empty() && before.is_some() {
            return None;
        }
        days.reverse();
        days.truncate(DAYS_A_PAGE);
        let before = days.last().map(|day| day.date);
        Some(History {
            child,
            today,
            days,
            before,
        })
    }

    pub(super) async fn form(
        &self,
        child: &str,
        meal: &str,
        date: &str,
        text: &str,
        foods: Option<&Table>,
    ) -> Option<MealForm> {
        let Known { child, .. } = self.child(child).await?;
        let stored = match meal {
            "" if !child.may_write => return None,
            "" => None,
            meal => {
                let row = self.row((child.id, meal.parse().ok()?)).await?;
                let kept = row.shown().filter(|kept| !kept.deleted)?;
                Some(kept.meal.clone())
            }
        };
        let zone = child.profile.time_zone.clone();
        let stored = stored.map(|meal| as_known(meal, &child));
        let asked = Asked {
            viewer: self.account,
            date,
            text,
        };
        let now = self.now().await;
        let local = |at| zone::local(at, &zone);
        Some(MealForm::begun(child, stored, asked, now, local, foods, new_id))
    }

    /// What was logged lately in words, the latest first: to be logged again in two taps.
    pub(super) async fn recent(&self, child: &str) -> Vec<String> {
        const MOST: usize = 6;
        const LONGEST: usize = 80;
        let Some(Known { child, .. }) = self.child(child).await else {
            return Vec::new();
        };
        let mut recent: Vec<String> = Vec::new();
        for meal in self.meals(&child, None).await.unwrap_or_default().into_iter().rev() {
            let text = meal.raw_input;
            let fits = !text.is_empty() && text.chars().count() <= LONGEST && !text.contains('\n');
            if fits && !recent.contains(&text) {
                recent.push(text);
            }
            if recent.len() == MOST {
                break;
            }
        }
        recent
    }

    /// Writes the form of a meal; the date it is on.
    pub(super) async fn save(&self, sent: &SaveMeal, foods: &Table) -> Result<NaiveDate, NotWritten> {
        let known = self.child(&sent.child).await.ok_or(NotWritten::NotHere)?;
        let row: MealId = sent.meal.parse().map_err(|_| AppError::Malformed)?;
        let change: ChangeId = sent.change.parse().map_err(|_| AppError::Malformed)?;
        let zone = &known.child.profile.time_zone;
        let when = local_when(&sent.date, &sent.time, self.now().await, |local: NaiveDateTime| {
            Ok(When {
                at: zone::when(local, zone),
                date: local.date(),
            })
        })?;
        let said = Said {
            raw_input: &sent.raw_input,
            read_from: &sent.read_from,
            items: &sent.items,
            kind: &sent.kind,
            meal_type: &sent.meal_type,
            notes: &sent.notes,
        };
        let row_here = self.row((known.child.id, row)).await;
        let stored = row_here.as_ref().and_then(|row| row.shown()).map(|kept| &kept.meal);
        let fields = said.fields(&known.child, stored, when, foods)?;
        if fields != MealFields::default() {
            self.write(&known, row, change, fields, foods).await?;
        }
        Ok(when.date)
    }

    /// Takes a meal away, or brings it back; the date it is on.
    pub(super) async fn set_deleted(
        &self,
        child: &str,
        meal: &str,
        deleted: bool,
        foods: &Table,
    ) -> Result<NaiveDate, NotWritten> {
        let known = self.child(child).await.ok_or(NotWritten::NotHere)?;
        let meal: MealId = meal.parse().map_err(|_| AppError::NotFound)?;
        let fields = MealFields {
            deleted: Some(deleted),
            ..MealFields::default()
        };
        // One that is older than what is kept here is the server's.
        let row = self.row((known.child.id, meal)).await.ok_or(NotWritten::NotHere)?;
        let date = row.shown().map(|kept| kept.meal.when.date).ok_or(NotWritten::NotHere)?;
        self.write(&known, meal, ChangeId(new_id()), fields, foods).await?;
        Ok(date)
    }

    /// The change goes into the queue and onto the page, together or not at all.
    async fn write(
        &self,
        known: &Known,
        meal: MealId,
        id: ChangeId,
        fields: MealFields,
        foods: &Table,
    ) -> Result<(), NotWritten> {
        if !known.child.may_write {
            return Err(AppError::ReadOnly.into());
        }
        let owner = self.owner().await.ok_or(NotWritten::NotHere)?;
        let key = (known.child.id, meal);
        let row = self.row(key).await.unwrap_or_default();
        let now = owner.time(clock());
        let change = Change {
            id,
            child: known.child.id,
            noun: Noun::Meal { row: meal, fields },
            stamp: replica::stamp(&row, now),
        };
        let written = self.on_ground(&owner, known, foods, now, |ground| {
            replica::written(&row, &change, ground)
        });
        let row = written.map_err(|why| match why {
            Unwritable::Refused(refusal) => AppError::from(refusal),
            Unwritable::Missing => AppError::NotFound,
        })?;
        let entry = Entry {
            number: 0,
            account: self.account,
            change,
            rejected: None,
        };
        let writes = vec![Write::Append(json(&entry)), self.keep_row(key, &row)];
        Ok(self.disk.write(writes).await?)
    }

    /// What a write for this child stands on.
    fn on_ground<T>(
        &self,
        owner: &Owner,
        known: &Known,
        foods: &Table,
        now: DateTime<Utc>,
        write: impl FnOnce(&Ground<'_>) -> T,
    ) -> T {
        let (account, profile) = (&owner.account, &known.child.profile);
        write(&Ground {
            account: self.account,
            writer: domain::account::called(&account.first_name, &account.email),
            child: known.child.id,
            born: profile.date_of_birth,
            allergies: &profile.allergies,
            foods,
            now,
            local: &|at| zone::local(at, &profile.time_zone),
        })
    }

    /// Keeps a row as it is now, or forgets one of which nothing is left.
    fn keep_row(&self, id: (ChildId, MealId), row: &Row) -> Write {
        match dated(row) {
            Some(text) => Write::Put(ROWS, self.row_key(id), text),
            None => Write::Remove(ROWS, self.row_key(id)),
        }
    }

    pub(super) async fn upload(&self) -> Result<Upload, Refused> {
        Ok(self.upload_of(&self.queue().await?.entries).await)
    }

    /// The same, of a queue that was read already.
    pub(super) async fn upload_of(&self, queue: &[Entry]) -> Upload {
        let known = self.known().await.into_iter();
        replica::upload(self.account, queue, known.map(|(child, known)| (child, known.seq)))
    }

    /// Keeps what the server said, all or nothing. `at`: when it was here, by this device's clock. `None`:
    /// something waits, and cannot be written over what was told without `foods`.
    pub(super) async fn keep(
        &self,
        sent: &Upload,
        reply: &Reply,
        at: DateTime<Utc>,
        foods: Option<&Table>,
    ) -> Result<Option<Told>, Refused> {
        // So many rows at once: a page that is drawn or tapped meanwhile waits for no more.
        const AT_ONCE: usize = 16;
        let queue = self.queue().await?.entries;
        if foods.is_none() && !queue.is_empty() {
            return Ok(None);
        }
        let known = self.known().await;
        let update = replica::answered(reply, sent, &queue, &known);
        let owner = Owner {
            account: reply.account.clone(),
            offset_ms: (reply.now - at).num_milliseconds(),
        };
        let mut writes = vec![Write::Put(KEPT, self.key("owner"), json(&owner))];
        for gone in &update.gone {
            writes.push(Write::Remove(KEPT, format!("{}/{gone}", self.key("child"))));
        }
        for child in update.gone.iter().chain(&update.whole) {
            writes.push(Write::RemoveAll(ROWS, format!("{}/{child}/", self.account)));
        }
        let as_before = |news: &Known| {
            known
                .get(&news.child.id)
                .is_some_and(|before| before.child == news.child)
        };
        let differs = !update.touched.is_empty() || !update.gone.is_empty() || !update.children.iter().all(as_before);
        let mut children = known;
        for news in &update.children {
            writes.push(Write::Put(
                KEPT,
                format!("{}/{}", self.key("child"), news.child.id),
                json(news),
            ));
            children.insert(news.child.id, news.clone());
        }
        let waits = |entry: &&Entry| {
            let answered = update.done.contains(&entry.number);
            let rejected = update.rejected.iter().any(|(number, _)| *number == entry.number);
            entry.rejected.is_none() && !answered && !rejected
        };
        for (number, id) in update.touched.iter().enumerate() {
            if update.gone.contains(&id.0) {
                continue;
            }
            if number % AT_ONCE == AT_ONCE - 1 {
                pause(Duration::ZERO).await;
            }
            let told: Option<Kept> = match update.told.get(id) {
                Some(kept) => Some(kept.clone()),
                None if update.whole.contains(&id.0) => None,
                None => self.row(*id).await.and_then(|row| row.told),
            };
            let waiting = queue.iter().filter(waits).filter(|entry| entry.row() == *id);
            let row = match children.get(&id.0).zip(foods) {
                Some((known, foods)) => self.on_ground(&owner, known, foods, reply.now, |ground| {
                    replica::shown_again(told, waiting.map(|entry| &entry.change), ground)
                }),
                None => Row { told, shown: None },
            };
            writes.push(self.keep_row(*id, &row));
        }
        writes.extend(update.done.iter().map(|number| Write::RemoveEntry(*number)));
        for (number, reason) in &update.rejected {
            if let Some(entry) = queue.iter().find(|entry| entry.number == *number) {
                let entry = Entry {
                    rejected: Some(reason.clone()),
                    ..entry.clone()
                };
                writes.push(Write::PutEntry(*number, json(&entry)));
            }
        }
        self.disk.write(writes).await?;
        Ok(Some(Told {
            more: update.more,
            retry: update.retry,
            differs,
        }))
    }

    /// On the parent's word: what waits or was rejected is given up, and its row shown as the server has it; without
    /// `foods` once the server tells of it.
    pub(super) async fn discard(&self, number: u64, foods: Option<&Table>) -> Result<(), Refused> {
        let queue = self.queue().await?.entries;
        let mut writes = vec![Write::RemoveEntry(number)];
        let Some(entry) = queue.iter().find(|entry| entry.number == number) else {
            // One that could not be read, or that is gone by now.
            return self.disk.write(writes).await;
        };
        let id = entry.row();
        if let (Some(foods), Some(owner), Some(known), Some(row)) = (
            foods,
            self.owner().await,
            self.child(&id.0.to_string()).await,
            self.row(id).await,
        ) {
            let others = queue
                .iter()
                .filter(|other| other.number != number && other.row() == id && other.rejected.is_none());
            let row = self.on_ground(&owner, &known, foods, owner.time(clock()), |ground| {
                replica::shown_again(row.told, others.map(|entry| &entry.change), ground)
            });
            writes.push(self.keep_row(id, &row));
        }
        self.disk.write(writes).await
    }

    /// Everything of the family goes; the queue stays until its account returns.
    pub(super) async fn wipe(&self) -> Result<(), Refused> {
        self.disk
            .write(vec![
                Write::RemoveAll(KEPT, String::new()),
                Write::RemoveAll(ROWS, String::new()),
            ])
            .await
    }
}
