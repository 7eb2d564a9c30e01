//! Families, made through the doors that everybody uses.

use crate::CONNECTIONS;
use crate::load::{Answer, Ask, Connection};
use anyhow::{Context as _, ensure};
use axum::http::StatusCode;
use axum::http::header::{LOCATION, SET_COOKIE};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::net::SocketAddr;

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
        Ok(Self { child, cookie, today })
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
