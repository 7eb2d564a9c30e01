//! A database of its own for each test, and people to put in it.

use chrono::{DateTime, Utc};
use domain::account::{Email, NewAccount, Password};
use domain::change::{Change, MealFields, Noun};
use domain::child::{Child, Profile, Sex};
use domain::entitlement::Tier;
use domain::id::{AccountId, ChangeId, ChildId, MealId};
use domain::meal::When;
use services::accounts::SignedIn;
use services::changes::{self, Applied};
use services::database::Settings;
use services::sessions::Visitor;
use services::{Database, ServiceError, Tx, accounts, children, foods};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::OnceCell;
use uuid::Uuid;

pub(crate) const OWNER: &str = "tinytummy_test_owner";
pub(crate) const APP: &str = "tinytummy_test_app";
const PASSWORD: &str = "only-for-tests";

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// The time it is in every test.
pub(crate) fn now() -> DateTime<Utc> {
    utc("2026-11-23T12:00:00Z")
}

pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Ids that tests may count on: small numbers.
pub(crate) fn uuid(number: u64) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(number))
}

pub(crate) fn fresh() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1_000_000);
    uuid(NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) struct World {
    pub(crate) db: Database,
    superuser: PgConnectOptions,
    name: String,
}

fn superuser() -> PgConnectOptions {
    std::env::var("TEST_DATABASE_URL")
        .expect("TEST_DATABASE_URL is not set: run these tests with `make test` or `tools/with-postgres cargo test`")
        .parse()
        .expect("TEST_DATABASE_URL is no PostgreSQL URL")
}

pub(crate) async fn run(connection: &mut PgConnection, sql: &str) -> u64 {
    connection
        .execute(AssertSqlSafe(sql.to_owned()))
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
        .rows_affected()
}

/// The name of a migrated database to copy; made when these migrations are new.
async fn template(superuser: &PgConnectOptions) -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let sum = MIGRATIONS
                .iter()
                .flat_map(|migration| migration.checksum.iter())
                .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
                    (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
                });
            let name = format!("tinytummy_template_{sum:016x}");
            let mut connection = superuser.connect().await.expect("TEST_DATABASE_URL answers");
            run(&mut connection, "select pg_advisory_lock(7450)").await;
            let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
                .bind(&name)
                .fetch_one(&mut connection)
                .await
                .unwrap();
            if !there {
                let owner: bool = sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
                    .bind(OWNER)
                    .fetch_one(&mut connection)
                    .await
                    .unwrap();
                if !owner {
                    run(
                        &mut connection,
                        &format!("create role {OWNER} login createrole password '{PASSWORD}'"),
                    )
                    .await;
                }
                run(
                    &mut connection,
                    &format!("drop database if exists {name}_new with (force)"),
                )
                .await;
                run(&mut connection, &format!("create database {name}_new owner {OWNER}")).await;
                let inside = superuser.clone().database(&format!("{name}_new"));
                run(&mut inside.connect().await.unwrap(), "create extension vector").await;
                Database::prepare(&role(&inside, OWNER), &role(&inside, APP))
                    .await
                    .unwrap();
                run(&mut connection, &format!("alter database {name}_new rename to {name}")).await;
            }
            connection.close().await.unwrap();
            name
        })
        .await
}

fn role(options: &PgConnectOptions, role: &str) -> PgConnectOptions {
    options.clone().username(role).password(PASSWORD)
}

fn open(superuser: &PgConnectOptions, default_tier: Tier) -> Database {
    let settings = Settings {
        max_connections: 8,
        acquire_timeout: Duration::from_secs(20),
        default_tier,
        ..Settings::default()
    };
    Database::new(role(superuser, APP), &settings)
}

pub(crate) fn migrations() -> &'static sqlx::migrate::Migrator {
    &MIGRATIONS
}

impl World {
    /// A server that gives everybody everything.
    pub(crate) async fn new() -> Self {
        Self::with_default_tier(Tier::Premium).await
    }

    pub(crate) async fn with_default_tier(default_tier: Tier) -> Self {
        let superuser = superuser();
        let template = template(&superuser).await;
        let mut connection = superuser.connect().await.unwrap();
        let random: String = sqlx::query_scalar("select replace(gen_random_uuid()::text, '-', '')")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let name = format!("tinytummy_test_{random}");
        run(
            &mut connection,
            &format!("create database {name} template {template} owner {OWNER}"),
        )
        .await;
        let superuser = superuser.database(&name);
        Self {
            db: open(&superuser, default_tier),
            superuser,
            name,
        }
    }

    /// The same database, on a server that gives everybody this tier.
    pub(crate) fn with_tier(&self, default_tier: Tier) -> Database {
        open(&self.superuser, default_tier)
    }

    /// The database as a server that starts anew has it.
    pub(crate) fn connect_again(&self) -> Database {
        open(&self.superuser, Tier::Premium)
    }

    pub(crate) fn options(&self, name: &str) -> PgConnectOptions {
        role(&self.superuser, name)
    }

    /// A connection as the app's or the owner's role.
    pub(crate) async fn connect_as(&self, name: &str) -> PgConnection {
        self.options(name).connect().await.unwrap()
    }

    /// The same to another database.
    pub(crate) async fn connect_to(&self, database: &str, name: &str) -> PgConnection {
        self.options(name).database(database).connect().await.unwrap()
    }

    pub(crate) async fn superuser_of(&self, database: &str) -> PgConnection {
        self.superuser.clone().database(database).connect().await.unwrap()
    }

    /// A connection that row security does not hold.
    pub(crate) async fn superuser(&self) -> PgConnection {
        self.superuser.connect().await.unwrap()
    }

    pub(crate) async fn sign_up(&self, email: &str) -> SignedIn {
        let new = NewAccount {
            email: Email::parse(email).unwrap(),
            password: Password::choose("correct horse").unwrap(),
            first_name: email.split('@').next().unwrap().to_owned(),
            last_name: String::new(),
            time_zone: "Europe/Berlin".to_owned(),
        };
        accounts::sign_up(&self.db, new, &browser("test"), now()).await.unwrap()
    }

    /// An account that never signs in, for less than a password's hash.
    pub(crate) async fn account(&self, email: &str) -> AccountId {
        let id = fresh();
        let sql = format!(
            "insert into users (id, email, first_name) values ('{id}', '{email}', '{}')",
            email.split('@').next().unwrap()
        );
        run(&mut self.superuser().await, &sql).await;
        AccountId(id)
    }

    pub(crate) async fn child_in(&self, account: AccountId, time_zone: &str) -> Child {
        let profile = Profile::new("Pip", "2025-11-01".parse().unwrap(), Sex::Female, time_zone);
        let mut tx = Tx::begin(&self.db, account).await.unwrap();
        let child = children::add(&mut tx, ChildId(fresh()), &profile, now()).await.unwrap();
        tx.commit().await.unwrap();
        child
    }

    pub(crate) async fn child(&self, account: AccountId) -> Child {
        self.child_in(account, "Europe/Berlin").await
    }

    /// An accepted link.
    pub(crate) async fn let_in(&self, child: &Child, caregiver: AccountId, write: bool) {
        let sql = format!(
            "insert into caregiver_links \
                 (id, child_id, primary_user_id, caregiver_user_id, invited_email, expires_at, permissions, status) \
             values ('{}', '{}', '{}', '{caregiver}', 'x@example.org', '2030-01-01', \
                     '{{\"read\": true, \"write\": {write}}}', 'accepted')",
            fresh(),
            child.id,
            child.owner,
        );
        run(&mut self.superuser().await, &sql).await;
    }

    pub(crate) async fn apply(&self, account: AccountId, change: &Change) -> Result<Applied, ServiceError> {
        let mut tx = Tx::begin(&self.db, account).await?;
        let applied = changes::apply(&mut tx, change, foods::built_in(), now()).await?;
        tx.commit().await?;
        Ok(applied)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let (superuser, name) = (self.superuser.clone().database("postgres"), self.name.clone());
        // A destructor cannot wait: a thread with a runtime of its own does.
        let _ = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                if let Ok(mut connection) = superuser.connect().await {
                    let sql = format!("drop database if exists {name} with (force)");
                    let _ = connection.execute(AssertSqlSafe(sql)).await;
                }
            });
        })
        .join();
    }
}

/// A visitor with nothing but a browser.
pub(crate) fn browser(user_agent: &str) -> Visitor {
    Visitor {
        user_agent: user_agent.to_owned(),
        ..Visitor::default()
    }
}

/// A change with a fresh id, stamped so many seconds after noon.
pub(crate) fn change(child: ChildId, row: MealId, seconds: i64, fields: MealFields) -> Change {
    Change {
        id: ChangeId(fresh()),
        child,
        noun: Noun::Meal { row, fields },
        stamp: now() + chrono::TimeDelta::seconds(seconds),
    }
}

pub(crate) fn text(words: &str) -> MealFields {
    MealFields {
        raw_input: Some(words.to_owned()),
        when: Some(when("2026-11-23T11:00:00Z")),
        ..MealFields::default()
    }
}

pub(crate) fn notes(words: &str) -> MealFields {
    MealFields {
        notes: Some(words.to_owned()),
        ..MealFields::default()
    }
}

pub(crate) fn deleted(deleted: bool) -> MealFields {
    MealFields {
        deleted: Some(deleted),
        ..MealFields::default()
    }
}

/// The date is for the server to say.
pub(crate) fn when(at: &str) -> When {
    When {
        at: utc(at),
        date: "2001-01-01".parse().unwrap(),
    }
}

pub(crate) fn meal_id() -> MealId {
    MealId(fresh())
}
