//! Who can reach which row: every table, as everybody, with every command. The tables come from
//! the catalog, so that a new one cannot be forgotten.

use crate::world::{APP, OWNER, World, run, uuid};
use sqlx::{AssertSqlSafe, Executor, PgConnection, Row};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Actor {
    Own,
    OtherFamily,
    Reader,
    Writer,
    /// Was invited, and presents the invitation.
    Pending,
    Declined,
    Revoked,
    /// Was invited, and presents the invitation when it has run out.
    Expired,
    /// Tokens of the family's own account: of every child, to read or to write; of this child
    /// alone; of the child's sister alone; and one that is over.
    ReadToken,
    WriteToken,
    ChildToken,
    SisterToken,
    ExpiredToken,
    Nobody,
    /// The role that owns the tables, without saying who asks: what FORCE is for.
    TableOwner,
}

use Actor::{
    ChildToken, Declined, Expired, ExpiredToken, Nobody, OtherFamily, Own, Pending, ReadToken, Reader, Revoked,
    SisterToken, TableOwner, WriteToken, Writer,
};

const PEOPLE: [Actor; 14] = [
    Own,
    OtherFamily,
    Reader,
    Writer,
    Pending,
    Declined,
    Revoked,
    Expired,
    ReadToken,
    WriteToken,
    ChildToken,
    SisterToken,
    ExpiredToken,
    Nobody,
];

/// Who may see what a child owns, and who may write it.
const READERS: &[Actor] = &[Own, Reader, Writer, ReadToken, WriteToken, ChildToken];
const WRITERS: &[Actor] = &[Own, Writer, WriteToken, ChildToken];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Select,
    Insert,
    Update,
    Delete,
    /// To another family.
    Move,
}

use Command::{Delete, Insert, Move, Select, Update};

const COMMANDS: [Command; 5] = [Select, Insert, Update, Delete, Move];

/// A table with tenants: how its rows are made and found, and who may do what.
struct Table {
    name: &'static str,
    /// Columns and values of a row of the family. `{child}`, `{owner}` are the family's, `{id}` is
    /// fresh.
    row: (&'static str, &'static str),
    /// What finds that row.
    find: &'static str,
    /// What moves it away.
    moved: &'static str,
    select: &'static [Actor],
    insert: &'static [Actor],
    update: &'static [Actor],
    delete: &'static [Actor],
}

const CHILDS: (&str, &str) = ("child_id = '{child}'", "child_id = '{other_child}'");
const ACCOUNTS: (&str, &str) = ("user_id = '{owner}'", "user_id = '{other_owner}'");

const fn child_owned(name: &'static str, columns: &'static str, values: &'static str) -> Table {
    Table {
        name,
        row: (columns, values),
        find: CHILDS.0,
        moved: CHILDS.1,
        select: READERS,
        insert: WRITERS,
        update: WRITERS,
        delete: WRITERS,
    }
}

const fn account_owned(name: &'static str, columns: &'static str, values: &'static str) -> Table {
    Table {
        name,
        row: (columns, values),
        find: ACCOUNTS.0,
        moved: ACCOUNTS.1,
        select: &[Own],
        insert: &[Own],
        update: &[Own],
        delete: &[Own],
    }
}

const TABLES: &[Table] = &[
    child_owned(
        "meals",
        "child_id, id, logged_by, meal_type, logged_at, meal_date",
        "'{child}', '{id}', '{owner}', 'lunch', '2026-01-01', '2026-01-01'",
    ),
    child_owned(
        "tombstones",
        "child_id, id, noun, state, deleted_at",
        "'{child}', '{id}', 'meal', '{}', now()",
    ),
    child_owned(
        "growth_measurements",
        "child_id, id, logged_by, measured_on, weight_kg",
        "'{child}', '{id}', '{owner}', '2026-01-01', 8",
    ),
    child_owned(
        "allergen_exposures",
        "child_id, id, logged_by, allergen, exposed_on",
        "'{child}', '{id}', '{owner}', 'egg', '2026-01-01'",
    ),
    child_owned(
        "plans",
        "child_id, id, user_id, plan_name, start_date, end_date",
        "'{child}', '{id}', '{owner}', 'x', '2026-01-01', '2026-01-21'",
    ),
    child_owned(
        "reports",
        "child_id, id, user_id, report_type, start_date, end_date",
        "'{child}', '{id}', '{owner}', 'weekly', '2026-01-01', '2026-01-07'",
    ),
    Table {
        update: &[],
        delete: &[],
        ..child_owned(
            "changes",
            "child_id, seq, id, noun, row_id, fields, stamp, account_id, received_at",
            "'{child}', 1, '{id}', 'meal', '{id}', '{}', now(), '{owner}', now()",
        )
    },
    Table {
        delete: &[],
        ..child_owned("change_counters", "child_id", "'{child}'")
    },
    account_owned(
        "sessions",
        "id, user_id, token_hash, created_at, last_seen_at, expires_at",
        "'{id}', '{owner}', encode(sha256('{id}'::text::bytea), 'hex'), now(), now(), now()",
    ),
    account_owned(
        "credentials",
        "user_id, password_hash, changed_at",
        "'{owner}', 'none', now()",
    ),
    Table {
        update: &[],
        ..account_owned(
            "password_resets",
            "id, user_id, token_hash, created_at, expires_at",
            "'{id}', '{owner}', encode(sha256('{id}'::text::bytea), 'hex'), now(), now()",
        )
    },
    account_owned(
        "access_tokens",
        "id, user_id, name, token_hash, created_at",
        "'{id}', '{owner}', 'x', encode(sha256('{id}'::text::bytea), 'hex'), now()",
    ),
    Table {
        // Of the owner, and so of the sister too.
        select: &[Own, Reader, Writer, ReadToken, WriteToken, ChildToken, SisterToken],
        insert: &[Own, Writer, WriteToken],
        update: &[Own, Writer, WriteToken],
        delete: &[Own, Writer, WriteToken],
        ..account_owned(
            "own_foods",
            "user_id, id, name, food_data",
            "'{owner}', '{id}', 'x', '{}'",
        )
    },
    account_owned("chat_sessions", "user_id, id, child_id", "'{owner}', '{id}', '{child}'"),
    account_owned(
        "chat_messages",
        "user_id, id, session_id, child_id, role, content",
        "'{owner}', '{id}', '{session}', '{child}', 'user', 'x'",
    ),
    account_owned("gamification", "user_id", "'{owner}'"),
    account_owned(
        "user_badges",
        "user_id, badge_id",
        "'{owner}', (select id from badges order by id limit 1)",
    ),
    account_owned(
        "points_ledger",
        "user_id, child_id, day, reason, points",
        "'{owner}', '{child}', '2026-01-01', 'logged', 10",
    ),
    account_owned("offline_sync", "user_id, device_id", "'{owner}', '{id}'"),
    Table {
        name: "users",
        row: ("id, email", "'{owner}', 'own@example.org'"),
        find: "id = '{owner}'",
        moved: "id = '{id}'",
        select: &[Own, ReadToken, WriteToken, ChildToken, SisterToken],
        insert: &[Own],
        update: &[Own],
        delete: &[Own],
    },
    Table {
        name: "children",
        row: (
            "id, user_id, name, date_of_birth, sex, time_zone",
            "'{id}', '{owner}', 'Pip', '2025-11-01', 'male', 'UTC'",
        ),
        find: "id = '{child}'",
        moved: "user_id = '{other_owner}'",
        select: READERS,
        insert: &[Own, WriteToken],
        update: WRITERS,
        delete: &[Own, WriteToken],
    },
    Table {
        name: "caregiver_links",
        row: (
            "id, child_id, primary_user_id, invited_email, expires_at",
            "'{id}', '{child}', '{owner}', '{id}@example.org', '2030-01-01'",
        ),
        find: "child_id = '{child}' and status = 'pending'",
        moved: "child_id = '{other_child}'",
        select: &[Own, Pending],
        insert: &[Own],
        // Accepting and declining are not any update: caregiver.rs has them.
        update: &[Own],
        delete: &[Own],
    },
];

/// Tables without tenants: what the app may do, and why nobody's rows are in them.
const WITHOUT_TENANTS: &[(&str, &str, &str)] = &[
    (
        "badges",
        "SELECT",
        "what can be earned is the same for everybody; the owner's migrations write it",
    ),
    (
        "nutrition_guidelines",
        "SELECT",
        "published guidance; imported by the owner",
    ),
    (
        "sign_in_throttle",
        "SELECT INSERT UPDATE DELETE",
        "written before anybody is known; holds hashes and counts, no names",
    ),
    ("_sqlx_migrations", "", "sqlx's own; the app does not see it"),
];

/// The people of the matrix, by fixed ids.
fn account(actor: Actor) -> u64 {
    match actor {
        Own => 1,
        OtherFamily => 2,
        Reader => 3,
        Writer => 4,
        Pending => 5,
        Revoked => 6,
        Declined => 7,
        Expired => 8,
        Nobody | TableOwner => 0,
        ReadToken | WriteToken | ChildToken | SisterToken | ExpiredToken => account(Own),
    }
}

/// What says who asks.
fn enter(actor: Actor) -> Option<String> {
    match actor {
        Nobody | TableOwner => None,
        ReadToken | WriteToken | ChildToken | SisterToken | ExpiredToken => Some(format!(
            "select app.enter_token(encode(sha256('{actor:?}'), 'hex'), now())"
        )),
        _ => Some(format!("select app.enter('{}')", uuid(account(actor)))),
    }
}

const CHILD: u64 = 11;
const OTHER_CHILD: u64 = 12;
/// Of the family, too.
const SISTER: u64 = 13;
/// The id of the family's rows, and one that no row has.
const SEEDED: u64 = 70;
const FRESH: u64 = 99;

fn fill(template: &str, id: u64) -> String {
    template
        .replace("{child}", &uuid(CHILD).to_string())
        .replace("{other_child}", &uuid(OTHER_CHILD).to_string())
        .replace("{owner}", &uuid(account(Own)).to_string())
        .replace("{other_owner}", &uuid(account(OtherFamily)).to_string())
        .replace("{session}", &uuid(SEEDED).to_string())
        .replace("{id}", &uuid(id).to_string())
}

impl Table {
    fn insert_sql(&self, id: u64) -> String {
        fill(
            &format!("insert into {} ({}) values ({})", self.name, self.row.0, self.row.1),
            id,
        )
    }

    fn may(&self, actor: Actor, command: Command) -> bool {
        match command {
            Select => self.select.contains(&actor),
            Insert => self.insert.contains(&actor),
            Update => self.update.contains(&actor),
            Delete => self.delete.contains(&actor),
            Move => false,
        }
    }
}

/// Everybody, and one row of the family in every table.
async fn people(superuser: &mut PgConnection) {
    for (actor, email) in [
        (Own, "own"),
        (OtherFamily, "other"),
        (Reader, "reader"),
        (Writer, "writer"),
        (Pending, "pending"),
        (Revoked, "revoked"),
        (Declined, "declined"),
        (Expired, "expired"),
    ] {
        let id = uuid(account(actor));
        let sql = format!("insert into users (id, email) values ('{id}', '{email}@example.org')");
        run(superuser, &sql).await;
    }
    for (child, owner) in [(CHILD, Own), (SISTER, Own), (OTHER_CHILD, OtherFamily)] {
        let (child, owner) = (uuid(child), uuid(account(owner)));
        let sql = format!(
            "insert into children (id, user_id, name, date_of_birth, sex, time_zone) \
             values ('{child}', '{owner}', 'Pip', '2025-11-01', 'female', 'UTC')"
        );
        run(superuser, &sql).await;
    }
    for (actor, write, status) in [
        (Reader, false, "accepted"),
        (Writer, true, "accepted"),
        (Revoked, true, "revoked"),
        (Declined, true, "declined"),
    ] {
        let sql = fill(
            &format!(
                "insert into caregiver_links \
                     (id, child_id, primary_user_id, caregiver_user_id, invited_email, expires_at, permissions, status) \
                 values ('{{id}}', '{{child}}', '{{owner}}', '{}', 'x@example.org', '2030-01-01', \
                         jsonb_build_object('read', true, 'write', {write}), '{status}')",
                uuid(account(actor))
            ),
            account(actor) + 50,
        );
        run(superuser, &sql).await;
    }
    for (actor, email, expires) in [(Pending, "pending", "2030-01-01"), (Expired, "expired", "2026-01-01")] {
        let sql = fill(
            &format!(
                "insert into caregiver_links \
                     (id, child_id, primary_user_id, invited_email, token_hash, expires_at, permissions) \
                 values ('{{id}}', '{{child}}', '{{owner}}', '{email}@example.org', '{}', '{expires}', \
                         '{{\"read\": true, \"write\": true}}')",
                token_hash(actor)
            ),
            account(actor) + 50,
        );
        run(superuser, &sql).await;
    }
    for (token, children, write, lives) in [
        (ReadToken, None, false, true),
        (WriteToken, None, true, true),
        (ChildToken, Some(CHILD), true, true),
        (SisterToken, Some(SISTER), true, true),
        (ExpiredToken, None, true, false),
    ] {
        let children = children.map_or("null".to_owned(), |child| format!("array['{}'::uuid]", uuid(child)));
        let sql = fill(
            &format!(
                "insert into access_tokens \
                     (id, user_id, name, token_hash, child_ids, may_write, created_at, expires_at) \
                 values ('{{id}}', '{{owner}}', '{token:?}', encode(sha256('{token:?}'), 'hex'), {children}, {write}, \
                         now(), now() + interval '{} hour')",
                if lives { 1 } else { 0 }
            ),
            token as u64 + 80,
        );
        run(superuser, &sql).await;
    }
    for table in TABLES
        .iter()
        .filter(|table| table.name != "users" && table.name != "children")
    {
        run(superuser, &table.insert_sql(SEEDED)).await;
    }
}

/// The hash of the token of an invitation.
fn token_hash(actor: Actor) -> String {
    format!("{:064x}", account(actor))
}

/// A cell of the matrix that is not as it should be.
struct Difference {
    table: &'static str,
    actor: Actor,
    command: Command,
    allowed: bool,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            table,
            actor,
            command,
            allowed,
        } = self;
        write!(
            f,
            "{actor:?} can{} {command:?} {table}",
            if *allowed { "" } else { "not" }
        )
    }
}

/// Walks the matrix on a connection that is in a transaction, and leaves nothing behind.
/// With `role`, as that role rather than as the one that connected.
async fn differences(
    connection: &mut PgConnection,
    role: Option<&str>,
    tables: &[&'static Table],
    actors: &[Actor],
    commands: &[Command],
) -> Vec<Difference> {
    let mut differences = Vec::new();
    for &actor in actors {
        run(connection, "savepoint actor").await;
        if let Some(role) = role {
            run(connection, &format!("set local role {role}")).await;
        }
        if let Some(enter) = enter(actor) {
            run(connection, &enter).await;
        }
        if actor == Pending || actor == Expired {
            let present = format!(
                "select app.present_invitation('{}', '2026-11-23T12:00:00Z')",
                token_hash(actor)
            );
            run(connection, &present).await;
        }
        for table in tables {
            for &command in commands {
                let allowed = is_allowed(connection, table, command).await;
                if allowed != table.may(actor, command) {
                    differences.push(Difference {
                        table: table.name,
                        actor,
                        command,
                        allowed,
                    });
                }
            }
        }
        run(connection, "rollback to savepoint actor").await;
    }
    differences
}

async fn is_allowed(connection: &mut PgConnection, table: &Table, command: Command) -> bool {
    let name = table.name;
    let find = fill(table.find, FRESH);
    let sql = match command {
        Select => format!("select 1 from {name} where {find}"),
        Insert => table.insert_sql(FRESH),
        Update => format!(
            "update {name} set {column} = {column} where {find}",
            column = updatable(connection, name).await
        ),
        Delete => format!("delete from {name} where {find}"),
        Move => format!("update {name} set {} where {find}", fill(table.moved, FRESH)),
    };
    run(connection, "savepoint cell").await;
    let result = connection.execute(AssertSqlSafe(sql.clone())).await;
    run(connection, "rollback to savepoint cell").await;
    match result {
        Ok(done) => done.rows_affected() > 0,
        Err(error) => match error.as_database_error().and_then(|e| e.code()).as_deref() {
            // Row security, or no privilege at all.
            Some("42501") => false,
            // Past row security: the row is there already.
            Some("23505") => true,
            // A key that says whose the row is.
            Some("23503") if command == Move => false,
            _ => panic!("{sql}: {error}"),
        },
    }
}

/// A column the asking role may update, or one it may not when there is none.
async fn updatable(connection: &mut PgConnection, table: &str) -> String {
    sqlx::query_scalar(
        "select attname::text from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped \
         order by has_column_privilege(attrelid, attnum, 'update') desc, attname in ('id', 'user_id', 'child_id'), attnum \
         limit 1",
    )
    .bind(table)
    .fetch_one(connection)
    .await
    .unwrap()
}

fn all() -> Vec<&'static Table> {
    TABLES.iter().collect()
}

fn named(name: &str) -> Vec<&'static Table> {
    TABLES.iter().filter(|table| table.name == name).collect()
}

fn report(differences: &[Difference]) -> String {
    differences
        .iter()
        .map(|difference| format!("\n  {difference}"))
        .collect()
}

/// What the catalog has against the lists above.
async fn unaccounted(connection: &mut PgConnection) -> Vec<String> {
    let rows = sqlx::query(
        "select relname::text, relrowsecurity, relforcerowsecurity \
         from pg_class join pg_namespace n on n.oid = relnamespace \
         where n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' and relkind in ('r', 'p', 'm', 'v', 'f')",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    let mut complaints = Vec::new();
    for row in &rows {
        let (name, enabled, forced): (String, bool, bool) = (row.get(0), row.get(1), row.get(2));
        let has_tenants = TABLES.iter().any(|table| table.name == name);
        if has_tenants && !(enabled && forced) {
            complaints.push(format!("{name}: row security is not enabled and forced"));
        } else if !has_tenants && !WITHOUT_TENANTS.iter().any(|(table, _, _)| *table == name) {
            complaints.push(format!(
                "{name}: neither a way to make its rows, nor a reason why it has no tenants"
            ));
        }
    }
    for name in TABLES
        .iter()
        .map(|table| table.name)
        .chain(WITHOUT_TENANTS.iter().map(|(name, _, _)| *name))
    {
        if !rows.iter().any(|row| row.get::<&str, _>(0) == name) {
            complaints.push(format!("{name}: on the list but not in the database"));
        }
    }
    complaints
}

#[tokio::test]
async fn every_table_is_secured_or_has_a_reason_not_to_be() {
    let world = World::new().await;
    let mut superuser = world.superuser().await;
    assert_eq!(unaccounted(&mut superuser).await, Vec::<String>::new());
    run(&mut superuser, "create table forgotten (child_id uuid)").await;
    run(&mut superuser, "alter table meals no force row level security").await;
    run(&mut superuser, "alter table plans disable row level security").await;
    assert_eq!(unaccounted(&mut superuser).await.len(), 3);
}

#[tokio::test]
async fn a_table_without_tenants_gives_the_app_what_it_needs_and_no_more() {
    let world = World::new().await;
    let mut app = world.connect_as(APP).await;
    for (table, granted, _) in WITHOUT_TENANTS {
        let mut has = Vec::new();
        for privilege in ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"] {
            let any = if matches!(privilege, "DELETE" | "TRUNCATE") {
                "has_table_privilege($1, $2)"
            } else {
                "has_any_column_privilege($1, $2)"
            };
            let sql = format!("select {any}");
            let may: bool = sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(table)
                .bind(privilege)
                .fetch_one(&mut app)
                .await
                .unwrap();
            if may {
                has.push(privilege);
            }
        }
        assert_eq!(has.join(" "), *granted, "{table}");
    }
}

#[tokio::test]
async fn everybody_reaches_their_own_rows_and_no_others() {
    let world = World::new().await;
    people(&mut world.superuser().await).await;
    let mut app = world.connect_as(APP).await;
    run(&mut app, "begin").await;
    let found = differences(&mut app, None, &all(), &PEOPLE, &COMMANDS).await;
    assert!(found.is_empty(), "{}", report(&found));
}

#[tokio::test]
async fn the_owner_of_the_tables_is_held_by_row_security_too() {
    let world = World::new().await;
    people(&mut world.superuser().await).await;
    let mut owner = world.connect_as(OWNER).await;
    run(&mut owner, "begin").await;
    let found = differences(&mut owner, None, &all(), &[TableOwner], &COMMANDS).await;
    assert!(found.is_empty(), "{}", report(&found));
}

/// The grants let nobody move a row. Nor would the policies alone, if somebody widened the grants.
#[tokio::test]
async fn a_row_does_not_move_to_another_family_even_where_a_grant_would_let_it() {
    let world = World::new().await;
    let mut superuser = world.superuser().await;
    people(&mut superuser).await;
    run(
        &mut superuser,
        &format!("grant update on all tables in schema public to {APP}"),
    )
    .await;
    // A child's owner may give the child away as far as policies go: they cannot compare a row with
    // what it was, and a caregiver who may write keeps the profile. Here it is the grant alone.
    let tables: Vec<_> = TABLES.iter().filter(|table| table.name != "children").collect();
    let mut app = world.connect_as(APP).await;
    run(&mut app, "begin").await;
    let found = differences(&mut app, None, &tables, &PEOPLE, &[Move]).await;
    assert!(found.is_empty(), "{}", report(&found));
}

#[tokio::test]
async fn dropping_any_policy_turns_the_matrix_red() {
    let world = World::new().await;
    let mut superuser = world.superuser().await;
    people(&mut superuser).await;
    let policies = sqlx::query("select polrelid::regclass::text, polname::text from pg_policy order by 1, 2")
        .fetch_all(&mut superuser)
        .await
        .unwrap();
    assert!(policies.len() > 70, "{} policies", policies.len());
    for row in policies {
        let (table, policy): (String, String) = (row.get(0), row.get(1));
        run(&mut superuser, "begin").await;
        run(&mut superuser, &format!("drop policy {policy} on {table}")).await;
        let found = differences(&mut superuser, Some(APP), &named(&table), &PEOPLE, &COMMANDS).await;
        assert!(!found.is_empty(), "nothing noticed that {policy} on {table} is gone");
        run(&mut superuser, "rollback").await;
    }
}

#[tokio::test]
async fn opening_any_policy_turns_the_matrix_red() {
    let world = World::new().await;
    let mut superuser = world.superuser().await;
    people(&mut superuser).await;
    let policies = sqlx::query(
        "select polrelid::regclass::text, polname::text, polqual is not null, polwithcheck is not null from pg_policy",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    for row in policies {
        let (table, policy, using, check): (String, String, bool, bool) =
            (row.get(0), row.get(1), row.get(2), row.get(3));
        run(&mut superuser, "begin").await;
        let using = if using { "using (true)" } else { "" };
        let check = if check { "with check (true)" } else { "" };
        run(
            &mut superuser,
            &format!("alter policy {policy} on {table} {using} {check}"),
        )
        .await;
        // An update or a deletion reaches only what may also be selected: open that, to see this one.
        let select = format!("alter policy {table}_select on {table} using (true)");
        if !policy.ends_with("_select") {
            run(&mut superuser, &select).await;
        }
        let found = differences(
            &mut superuser,
            Some(APP),
            &named(&table),
            &PEOPLE,
            &[Insert, Update, Delete],
        )
        .await;
        let selected = differences(&mut superuser, Some(APP), &named(&table), &PEOPLE, &[Select]).await;
        let noticed = if policy.ends_with("_select") {
            !selected.is_empty()
        } else {
            !found.is_empty()
        };
        // What an invited may write is in a trigger that stands behind the policy.
        assert!(
            noticed || policy == "caregiver_links_update",
            "nothing noticed that {policy} on {table} is open"
        );
        run(&mut superuser, "rollback").await;
    }
}

#[tokio::test]
async fn taking_row_security_or_its_force_off_any_table_turns_the_matrix_red() {
    let world = World::new().await;
    let mut superuser = world.superuser().await;
    people(&mut superuser).await;
    for table in TABLES {
        for (mutation, role, actors) in [
            ("no force row level security", OWNER, &[TableOwner][..]),
            ("disable row level security", APP, &PEOPLE[..]),
        ] {
            run(&mut superuser, "begin").await;
            run(&mut superuser, &format!("alter table {} {mutation}", table.name)).await;
            let found = differences(&mut superuser, Some(role), &[table], actors, &COMMANDS).await;
            assert!(!found.is_empty(), "nothing noticed that {} has {mutation}", table.name);
            run(&mut superuser, "rollback").await;
        }
    }
}
