//! Families, made through the doors that everybody uses.

use crate::CONNECTIONS;
use crate::load::{Answer, Ask, Connection};
use anyhow::{Context as _, ensure};
use axum::http::StatusCode;
use axum::http::header::{LOCATION, SET_COOKIE};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::analysis::Eater;
use domain::change::{Change, MealFields, Noun};
use domain::id::{AccountId, ChildId};
use domain::meal::{Portion, When};
use domain::sync::{PROTOCOL, Reply, Upload};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};

const PASSWORD: &str = "plums and porridge";

const MEALS: [&str; 6] = [
    "half a banana, 2 tbsp oatmeal and 60 ml breast milk",
    "1 slice of toast with butter, 3 strawberries",
    "120 ml formula",
    "50 g cooked carrots, 30 g chicken breast, 1 tsp olive oil",
    "2 tbsp lentils, 1/4 avocado and some rice",
    "100 g plain yogurt with blueberries",
];

/// A parent who is signed in, with one child.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) child: String,
    pub(crate) cookie: String,
    today: NaiveDate,
    account: AccountId,
    /// How many changes its phone has written: the number of the last one it knows.
    known: AtomicI64,
}

fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "the edge: a client has a clock")]
    Utc::now()
}

fn post(page: &str, function: &str, cookie: &str, fields: &[(&str, &str)]) -> Ask {
    let mut all = vec![("_fn", function)];
    all.extend_from_slice(fields);
    Ask {
        accept: "text/html",
        ..Ask::function(page, cookie, &all)
    }
}

fn session(answer: &Answer) -> anyhow::Result<String> {
    ensure!(
        answer.status() == StatusCode::SEE_OTHER,
        "answered {}: {}",
        answer.status(),
        String::from_utf8_lossy(answer.body())
    );
    let cookie = answer.headers().get(SET_COOKIE).context("a session")?.to_str()?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

impl Family {
    /// Signs up so many, adds their children and signs in.
    pub(crate) async fn make(address: SocketAddr, families: usize) -> anyhow::Result<Vec<Self>> {
        ensure!(families >= CONNECTIONS, "each connection has a family of its own");
        let mut connection = Connection::open(address).await?;
        let mut made = Vec::new();
        for number in 0..families {
            made.push(Self::one(&mut connection, number).await?);
        }
        Ok(made)
    }

    async fn one(connection: &mut Connection, number: usize) -> anyhow::Result<Self> {
        let today = now().date_naive();
        let born = today - Days::new(500);
        // Each from its own home, as far as a throttle can tell.
        let home = format!("10.0.{}.{}", number / 250, number % 250 + 1);
        let email = format!("parent{number}@example.org");
        let who = [("email", email.as_str()), ("password", PASSWORD), ("first_name", "Ada")];
        let signed_up = post("/sign-up", "/api/account/sign_up", "", &who);
        let cookie = session(&connection.ask_from(&home, signed_up).await?)?;
        let child = [
            ("name", "Bo"),
            ("date_of_birth", &*born.to_string()),
            ("sex", "female"),
            ("time_zone", "UTC"),
        ];
        let added = connection
            .ask_from(&home, post("/new-child", "/api/child/save", &cookie, &child))
            .await?;
        let child = added
            .headers()
            .get(LOCATION)
            .context("the child's page")?
            .to_str()?
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        let signed_in = post("/sign-in", "/api/account/sign_in", "", &who[..2]);
        let cookie = session(&connection.ask_from(&home, signed_in).await?)?;
        let account = connection
            .ask(Ask {
                post: false,
                path: "/api/v1/account".to_owned(),
                ..Ask::function("", &cookie, &[])
            })
            .await?;
        let account: serde_json::Value = serde_json::from_slice(account.body())?;
        let account = account["id"].as_str().context("an account")?.parse()?;
        Ok(Self {
            child,
            cookie,
            today,
            account,
            known: AtomicI64::new(0),
        })
    }

    /// Hears how many changes there are.
    pub(crate) async fn catches_up(&self, connection: &mut Connection) -> anyhow::Result<()> {
        let upload = Upload {
            changes: Vec::new(),
            known: BTreeMap::new(),
            ..self.upload(0, 0)?
        };
        let ask = Ask {
            encoding: "identity",
            ..Ask::sync(&self.cookie, &upload)
        };
        let answer = connection.ask(ask).await?;
        let reply: Reply = serde_json::from_slice(answer.body())?;
        let seq = reply.children.first().context("its child")?.seq;
        self.known.store(seq, Ordering::Relaxed);
        Ok(())
    }

    /// So many meals that were logged offline, read on the phone.
    pub(crate) fn upload(&self, changes: usize, turn: usize) -> anyhow::Result<Upload> {
        let child: ChildId = self.child.parse()?;
        let now = now();
        // Read once: a phone does that, and here it would take time from the server.
        static READ: LazyLock<Vec<(&str, Vec<Portion>)>> = LazyLock::new(|| {
            let read = |words| domain::analysis::analyse(words, services::foods::built_in(), &Eater::default());
            let portions = |words| read(words).items.into_iter().map(|item| item.portion).collect();
            MEALS.iter().map(|words| (*words, portions(words))).collect()
        });
        let read = &*READ;
        let change = |number: usize| {
            let (words, items) = &read[number % read.len()];
            let at =
                now - TimeDelta::days(1) - TimeDelta::hours(i64::try_from(turn + number).unwrap_or_default() % 800);
            let fields = MealFields {
                raw_input: Some((*words).to_owned()),
                items: Some(items.clone()),
                when: Some(When {
                    at,
                    date: at.date_naive(),
                }),
                ..MealFields::default()
            };
            Change {
                id: services::id::change(now),
                child,
                noun: Noun::Meal {
                    row: services::id::meal(now),
                    fields,
                },
                stamp: now,
            }
        };
        let written = i64::try_from(changes)?;
        let known = self.known.fetch_add(written, Ordering::Relaxed);
        Ok(Upload {
            protocol: PROTOCOL,
            account: self.account,
            changes: (0..changes).map(change).collect(),
            known: BTreeMap::from([(child, known)]),
        })
    }

    /// Logs the meals that today's page shows.
    pub(crate) async fn eats_today(&self, address: SocketAddr) -> anyhow::Result<()> {
        let mut connection = Connection::open(address).await?;
        for words in MEALS {
            let answer = connection.ask(self.saves(words, self.today, "00:00")).await?;
            ensure!(answer.status() == StatusCode::OK, "a meal was refused: {answer:?}");
        }
        Ok(())
    }

    /// Another meal, on one of the days before.
    pub(crate) fn saves_a_meal(&self, turn: usize) -> Ask {
        let days = u64::try_from(turn % 300).unwrap_or_default();
        self.saves(MEALS[turn % MEALS.len()], self.today - Days::new(1 + days), "12:30")
    }

    fn saves(&self, words: &str, date: NaiveDate, time: &str) -> Ask {
        let now = now();
        let fields = [
            ("child", self.child.as_str()),
            ("meal", &*services::id::meal(now).to_string()),
            ("change", &*services::id::change(now).to_string()),
            ("raw_input", words),
            ("date", &*date.to_string()),
            ("time", time),
        ];
        Ask::function("/api/meals/save", &self.cookie, &fields)
    }
}
