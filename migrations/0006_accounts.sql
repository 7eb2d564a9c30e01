-- Passwords in a table of their own, and the links that set a new one.
--
-- A parent may read the row of users of each caregiver they let in: what is in it is name and
-- address, and from here on nothing that could be attacked.
--
-- The old column goes in the same step. That takes two releases once there is one; until now
-- nothing was released, and whatever reads it moves with this migration.

create table credentials (
    user_id uuid not null,
    -- argon2id, in PHC form
    password_hash text not null,
    changed_at timestamptz not null,
    constraint credentials_pkey primary key (user_id),
    constraint credentials_user_id_fkey foreign key (user_id) references users (id) on delete cascade
);

-- Row security holds the owner of the tables too, and would hide every row from this copy.
alter table users no force row level security;
insert into credentials (user_id, password_hash, changed_at)
select id, password_hash, created_at
from users;
alter table users force row level security;
alter table users drop column password_hash;

-- A link that sets a new password, once. Only the hash of what is in the link is kept.
create table password_resets (
    id uuid not null,
    user_id uuid not null,
    -- sha-256 of the token, in hex
    token_hash text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint password_resets_pkey primary key (id),
    constraint password_resets_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint password_resets_token_hash_key unique (token_hash),
    constraint password_resets_token_hash_form check (token_hash ~ '^[0-9a-f]{64}$')
);
create index password_resets_user_id_idx on password_resets (user_id);

-- Before sign-in: the account whose address was typed, once it is found.
create function app.sign_in_account() returns uuid language sql stable parallel safe as
$$ select nullif(pg_catalog.current_setting('app.sign_in_account', true), '')::uuid $$;

-- The account of an e-mail, for checking a password. Nobody is entered by it: it opens that
-- account's rows of users and credentials to read, until the transaction ends.
create or replace function app.find_account(address text) returns table (id uuid, password_hash text)
    language plpgsql as $$
begin
    execute pg_catalog.format('set local app.sign_in_email = %L', pg_catalog.lower(address));
    select u.id into id from public.users u where pg_catalog.lower(u.email) = pg_catalog.lower(address);
    if not found then
        return;
    end if;
    execute pg_catalog.format('set local app.sign_in_account = %L', id);
    select c.password_hash into password_hash from public.credentials c where c.user_id = id;
    return next;
end $$;

-- The account that a link which is still good at `at` is for. Nobody is entered by it.
create function app.find_reset(hash text, at timestamptz) returns uuid language plpgsql as $$
declare
    account uuid;
begin
    execute pg_catalog.format('set local app.presented_token = %L', hash);
    select r.user_id
    into account
    from public.password_resets r
    where r.token_hash = hash
      and r.expires_at > at;
    execute 'set local app.presented_token = ''''';
    return account;
end $$;

-- As before, and with what was agreed on the account.
drop function app.enter_session(text, timestamptz);
create function app.enter_session(hash text, at timestamptz)
    returns table (id uuid, user_id uuid, last_seen_at timestamptz, expires_at timestamptz,
                   email text, first_name text, last_name text, time_zone text, units text,
                   subscription_tier text, subscription_expires_at timestamptz)
    language plpgsql as $$
begin
    execute pg_catalog.format('set local app.presented_token = %L', hash);
    select s.id, s.user_id, s.last_seen_at, s.expires_at
    into id, user_id, last_seen_at, expires_at
    from public.sessions s
    where s.token_hash = hash
      and s.expires_at > at;
    -- The token has done its work; what it opened is the asker's own from here on.
    execute 'set local app.presented_token = ''''';
    if not found then
        return;
    end if;
    perform app.enter(user_id);
    select u.email, u.first_name, u.last_name, u.time_zone, u.units::text, u.subscription_tier::text,
           u.subscription_expires_at
    into strict email, first_name, last_name, time_zone, units, subscription_tier, subscription_expires_at
    from public.users u
    where u.id = user_id;
    return next;
end $$;

-- credentials: one's own, and before sign-in those of the address that was typed.
alter table credentials enable row level security, force row level security;
create policy credentials_select on credentials for select
    using (user_id = app.current_user_id() or user_id = app.sign_in_account());
create policy credentials_insert on credentials for insert with check (user_id = app.current_user_id());
create policy credentials_update on credentials for update
    using (user_id = app.current_user_id())
    with check (user_id = app.current_user_id());
create policy credentials_delete on credentials for delete using (user_id = app.current_user_id());

-- password_resets: one's own, and before sign-in the one whose token was presented. A link is made
-- and used up; none is changed.
alter table password_resets enable row level security, force row level security;
create policy password_resets_select on password_resets for select
    using (user_id = app.current_user_id() or token_hash = app.presented_token());
create policy password_resets_insert on password_resets for insert with check (user_id = app.current_user_id());
create policy password_resets_delete on password_resets for delete using (user_id = app.current_user_id());

-- As before, with the two tables.
create or replace procedure app.grant_to(role name) language plpgsql as $$
declare
    entry text;
    -- Columns that say whose a row is: a row never moves. (Not caregiver_user_id: accepting sets it.)
    fixed constant text[] := array['id', 'user_id', 'child_id', 'primary_user_id', 'session_id', 'device_id',
                                   'badge_id', 'seq', 'created_at'];
    columns text;
begin
    execute format('revoke all on all tables in schema public from %I', role);
    execute format('grant usage on schema public, app to %I', role);
    execute format('grant execute on all functions in schema app to %I', role);
    foreach entry in array array['badges', 'nutrition_guidelines'] loop
        execute format('grant select on public.%I to %I', entry, role);
    end loop;
    foreach entry in array array['changes'] loop
        execute format('grant select, insert on public.%I to %I', entry, role);
    end loop;
    foreach entry in array array['password_resets'] loop
        execute format('grant select, insert, delete on public.%I to %I', entry, role);
    end loop;
    foreach entry in array array['users', 'credentials', 'sessions', 'access_tokens', 'sign_in_throttle', 'children',
                                 'caregiver_links', 'meals', 'change_counters', 'tombstones',
                                 'growth_measurements', 'allergen_exposures', 'plans', 'reports', 'own_foods',
                                 'chat_sessions', 'chat_messages', 'gamification', 'user_badges',
                                 'points_ledger', 'offline_sync'] loop
        select string_agg(quote_ident(attname), ', ') into columns
        from pg_catalog.pg_attribute
        where attrelid = format('public.%I', entry)::regclass
          and attnum > 0
          and not attisdropped
          and attname <> all (fixed);
        execute format('grant select, insert, delete, update (%s) on public.%I to %I', columns, entry, role);
    end loop;
end $$;
