//! `make bench`: what the release server does in a second, beside what PostgreSQL can do at most, in
//! one run on one cluster. The load generator shares the machine's cores with both.

mod family;
mod load;
mod postgres;
mod process;
mod table;
mod trend;

use anyhow::Context as _;
use axum::http::StatusCode;
use domain::sync::MOST_CHANGES;
use family::Family;
use load::{Ask, Connection, Load};
use postgres::Cluster;
use process::Running;
use std::net::SocketAddr;
use std::time::Duration;
use table::Table;
use tokio::time::Instant;

/// As many as pgbench gets clients.
pub(crate) const CONNECTIONS: usize = 32;

/// How much is measured.
struct Plan {
    families: usize,
    /// Of logging and pgbench, in turns.
    rounds: usize,
    round: Duration,
    /// Meals in the database when the trend is asked for.
    trend: &'static [usize],
    trends: usize,
    restarts: usize,
}

const WHOLE: Plan = Plan {
    families: 128,
    rounds: 2,
    round: Duration::from_secs(20),
    trend: &[200_000, 2_000_000],
    trends: 2000,
    restarts: 5,
};

const QUICK: Plan = Plan {
    families: 64,
    rounds: 1,
    round: Duration::from_secs(4),
    trend: &[200_000],
    trends: 500,
    restarts: 2,
};

fn main() -> anyhow::Result<()> {
    let quick = std::env::var_os("QUICK").is_some_and(|quick| !quick.is_empty());
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(async {
            let mut table = Table::default();
            let done = measure(if quick { &QUICK } else { &WHOLE }, &mut table).await;
            // Also of a bench that broke: what was measured before is measured.
            table.print()?;
            done
        })
}

fn say(what: &str) {
    use std::io::Write as _;
    // A closed standard error has nobody to tell.
    let _ = writeln!(std::io::stderr(), "bench: {what} …");
}

async fn measure(plan: &Plan, table: &mut Table) -> anyhow::Result<()> {
    let cluster = Cluster::prepare().await?;

    say("starting the server");
    let server = Running::start(cluster.environment())?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle = server.memory()?;

    say("families sign up and in");
    let families = Family::make(server.address, plan.families).await?;
    let writers = &families;
    let readers = &families[..CONNECTIONS];
    for family in readers {
        family.eats_today(server.address).await?;
    }

    let seconds = plan.round;
    let save = |worker: usize, turn: usize| {
        let own = writers.len() / CONNECTIONS;
        writers[worker * own + turn % own].saves_a_meal(turn)
    };
    load::run(server.address, Duration::from_secs(2), save).await?;
    let (mut meals, mut rows) = (Load::default(), Load::default());
    cluster.ready_pgbench().await?;
    let row_bytes = cluster.row_bytes().await?;
    for round in 1..=plan.rounds {
        say(&format!("logging meals, round {round}"));
        meals.join(load::run(server.address, seconds, save).await?);
        say(&format!("pgbench, round {round}"));
        rows.join(cluster.pgbench(seconds, row_bytes)?);
    }
    table.section("Writing, 32 connections");
    table.load("A meal logged", &meals);
    table.load(&format!("pgbench: one row of {row_bytes} bytes"), &rows);
    table.line(
        "Meals to rows",
        &format!("{:.2}", meals.per_second() / rows.per_second()),
        "aim: 0.33",
    );

    say("phones that were offline");
    sync(server.address, writers, seconds, table).await?;

    table.section("Reading, 32 connections, six meals on the day");
    for (name, ask) in [
        ("Today's page", Ask::page as fn(&Family) -> Ask),
        ("Today's page, brotli", Ask::packed_page),
        ("Day and totals, JSON", Ask::day),
    ] {
        say(name);
        let read = |worker: usize, _| ask(&readers[worker]);
        load::run(server.address, Duration::from_secs(1), read).await?;
        table.load(name, &load::run(server.address, seconds, read).await?);
    }
    let loaded = server.memory()?;

    table.section("The server");
    table.line("Memory when idle", &megabytes(idle.now), "");
    table.line(
        "Memory under load",
        &megabytes(loaded.now),
        &format!("at most {}", megabytes(loaded.peak)),
    );
    let first = load::first_load(server.address, &readers[0]).await?;
    for (name, bytes, note) in first {
        table.line(&name, &format!("{:.1} kB", bytes as f64 / 1000.0), note);
    }
    server.stop()?;
    say("starting and stopping with the private PostgreSQL");
    let ready = process::ready(plan.restarts)?;
    table.line(
        "Ready, the first time",
        &format!("{} ms", ready.first.as_millis()),
        "makes its PostgreSQL",
    );
    table.line(
        "Ready, later",
        &format!("{} ms", ready.later.as_millis()),
        "median, with its PostgreSQL",
    );

    table.section("The 30-day trend through Tx, one asker");
    for &meals in plan.trend {
        say(&format!("filling in {meals} meals"));
        let families = trend::fill(&cluster, meals)
            .await
            .context("the meals could not be filled in")?;
        say("asking for trends");
        let asked = trend::ask(&cluster, &families, plan.trends).await?;
        table.load(&format!("The document's, {meals} meals"), &asked.document);
        table.load(&format!("services::meals::trend, {meals}"), &asked.service);
    }
    Ok(())
}

/// 32 phones that each send ten meals at a time, and one that was away for a fortnight.
async fn sync(address: SocketAddr, families: &[Family], time: Duration, table: &mut Table) -> anyhow::Result<()> {
    const AT_ONCE: usize = 10;
    const AWAY: usize = 500;
    let mut connection = Connection::open(address).await?;
    for family in families {
        family.catches_up(&mut connection).await?;
    }
    let own = families.len() / CONNECTIONS;
    let ask = |worker: usize, turn: usize| {
        let family = &families[worker * own + turn % own];
        let upload = family.upload(AT_ONCE, turn).expect("a family's own ids");
        Ask::sync(&family.cookie, &upload)
    };
    let load = load::run(address, time, ask).await?;
    table.section("Sync, 32 phones, ten meals at a time, each told of what it wrote");
    table.load("An upload", &load);
    let changes = load.per_second() * AT_ONCE as f64;
    table.line("Changes", &format!("{changes:.0}/s"), "");
    let mut uploads = Vec::new();
    for turn in 0..AWAY / MOST_CHANGES {
        uploads.push(Ask::sync(&families[0].cookie, &families[0].upload(MOST_CHANGES, turn)?));
    }
    let began = Instant::now();
    for upload in uploads {
        let answer = connection.ask(upload).await?;
        anyhow::ensure!(answer.status() == StatusCode::OK, "an upload was refused: {answer:?}");
    }
    let took = began.elapsed();
    table.line(
        &format!("A phone sends {AWAY} entries"),
        &format!("{} ms", took.as_millis()),
        "",
    );
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}
