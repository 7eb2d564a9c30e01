//! The one door to the database: two roles, migrations, and transactions that say who asks.

use crate::counts::{Count, Counts};
use crate::error::ServiceError;
use crate::fault;
use crate::hashing::Hashing;
use crate::live::Live;
use crate::sessions::{self, Session, Token};
use crate::tokens::{self, Bearer, Key};
use chrono::{DateTime, Utc};
use domain::entitlement::Tier;
use domain::id::{AccountId, ChildId};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor as _, PgConnection, Postgres, Transaction};
use std::time::Duration;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// An arbitrary number that stands for "somebody is preparing this database".
const PREPARING: i64 = 0x7449_6e79_5475_6d6d;

/// How the app uses its database.
#[derive(Clone, Debug)]
pub struct Settings {
    pub max_connections: u32,
    /// How long to wait for a connection: short, so that a database that is away gives a clear
    /// page at once.
    pub acquire_timeout: Duration,
    /// The longest a statement may take.
    pub statement_timeout: Duration,
    /// How many passwords are hashed at a time: each takes 19 MiB.
    pub hashes_at_once: usize,
    /// How many more may wait for their turn; whoever comes then is asked to come again.
    pub hashes_waiting: usize,
    /// What every account may use, also without a subscription.
    pub default_tier: Tier,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_connections: 20,
            acquire_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(10),
            hashes_at_once: 2,
            hashes_waiting: 32,
            default_tier: Tier::Free,
        }
    }
}

/// Why a server cannot start on a database.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    #[error("the database did not answer as expected")]
    Database(#[from] sqlx::Error),
    #[error("the database could not be migrated: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("the role \"{role}\" {why}, so row security would not hold. Give DATABASE_URL a role of its own.")]
    Bypass { role: String, why: String },
}

/// The app's pool of connections. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    pub(crate) hashing: Hashing,
    default_tier: Tier,
    counts: Counts,
    live: Live,
    /// One connection beside the pool, which listens: it would be missing from the work.
    listening: PgPool,
}

impl Database {
    /// Makes the database fit for use: creates the app's role when it is not there, migrates as
    /// the owner, and grants the app what it needs. Several servers may do so at once.
    ///
    /// # Errors
    /// The owner cannot connect, or a migration failed; its message says what to do.
    pub async fn prepare(owner: &PgConnectOptions, app: &PgConnectOptions) -> Result<(), PrepareError> {
        let mut connection = owner.connect().await?;
        create_role(&mut connection, app).await?;
        // Locks by itself against another server that migrates.
        MIGRATIONS.run(&mut connection).await?;
        let mut tx = connection.begin().await?;
        sqlx::query!("select pg_advisory_xact_lock($1) as \"lock!: ()\"", PREPARING)
            .execute(&mut *tx)
            .await?;
        sqlx::query!("call app.grant_to($1::text::name)", app.get_username() as _)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        connection.close().await?;
        Ok(())
    }

    /// A pool as the app's role. Connects when first used: whether the database is there,
    /// [`Self::ready`] says.
    pub fn new(app: PgConnectOptions, settings: &Settings) -> Self {
        let app = app
            .application_name("tinytummy")
            .options([("statement_timeout", settings.statement_timeout.as_millis().to_string())]);
        let listening = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(settings.acquire_timeout)
            .connect_lazy_with(app.clone());
        let pool = PgPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(settings.acquire_timeout)
            .connect_lazy_with(app);
        Self {
            pool,
            hashing: Hashing::new(settings.hashes_at_once, settings.hashes_waiting),
            default_tier: settings.default_tier,
            counts: Counts::default(),
            live: Live::default(),
            listening,
        }
    }

    /// Begins to tell other servers what is written here, and to hear of it from them.
    pub fn go_live(&self) {
        self.live.start(&self.pool, &self.listening);
    }

    /// Who wrote for whom, as it happens; after [`Self::go_live`].
    pub const fn live(&self) -> &Live {
        &self.live
    }

    /// # Errors
    /// [`PrepareError::Bypass`] when the pool's role could see past row security: a superuser, a
    /// role with bypassrls, an owner of a table, or a member of any of these.
    pub async fn refuse_bypass(&self) -> Result<(), PrepareError> {
        let row = sqlx::query!(
            r#"
            select current_user::text as "role!",
                   exists (
                       select from pg_catalog.pg_roles r
                       where (r.rolsuper or r.rolbypassrls)
                         and pg_catalog.pg_has_role(current_user, r.oid, 'member')
                   ) as "superuser!",
                   exists (
                       select from pg_catalog.pg_class c
                       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                       where n.nspname in ('public', 'app')
                         and c.relkind in ('r', 'p')
                         and pg_catalog.pg_has_role(current_user, c.relowner, 'member')
                   ) as "owner!"
            "#
        )
        .fetch_one(&self.pool)
        .await?;
        let why = match (row.superuser, row.owner) {
            (true, _) => "is, or can become, a superuser or one that bypasses row security",
            (_, true) => "owns tables, or can become the one who does",
            _ => return Ok(()),
        };
        Err(PrepareError::Bypass {
            role: row.role,
            why: why.to_owned(),
        })
    }

    /// # Errors
    /// [`ServiceError::Unavailable`] when the database does not answer, or has no room on its disk.
    pub async fn ready(&self) -> Result<(), ServiceError> {
        // More rows than fit into this little memory go to a file: a megabyte that is written and
        // thrown away. Reading alone works on a full disk, and nobody could log a meal.
        let mut tx = self.pool.begin_with("begin; set local work_mem = '64kB'").await?;
        sqlx::query!("select count(*) from generate_series(1, 50000)")
            .fetch_one(&mut *tx)
            .await?;
        Ok(tx.rollback().await?)
    }

    /// Connections there are, and how many of them wait for work.
    pub fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    /// Passwords hashed since the start.
    pub fn passwords_hashed(&self) -> u64 {
        self.hashing.done()
    }

    /// What was counted since the start.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Waits for the work in hand, then closes every connection.
    pub async fn close(&self) {
        self.live.stop();
        self.listening.close().await;
        self.pool.close().await;
    }
}

async fn create_role(connection: &mut PgConnection, app: &PgConnectOptions) -> Result<(), PrepareError> {
    let role = app.get_username();
    let there = sqlx::query_scalar!(
        "select exists (select from pg_catalog.pg_roles where rolname = $1) as \"there!\"",
        role
    )
    .fetch_one(&mut *connection)
    .await?;
    if there {
        return Ok(());
    }
    // Quoted by the database: a role's name and password are no parameters of `create role`.
    let password = app_password(app);
    let statement = sqlx::query_scalar!(
        r#"
        select format('create role %I login nosuperuser nobypassrls', $1::text)
               || coalesce(format(' password %L', $2::text), '') as "statement!"
        "#,
        role,
        password
    )
    .fetch_one(&mut *connection)
    .await?;
    match sqlx::query(AssertSqlSafe(statement)).execute(&mut *connection).await {
        Ok(_) => Ok(()),
        // Roles belong to the whole cluster: another server, on another database of it, was
        // faster. An advisory lock would not help, since it is one database's own.
        Err(error)
            if error
                .as_database_error()
                .and_then(|e| e.code())
                .is_some_and(|code| code == "42710" || code == "23505") =>
        {
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// The password in the app's options: sqlx shows it only in the URL it would write.
fn app_password(app: &PgConnectOptions) -> Option<String> {
    let url = app.to_url_lossy();
    let password = url.password()?;
    Some(percent_decoded(password))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let byte = match (first, tail) {
            (b'%', [high, low, ..]) => std::str::from_utf8(&[*high, *low])
                .ok()
                .and_then(|hex| u8::from_str_radix(hex, 16).ok()),
            _ => None,
        };
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A transaction that has said who is asking. Dropped without [`Tx::commit`], it did nothing.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction<'static, Postgres>,
    account: Option<AccountId>,
    default_tier: Tier,
    /// The token that entered, and when: what to enter with again.
    key: Option<(Key, DateTime<Utc>)>,
    counts: Counts,
    /// Counted once it is committed.
    counted: Vec<Count>,
    live: Live,
    /// Whose rows it wrote: told once it is committed.
    wrote: Vec<ChildId>,
}

impl Tx {
    async fn open(db: &Database, account: Option<AccountId>, begin: String) -> Result<Self, ServiceError> {
        let waiting = db.counts.wait();
        let inner = db.pool.begin_with(AssertSqlSafe(begin)).await?;
        drop(waiting);
        Ok(Self {
            inner,
            account,
            default_tier: db.default_tier,
            key: None,
            counts: db.counts.clone(),
            counted: Vec::new(),
            live: db.live.clone(),
            wrote: Vec::new(),
        })
    }

    /// Begins as an account.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] when there is no connection to be had.
    pub async fn begin(db: &Database, account: AccountId) -> Result<Self, ServiceError> {
        // One round trip for both; a uuid needs no quoting.
        Self::open(db, Some(account), format!("begin; select app.enter('{account}')")).await
    }

    /// Begins as the account of a session; `None` when the session is over or never was.
    /// Once a day, this also moves the session's end.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] when there is no connection to be had.
    pub async fn begin_session(
        db: &Database,
        token: &Token,
        now: DateTime<Utc>,
    ) -> Result<Option<(Self, Session)>, ServiceError> {
        let mut tx = Self::begin_visitor(db).await?;
        let Some(session) = sessions::enter(&mut tx, token, now).await? else {
            return Ok(None);
        };
        if session.is_due(now) {
            // On its own: a page that only reads never commits.
            sessions::renew(&mut tx, &session, now).await?;
            tx.commit().await?;
            tx = Self::begin(db, session.account.id).await?;
            let expires_at = now + sessions::LIFE;
            return Ok(Some((
                tx,
                Session {
                    expires_at,
                    renewed: true,
                    ..session
                },
            )));
        }
        Ok(Some((tx, session)))
    }

    /// Begins as a personal token, which reaches less than its account; `None` when it is over or
    /// never was. Every few minutes, this also notes that it was used.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] when there is no connection to be had.
    pub async fn begin_token(
        db: &Database,
        key: &Key,
        now: DateTime<Utc>,
    ) -> Result<Option<(Self, Bearer)>, ServiceError> {
        let mut tx = Self::begin_visitor(db).await?;
        let Some(bearer) = tokens::enter(&mut tx, key, now).await? else {
            return Ok(None);
        };
        if bearer.is_due(now) {
            // On its own, and as its owner: a token may write to no token.
            drop(tx);
            let mut owner = Self::begin(db, bearer.account).await?;
            tokens::note_use(&mut owner, bearer.id, now).await?;
            owner.commit().await?;
            tx = Self::begin_visitor(db).await?;
            return Ok(tokens::enter(&mut tx, key, now).await?.map(|bearer| (tx, bearer)));
        }
        Ok(Some((tx, bearer)))
    }

    /// Begins as nobody: sees no family's rows.
    ///
    /// # Errors
    /// [`ServiceError::Unavailable`] when there is no connection to be had.
    pub async fn begin_visitor(db: &Database) -> Result<Self, ServiceError> {
        Self::open(db, None, "begin".to_owned()).await
    }

    /// Who is asking.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`] when nobody is.
    pub fn account(&self) -> Result<AccountId, ServiceError> {
        self.account.ok_or(ServiceError::SignedOut)
    }

    /// What every account may use on this server.
    pub(crate) fn default_tier(&self) -> Tier {
        self.default_tier
    }

    /// Says again who is asking, after a child was added.
    pub(crate) async fn enter_again(&mut self) -> Result<(), ServiceError> {
        let account = self.account()?;
        match self.key.clone() {
            Some((key, at)) => {
                tokens::enter(self, &key, at).await?.ok_or(ServiceError::SignedOut)?;
            }
            None => {
                sqlx::query!("select app.enter($1) as \"entered: ()\"", account.0)
                    .execute(&mut *self.inner)
                    .await?;
            }
        }
        Ok(())
    }

    pub(crate) fn entered(&mut self, account: AccountId) {
        self.account = Some(account);
    }

    pub(crate) fn entered_by_token(&mut self, account: AccountId, key: &Key, at: DateTime<Utc>) {
        self.account = Some(account);
        self.key = Some((key.clone(), at));
    }

    /// Counts it if the transaction commits.
    pub(crate) fn count(&mut self, count: Count) {
        self.counted.push(count);
    }

    /// Marks a place to come back to. Places do not nest: a later one replaces it.
    pub(crate) async fn savepoint(&mut self) -> Result<(), ServiceError> {
        Ok(self.inner.execute("savepoint change").await.map(|_| ())?)
    }

    /// Forgets the place; what was written since stays.
    pub(crate) async fn keep_savepoint(&mut self) -> Result<(), ServiceError> {
        Ok(self.inner.execute("release savepoint change").await.map(|_| ())?)
    }

    /// Goes back to the place, and forgets it. What was to be counted since is not.
    pub(crate) async fn undo_to_savepoint(&mut self) -> Result<(), ServiceError> {
        Ok(self
            .inner
            .execute("rollback to savepoint change; release savepoint change")
            .await
            .map(|_| ())?)
    }

    /// Tells whoever has a page of the child open, if the transaction commits.
    pub(crate) fn wrote_for(&mut self, child: ChildId) {
        self.wrote.push(child);
    }

    /// The connection, for queries of the asker's own making: row security holds on it.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// # Errors
    /// [`ServiceError::Unavailable`] when the connection was lost: whether it was written is then
    /// not known, and doing it again does no harm.
    pub async fn commit(self) -> Result<(), ServiceError> {
        fault::point("before the commit");
        self.inner.commit().await?;
        self.counts.add(&self.counted);
        if !self.wrote.is_empty() {
            self.live.wrote(self.wrote);
        }
        fault::point("before the answer");
        Ok(())
    }
}
