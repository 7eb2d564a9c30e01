//! Three phones with wrong clocks, one server, and a network that loses, doubles, delays and cuts what it
//! carries, while phones and server die under way.
//!
//! What must hold, whatever happens:
//!
//! 1. A change that a phone made is in the server's list of changes exactly once, or it waits on that phone with
//!    the reason why it was rejected. None is lost, none is doubled, and the list has no gap.
//! 2. A row is what its changes make of it, merged by their stamps: how they arrived does not matter.
//! 3. When everything was sent and told, all phones show the same, which is what a new phone would be told.
//! 4. What a phone shows of its own writes it shows from the moment they are made, also after it died.
//!
//! `SYNC_SEED` repeats one run, `SYNC_CHANGES` says how long it is, `SYNC_HOURS` goes on with other seeds.

mod support;

use chrono::{DateTime, Days, NaiveDateTime, TimeDelta, Utc};
use domain::change::{Change, FieldStamps, MealFields, Noun, Presence, Stamp, Writer, merge, presence};
use domain::flush::{Command, Event, Failure, Flusher, Standing};
use domain::id::{AccountId, ChangeId, ChildId, MealId};
use domain::meal::{Kind, MealType, When};
use domain::replica::{self, Entry, Known, Owner, Row};
use domain::sync::{Reply, Upload};
use domain::write::{Ground, Kept};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use support::binary::{Running, data_dir, serve};
use support::inside::Inside;
use support::random::Random;
use support::sender::{Answer, ask};
use uuid::Uuid;

const ZONE: &str = "Europe/Berlin";

/// How many changes the three phones make together.
const CHANGES: usize = 10_000;
/// How often the server is killed meanwhile.
const KILLS: usize = 20;

/// How many kinds of faults there are.
const KINDS: usize = 14;

/// Where the server is made to die.
const PLACES: [&str; 10] = [
    "before the lock",
    "after the lock",
    "before the row",
    "after the row",
    "after the tombstone",
    "after the change's line",
    "between two changes",
    "after the changes",
    "before the commit",
    "before the answer",
];

const MEALS: [&str; 8] = [
    "half a banana",
    "2 tbsp porridge with milk",
    "120 ml breast milk",
    "a boiled egg, not the yolk",
    "40 g carrot puree",
    "zorbles",
    "toast with peanut butter",
    "1 tsp honey",
];

/// What survives a phone that dies: everything here is written at once or not at all.
#[derive(Clone, Debug)]
struct Disk {
    owner: Owner,
    known: BTreeMap<ChildId, Known>,
    rows: BTreeMap<(ChildId, MealId), Row>,
    queue: Vec<Entry>,
    next: u64,
}

struct Phone {
    name: &'static str,
    cookie: String,
    /// How wrong its clock is.
    wrong_by: TimeDelta,
    disk: Disk,
    flusher: Flusher,
}

/// A request on its way: what it says, and who waits for the answer.
#[derive(Clone)]
struct Letter {
    phone: usize,
    attempt: u64,
    upload: Upload,
}

struct World<'a> {
    dir: &'a Path,
    server: Option<Running>,
    phones: Vec<Phone>,
    children: Vec<ChildId>,
    random: Random,
    /// Every change that was made.
    made: BTreeSet<ChangeId>,
    /// Requests that will arrive when nobody waits for them any more.
    late: Vec<Letter>,
    /// Replies that will.
    found: Vec<(usize, u64, Reply)>,
    kills: usize,
    /// The network and the machines are well again.
    calm: bool,
    /// So many faults there were, by kind.
    faults: BTreeMap<&'static str, usize>,
}

fn local(at: DateTime<Utc>) -> NaiveDateTime {
    let zone = services::zone::parse(ZONE).expect("a zone");
    services::zone::date(at, zone).and_time(services::zone::time(at, zone))
}

#[expect(clippy::disallowed_methods, reason = "a phone has a clock")]
fn real_now() -> DateTime<Utc> {
    Utc::now()
}

fn headers(cookie: &str) -> [(&str, &str); 3] {
    [
        ("Cookie", cookie),
        ("Sec-Fetch-Site", "same-origin"),
        ("Content-Type", "application/json"),
    ]
}

/// A session of its own for an account, which is made if it is not there.
fn sign_in(address: &str, email: &str, new: bool) -> String {
    let page = if new { "sign_up" } else { "sign_in" };
    let form = format!("email={email}&password=plums+and+porridge&first_name={}", &email[..3]);
    let headers = [
        ("Sec-Fetch-Site", "same-origin"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "application/json"),
    ];
    let answer = ask(address, "POST", &format!("/api/account/{page}"), &headers, &form).expect("an answer");
    let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default();
    assert!(cookie.contains('='), "{page}: {} {}", answer.status, answer.body);
    cookie.to_owned()
}

impl Disk {
    /// An empty one, and the first thing it is told.
    fn new(address: &str, cookie: &str) -> Self {
        let account = ask(address, "GET", "/api/v1/account", &headers(cookie), "").expect("an answer");
        let account: serde_json::Value = serde_json::from_str(&account.body).expect("an account");
        let id: AccountId = account["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let upload = replica::upload(id, &[], []);
        let reply = post(address, cookie, &upload).expect("a reply");
        let mut disk = Self {
            owner: Owner {
                account: reply.account.clone(),
                offset_ms: 0,
            },
            known: BTreeMap::new(),
            rows: BTreeMap::new(),
            queue: Vec::new(),
            next: 1,
        };
        disk.keep(&upload, &reply);
        disk
    }

    fn upload(&self) -> Upload {
        let known = self.known.iter().map(|(child, known)| (*child, known.seq));
        replica::upload(self.owner.account.id, &self.queue, known)
    }

    /// Whether something is left to send or to be told.
    fn keep(&mut self, sent: &Upload, reply: &Reply) -> (bool, bool) {
        let update = replica::answered(reply, sent, &self.queue, &self.known);
        self.queue.retain(|entry| !update.done.contains(&entry.number));
        for (number, reason) in update.rejected {
            let entry = self.queue.iter_mut().find(|entry| entry.number == number);
            entry.expect("it is in the queue").rejected = Some(reason);
        }
        for gone in &update.gone {
            self.known.remove(gone);
        }
        let goes = |child: &ChildId| update.gone.contains(child) || update.whole.contains(child);
        self.rows.retain(|(child, _), _| !goes(child));
        for known in update.children {
            self.known.insert(known.child.id, known);
        }
        for (id, kept) in update.told {
            self.rows.entry(id).or_default().told = Some(kept);
        }
        for id in update.touched {
            if let Some(row) = self.rows.get(&id) {
                let again = self.shown_again(id, row.told.clone(), reply.now);
                self.rows.insert(id, again);
            }
        }
        self.rows.retain(|_, row| row.shown().is_some());
        (update.more, update.retry)
    }

    fn shown_again(&self, id: (ChildId, MealId), told: Option<Kept>, now: DateTime<Utc>) -> Row {
        let Some(known) = self.known.get(&id.0) else {
            return Row { told, shown: None };
        };
        let waiting = self.queue.iter().filter(|e| e.row() == id && e.rejected.is_none());
        replica::shown_again(told, waiting.map(|entry| &entry.change), &self.ground(known, now))
    }

    fn ground<'a>(&'a self, known: &'a Known, now: DateTime<Utc>) -> Ground<'a> {
        Ground {
            account: self.owner.account.id,
            writer: &self.owner.account.first_name,
            child: known.child.id,
            born: known.child.profile.date_of_birth,
            allergies: &known.child.profile.allergies,
            foods: services::foods::built_in(),
            now,
            local: &local,
        }
    }
}

impl Phone {
    fn clock(&self) -> DateTime<Utc> {
        real_now() + self.wrong_by
    }

    /// What it takes for the server's time.
    fn now(&self) -> DateTime<Utc> {
        self.disk.owner.time(self.clock())
    }

    /// Everything but what is on its disk is gone.
    fn dies(&mut self) {
        self.flusher = Flusher::default();
    }
}

/// One request; `None` where no reply came, or none that makes sense.
fn post(address: &str, cookie: &str, upload: &Upload) -> Option<Reply> {
    let body = serde_json::to_string(upload).expect("JSON");
    reply(&ask(address, "POST", "/api/v1/sync", &headers(cookie), &body).ok()?)
}

fn reply(answer: &Answer) -> Option<Reply> {
    assert!(
        [200, 400, 503].contains(&answer.status),
        "{}: {}",
        answer.status,
        answer.body
    );
    serde_json::from_str(&answer.body).ok().filter(|_| answer.status == 200)
}

impl<'a> World<'a> {
    /// A family of two children: one parent with two phones, the other with one, who may write for both.
    fn new(dir: &'a Path, server: Running, seed: u64) -> Self {
        let address = server.address.clone();
        let email = |who: &str| format!("{who}{}%40example.org", Uuid::new_v4().simple());
        let (ada, ben) = (email("ada"), email("ben"));
        let cookies = [
            sign_in(&address, &ada, true),
            sign_in(&address, &ada, false),
            sign_in(&address, &ben, true),
        ];
        let children: Vec<ChildId> = (0..2).map(|_| ChildId(Uuid::new_v4())).collect();
        let born = local(real_now()).date() - Days::new(400);
        for child in &children {
            let profile = format!(
                r#"{{"name": "Pip", "date_of_birth": "{born}", "sex": "female", "time_zone": "{ZONE}", "allergies": ["egg"]}}"#
            );
            let path = format!("/api/v1/children/{child}");
            let made = ask(&address, "PUT", &path, &headers(&cookies[0]), &profile).expect("an answer");
            assert_eq!(made.status, 201, "{}", made.body);
        }
        let mut inside = Inside::open(dir);
        for child in &children {
            inside.run(&format!(
                "insert into caregiver_links (id, child_id, primary_user_id, caregiver_user_id, invited_email, \
                 expires_at, permissions, status, responded_at) \
                 select gen_random_uuid(), c.id, c.user_id, u.id, u.email, now(), \
                 '{{\"read\": true, \"write\": true}}', 'accepted', now() \
                 from children c, users u where c.id = '{child}' and u.email = '{}'",
                ben.replace("%40", "@")
            ));
        }
        // Now and then the database has an error of its own for a change, whichever it is: the server has to
        // say "not now" of it, and of what follows for its child, and take the others.
        inside.run(
            "create sequence if not exists bad_days; alter sequence bad_days restart; \
             create or replace function bad_day() returns trigger language plpgsql security definer as $$ begin \
             if nextval('bad_days') % 97 = 0 then raise 'a bad day'; end if; return new; end $$; \
             create or replace trigger bad_day before insert on changes for each row execute function bad_day()",
        );
        inside.close();
        let wrong = [TimeDelta::days(-3), TimeDelta::hours(5), TimeDelta::zero()];
        let phones = ["Ada's phone", "Ada's tablet", "Ben's phone"]
            .into_iter()
            .zip(cookies)
            .zip(wrong)
            .map(|((name, cookie), wrong_by)| Phone {
                name,
                disk: Disk::new(&address, &cookie),
                cookie,
                wrong_by,
                flusher: Flusher::default(),
            })
            .collect();
        Self {
            dir,
            server: Some(server),
            phones,
            children,
            random: Random(seed),
            made: BTreeSet::new(),
            late: Vec::new(),
            found: Vec::new(),
            kills: 0,
            calm: false,
            faults: BTreeMap::new(),
        }
    }

    fn address(&self) -> String {
        self.server.as_ref().map(|s| s.address.clone()).expect("a server")
    }

    /// True so many times in a thousand while the weather is bad; counted.
    fn fault(&mut self, kind: &'static str, in_thousand: u64) -> bool {
        let happens = !self.calm && self.random.chance(in_thousand);
        if happens {
            self.count(kind);
        }
        happens
    }

    fn count(&mut self, kind: &'static str) {
        *self.faults.entry(kind).or_default() += 1;
    }

    fn seen(&self, kind: &str) -> usize {
        self.faults.get(kind).copied().unwrap_or_default()
    }

    /// The database is well again, too.
    fn clears(&mut self) {
        if ask(&self.address(), "GET", "/health/ready", &[], "").is_err() {
            self.bury_server();
        }
        let mut inside = Inside::open(self.dir);
        inside.run("drop trigger bad_day on changes; drop function bad_day(); drop sequence bad_days");
        inside.close();
    }

    /// `changes` are made, sent, and told to everybody.
    fn lives(&mut self, changes: usize, kills: usize) -> Result<(), String> {
        while self.made.len() < changes {
            // The next one once the last has happened.
            let deaths = self.seen("the server dies");
            if deaths == self.kills && self.kills < kills && self.made.len() * kills > self.kills * changes {
                self.kill();
            }
            let phone = self.random.below(self.phones.len() as u64) as usize;
            // A few at a time, as people do, or while the phone is out of reach for a while.
            for _ in 0..=self.random.below(6) {
                self.writes(phone)?;
            }
            if self.fault("a phone dies", 20) {
                self.phones[phone].dies();
            }
            if !self.fault("a phone stays out of reach", 300) {
                self.flushes(phone)?;
            }
            self.late_post()?;
        }
        self.calm = true;
        self.clears();
        while !self.late.is_empty() || !self.found.is_empty() {
            self.late_post()?;
        }
        for round in 0.. {
            let mut busy = false;
            for phone in 0..self.phones.len() {
                let before = self.phones[phone].disk.upload();
                self.flushes(phone)?;
                if self.phones[phone].flusher.standing() != Standing::UpToDate {
                    return Err(format!(
                        "{} stands at {:?} in fair weather",
                        self.phones[phone].name,
                        self.phones[phone].flusher.standing()
                    ));
                }
                busy |= before != self.phones[phone].disk.upload();
            }
            if !busy {
                break;
            }
            if round > 20 {
                return Err("there is always more to send".to_owned());
            }
        }
        self.holds()
    }

    /// Somebody logs, mends, deletes or brings back a meal.
    fn writes(&mut self, at: usize) -> Result<(), String> {
        let child = *self.random.pick(&self.children.clone()).expect("children");
        let phone = &self.phones[at];
        let Some(known) = phone.disk.known.get(&child) else {
            return Ok(());
        };
        let now = phone.now();
        let rows: Vec<_> = phone.disk.rows.keys().filter(|(of, _)| *of == child).copied().collect();
        let new = rows.is_empty() || self.random.chance(if rows.len() < 300 { 80 } else { 0 });
        let id = if new {
            (
                child,
                MealId(Uuid::from_u128(
                    u128::from(self.random.next()) << 64 | u128::from(self.random.next()),
                )),
            )
        } else {
            *self.random.pick(&rows).expect("rows")
        };
        let row = phone.disk.rows.get(&id).cloned().unwrap_or_default();
        let gone = row.shown().is_some_and(|kept| kept.deleted);
        let day = now - TimeDelta::hours(self.random.below(20 * 24) as i64);
        let when = When {
            at: day,
            date: local(day).date(),
        };
        let text = |random: &mut Random| random.pick(&MEALS).map(|text| (*text).to_owned());
        let mut fields = MealFields::default();
        match self.random.below(12) {
            _ if new => {
                fields.raw_input = text(&mut self.random);
                fields.when = Some(when);
            }
            0 | 1 => fields.deleted = Some(!gone),
            2 | 3 => fields.raw_input = text(&mut self.random),
            4 => fields.when = Some(when),
            5 => fields.kind = self.random.pick(Kind::ALL).copied(),
            6 => fields.meal_type = self.random.pick(MealType::ALL).copied(),
            // What the server will not have, whatever the phone thinks.
            7 if self.random.chance(100) => fields.notes = Some("x".repeat(3_000)),
            _ => fields.notes = Some(format!("note {}", self.random.below(1_000))),
        }
        let refused_later = fields.notes.as_ref().is_some_and(|notes| notes.len() > 2_000);
        let change = Change {
            id: ChangeId(Uuid::from_u128(
                u128::from(self.random.next()) << 64 | u128::from(self.random.next()),
            )),
            child,
            noun: Noun::Meal { row: id.1, fields },
            stamp: replica::stamp(&row, now),
        };
        let after = match replica::written(&row, &change, &phone.disk.ground(known, now)) {
            Ok(after) => after,
            // An app that is broken sends it all the same.
            Err(_) if refused_later => row,
            Err(why) => return Err(format!("a phone cannot write {change:?}: {why:?}")),
        };
        let disk = &mut self.phones[at].disk;
        if after.shown().is_some() {
            disk.rows.insert(id, after);
        }
        self.made.insert(change.id);
        disk.queue.push(Entry {
            number: disk.next,
            account: disk.owner.account.id,
            change,
            rejected: None,
        });
        disk.next += 1;
        self.shows(at, id)
    }

    /// That a phone shows of a row what the server told and what waits for it.
    fn shows(&self, at: usize, id: (ChildId, MealId)) -> Result<(), String> {
        let disk = &self.phones[at].disk;
        let waits = |entry: &&Entry| entry.row() == id && entry.rejected.is_none();
        let Some(Noun::Meal { fields, .. }) = disk.queue.iter().rfind(waits).map(|entry| &entry.change.noun) else {
            return Ok(());
        };
        let Some(shown) = disk.rows.get(&id).and_then(Row::shown) else {
            // Only a child who is gone, or what never could be written.
            return Ok(());
        };
        let said = fields.notes.as_ref().filter(|notes| notes.len() <= 2_000);
        match said {
            Some(notes) if shown.meal.notes != *notes => Err(format!(
                "{} shows {:?} where {notes:?} was written last",
                self.phones[at].name, shown.meal.notes
            )),
            _ => Ok(()),
        }
    }

    /// The phone is nudged and does what it can.
    fn flushes(&mut self, at: usize) -> Result<(), String> {
        let mut events = vec![Event::Leads(true), Event::Unblocked];
        while let Some(event) = events.pop() {
            let jitter = self.random.below(1_000) as f64 / 1_000.0;
            let phone = &mut self.phones[at];
            let now = phone.clock();
            for command in phone.flusher.on(event, now, jitter) {
                if self.fault("a phone dies under way", 10) {
                    self.phones[at].dies();
                    return Ok(());
                }
                match command {
                    Command::Read => events.push(Event::Read(self.phones[at].disk.upload())),
                    Command::Send(attempt, upload) => {
                        let letter = Letter {
                            phone: at,
                            attempt,
                            upload,
                        };
                        events.push(self.carry(letter)?);
                    }
                    Command::Keep(sent, reply) => {
                        if self.fault("a disk is full", 20) {
                            events.push(Event::NotKept { full: true });
                            continue;
                        }
                        let phone = &mut self.phones[at];
                        phone.disk.owner.offset_ms = (reply.now - phone.clock()).num_milliseconds();
                        let (more, retry) = phone.disk.keep(&sent, &reply);
                        if retry {
                            self.count("the server cannot take a change now");
                        }
                        for outcome in &reply.outcomes {
                            let row = sent.changes.iter().find(|change| change.id == outcome.change);
                            if let Some(Change {
                                child,
                                noun: Noun::Meal { row, .. },
                                ..
                            }) = row
                            {
                                self.shows(at, (*child, *row))?;
                            }
                        }
                        events.push(Event::Kept { more, retry });
                    }
                    // It is tried again when it is its turn.
                    Command::WakeAt(..) | Command::Show => {}
                }
            }
        }
        Ok(())
    }

    /// The network, on a bad day.
    fn carry(&mut self, letter: Letter) -> Result<Event, String> {
        let failed = Event::Failed(letter.attempt, Failure::Unreachable);
        if self.fault("a request is lost", 40) {
            return Ok(failed);
        }
        if self.fault("a request is late", 30) {
            self.late.push(letter);
            return Ok(failed);
        }
        let address = self.address();
        let cookie = self.phones[letter.phone].cookie.clone();
        if self.fault("a request is cut short", 30) {
            let body = serde_json::to_string(&letter.upload).expect("JSON");
            let cut = &body[..self.random.below(body.len() as u64) as usize];
            if let Ok(answer) = ask(&address, "POST", "/api/v1/sync", &headers(&cookie), cut) {
                assert!(reply(&answer).is_none(), "half a request was taken: {cut}");
            }
            return Ok(failed);
        }
        let mut answer = post(&address, &cookie, &letter.upload);
        if self.fault("a request comes twice", 40) && self.server.is_some() {
            answer = post(&address, &cookie, &letter.upload).or(answer);
        }
        let Some(reply) = answer else {
            self.bury_server();
            return Ok(failed);
        };
        if self.fault("a reply is lost", 40) {
            return Ok(failed);
        }
        if self.fault("a reply is cut short", 20) {
            let text = serde_json::to_string(&reply).expect("JSON");
            let cut = &text[..self.random.below(text.len() as u64) as usize];
            assert!(serde_json::from_str::<Reply>(cut).is_err(), "half a reply is one");
            return Ok(failed);
        }
        if self.fault("a reply is late", 30) {
            self.found.push((letter.phone, letter.attempt, reply));
            return Ok(failed);
        }
        if self.fault("a reply comes twice", 30) {
            self.found.push((letter.phone, letter.attempt, reply.clone()));
        }
        Ok(Event::Answered(letter.attempt, reply))
    }

    /// What was late arrives.
    fn late_post(&mut self) -> Result<(), String> {
        if !self.late.is_empty() && (self.calm || self.random.chance(300)) {
            let at = self.random.below(self.late.len() as u64) as usize;
            let letter = self.late.swap_remove(at);
            let cookie = self.phones[letter.phone].cookie.clone();
            match post(&self.address(), &cookie, &letter.upload) {
                Some(reply) => self.found.push((letter.phone, letter.attempt, reply)),
                None => self.bury_server(),
            }
        }
        if !self.found.is_empty() && (self.calm || self.random.chance(300)) {
            let at = self.random.below(self.found.len() as u64) as usize;
            let (phone, attempt, reply) = self.found.swap_remove(at);
            let now = self.phones[phone].clock();
            let commands = self.phones[phone].flusher.on(Event::Answered(attempt, reply), now, 0.0);
            if commands.iter().any(|command| !matches!(command, Command::Show)) {
                return Err("a reply that nobody waits for was taken".to_owned());
            }
        }
        Ok(())
    }

    /// The server dies at the next place of that name it comes to.
    fn kill(&mut self) {
        let place = self.random.pick(&PLACES).expect("a place");
        std::fs::write(self.dir.join("fault"), place).expect("a file");
        self.kills += 1;
    }

    /// A server that did not answer has died; another one takes its place.
    fn bury_server(&mut self) {
        if let Some(server) = self.server.take() {
            assert!(!server.ended_well(), "the server did not answer and did not die");
        }
        let _ = std::fs::remove_file(self.dir.join("fault"));
        self.server = Some(start(self.dir));
        self.count("the server dies");
    }

    /// Whether what must hold holds.
    fn holds(&mut self) -> Result<(), String> {
        let mut inside = Inside::open(self.dir);
        let mut listed: BTreeSet<ChangeId> = BTreeSet::new();
        let mut merged: BTreeMap<(ChildId, MealId), (MealFields, FieldStamps)> = BTreeMap::new();
        for child in &self.children {
            let lines = inside.lines(child.0);
            for (at, line) in lines.iter().enumerate() {
                if line.seq != at as i64 + 1 {
                    return Err(format!("a gap before {} of {child}", line.seq));
                }
                if !listed.insert(ChangeId(line.id)) {
                    return Err(format!("{} is listed twice", line.id));
                }
                let fields: MealFields = serde_json::from_value(line.fields.clone()).map_err(|e| e.to_string())?;
                let (row, stamps) = merged.entry((*child, MealId(line.row))).or_default();
                let stamp = Stamp {
                    by: Writer::Parent,
                    at: line.stamp,
                    change: ChangeId(line.id),
                };
                merge(row, stamps, fields, stamp);
            }
        }
        inside.close();
        let rejected: BTreeSet<ChangeId> = self
            .phones
            .iter()
            .flat_map(|phone| &phone.disk.queue)
            .filter(|entry| entry.rejected.is_some())
            .map(|entry| entry.change.id)
            .collect();
        if let Some(both) = listed.intersection(&rejected).next() {
            return Err(format!("{both} is written and rejected"));
        }
        let accounted: BTreeSet<ChangeId> = listed.union(&rejected).copied().collect();
        if let Some(lost) = self.made.difference(&accounted).next() {
            return Err(format!("{lost} is lost"));
        }
        if let Some(foreign) = accounted.difference(&self.made).next() {
            return Err(format!("nobody made {foreign}"));
        }

        let fresh = Disk::new(&self.address(), &self.phones[0].cookie);
        for ((child, id), (fields, stamps)) in &merged {
            let told = fresh.rows.get(&(*child, *id)).and_then(|row| row.told.as_ref());
            if presence(fields, stamps) == Presence::Deleted {
                if told.is_some() {
                    return Err(format!("{id} was deleted and is there"));
                }
                continue;
            }
            let Some(Kept { meal, .. }) = told else {
                return Err(format!("{id} is silently gone"));
            };
            let same = fields.raw_input.as_deref().unwrap_or_default() == meal.raw_input
                && fields.notes.as_deref().unwrap_or_default() == meal.notes
                && fields.when.is_none_or(|when| when == meal.when)
                && fields.kind.is_none_or(|kind| kind == meal.kind)
                && fields.meal_type.is_none_or(|meal_type| meal_type == meal.meal_type)
                && (presence(fields, stamps) == Presence::Disputed) == meal.disputed;
            if !same {
                return Err(format!("{id} is {meal:?}, and its changes make {fields:?}"));
            }
        }
        for phone in &self.phones {
            let shown = |disk: &Disk| -> BTreeMap<(ChildId, MealId), Kept> {
                let shown = disk
                    .rows
                    .iter()
                    .filter_map(|(id, row)| Some((*id, row.shown()?.clone())));
                shown.filter(|(_, kept)| !kept.deleted).collect()
            };
            let (theirs, fresh) = (shown(&phone.disk), shown(&fresh));
            if let Some((id, kept)) = theirs.iter().find(|(id, kept)| fresh.get(id) != Some(kept)) {
                return Err(format!(
                    "{} shows {kept:?}, a new phone {:?}",
                    phone.name,
                    fresh.get(id)
                ));
            }
            if let Some(missing) = fresh.keys().find(|id| !theirs.contains_key(id)) {
                return Err(format!("{} does not show {missing:?}", phone.name));
            }
        }
        Ok(())
    }
}

/// A server that dies at the place whose name is in the file `fault`.
fn start(dir: &Path) -> Running {
    let mut command = serve(dir);
    command
        .env("TINYTUMMY_FAULT", dir.join("fault"))
        .env("TINYTUMMY_DEFAULT_TIER", "premium");
    Running::start_as(command)
}

/// One run; on failure the shortest that fails too, as far as halving finds it.
fn run(dir: &Path, server: Running, seed: u64, changes: usize, kills: usize) -> Running {
    let attempt = |server: Running, changes: usize| -> (Running, Result<BTreeMap<&str, usize>, String>) {
        let mut world = World::new(dir, server, seed);
        let lived = world.lives(changes, kills);
        let _ = std::fs::remove_file(dir.join("fault"));
        let faults = std::mem::take(&mut world.faults);
        let server = world.server.take().expect("a server");
        (server, lived.map(|()| faults))
    };
    let (mut server, lived) = attempt(server, changes);
    match lived {
        Ok(faults) => {
            // A test of nothing would go well, too. A short run may be too short for some.
            if changes >= CHANGES {
                assert_eq!(faults.get("the server dies"), Some(&kills), "{faults:?}");
                assert_eq!(faults.len(), KINDS, "{faults:?}");
            }
            // Past the harness, which keeps what a test prints of one that goes well.
            let _ = writeln!(std::io::stderr(), "seed {seed}: {changes} changes, {faults:?}");
            server
        }
        Err(mut why) => {
            let mut shortest = changes;
            let mut step = changes / 2;
            while step > 0 && shortest > 1 {
                let shorter = shortest - step.min(shortest - 1);
                let (again, lived) = attempt(server, shorter);
                server = again;
                match lived {
                    Err(also) => {
                        shortest = shorter;
                        why = also;
                    }
                    Ok(_) => step /= 2,
                }
            }
            panic!("{why}\nAgain: SYNC_SEED={seed} SYNC_CHANGES={shortest} (of {changes})");
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn three_phones_and_a_bad_network_lose_nothing_and_agree_in_the_end() {
    let dir = data_dir();
    let mut server = start(dir.path());
    let mut seed = number("SYNC_SEED").unwrap_or(20_261_124);
    let changes = number("SYNC_CHANGES").map_or(CHANGES, |changes| changes as usize);
    let until = number("SYNC_HOURS").map(|hours| real_now() + TimeDelta::hours(hours as i64));
    server = run(dir.path(), server, seed, changes, KILLS);
    while until.is_some_and(|until| real_now() < until) {
        seed += 1;
        server = run(dir.path(), server, seed, changes, KILLS);
    }
    server.stop();
}
