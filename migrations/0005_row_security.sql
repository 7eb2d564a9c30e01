-- Who may see and write which row: all of it is here.
--
-- A transaction says first who is asking (app.enter, app.enter_session); policies look only at what
-- that left in transaction-local settings and at the row's own columns, so they cost an index
-- condition, and hold on distributed tables. Nothing here is security definer. There is one policy
-- per command, since a second permissive one would turn the index condition into a filter; where a
-- command has none, it is refused.
--
-- Settings are made with `set local`, which reaches a cluster's workers (set_config does not), and
-- read through nullif: after a commit a local setting is the empty string, not null.

-- Who is asking.
create function app.current_user_id() returns uuid language sql stable parallel safe as
$$ select nullif(pg_catalog.current_setting('app.user_id', true), '')::uuid $$;

-- The asker's e-mail, lower case: an invitation names only that.
create function app.current_email() returns text language sql stable parallel safe as
$$ select nullif(pg_catalog.current_setting('app.email', true), '') $$;

-- Children the asker owns or was let in to; null when nobody asks.
create function app.readable_children() returns uuid[] language sql stable parallel safe as
$$ select pg_catalog.string_to_array(nullif(pg_catalog.current_setting('app.readable_children', true), ''), ',')::uuid[] $$;

create function app.writable_children() returns uuid[] language sql stable parallel safe as
$$ select pg_catalog.string_to_array(nullif(pg_catalog.current_setting('app.writable_children', true), ''), ',')::uuid[] $$;

-- Their owners, and the asker: whose own foods can be cooked with.
create function app.readable_owners() returns uuid[] language sql stable parallel safe as
$$ select pg_catalog.string_to_array(nullif(pg_catalog.current_setting('app.readable_owners', true), ''), ',')::uuid[] $$;

create function app.writable_owners() returns uuid[] language sql stable parallel safe as
$$ select pg_catalog.string_to_array(nullif(pg_catalog.current_setting('app.writable_owners', true), ''), ',')::uuid[] $$;

-- Those the asker has let in to a child: a parent sees who reads along.
create function app.known_caregivers() returns uuid[] language sql stable parallel safe as
$$ select pg_catalog.string_to_array(nullif(pg_catalog.current_setting('app.known_caregivers', true), ''), ',')::uuid[] $$;

-- Before sign-in: the e-mail, lower case, whose account is looked for. It opens that one row of
-- users to whoever typed the address, until the transaction ends.
create function app.sign_in_email() returns text language sql stable parallel safe as
$$ select nullif(pg_catalog.current_setting('app.sign_in_email', true), '') $$;

-- Before sign-in: the hash of the token that was presented. It opens the row that has it.
create function app.presented_token() returns text language sql stable parallel safe as
$$ select nullif(pg_catalog.current_setting('app.presented_token', true), '') $$;

-- Says who is asking, and looks up once what they may see. Called first in a transaction, at top
-- level, and again after a child was added. An account that is not there sees nothing but may
-- insert itself: that is how one signs up.
create function app.enter(account uuid) returns void language plpgsql as $$
declare
    readable uuid[];
    writable uuid[];
    read_owners uuid[];
    write_owners uuid[];
    caregivers uuid[];
    email text;
begin
    execute 'set local citus.propagate_set_commands = ''local''';        -- without effect on plain PostgreSQL
    execute 'set local citus.multi_shard_modify_mode = ''sequential''';
    execute pg_catalog.format('set local app.user_id = %L', coalesce(account::text, ''));
    execute 'set local app.email = ''''';
    execute 'set local app.readable_children = ''''';
    execute 'set local app.writable_children = ''''';
    execute 'set local app.readable_owners = ''''';
    execute 'set local app.writable_owners = ''''';
    execute 'set local app.known_caregivers = ''''';
    if account is null then
        return;
    end if;
    select array_agg(x.child_id) filter (where x.may_read),
           array_agg(x.child_id) filter (where x.may_read and x.may_write),
           array_agg(distinct x.owner) filter (where x.may_read),
           array_agg(distinct x.owner) filter (where x.may_read and x.may_write)
    into readable, writable, read_owners, write_owners
    from (select c.id as child_id, c.user_id as owner, true as may_read, true as may_write
          from public.children c
          where c.user_id = account
          union all
          select l.child_id,
                 l.primary_user_id,
                 coalesce((l.permissions ->> 'read')::boolean, false),
                 coalesce((l.permissions ->> 'write')::boolean, false)
          from public.caregiver_links l
          where l.caregiver_user_id = account
            and l.status = 'accepted') x;
    select array_agg(distinct l.caregiver_user_id)
    into caregivers
    from public.caregiver_links l
    where l.primary_user_id = account
      and l.status = 'accepted';
    select pg_catalog.lower(u.email) into email from public.users u where u.id = account;
    execute pg_catalog.format('set local app.email = %L', coalesce(email, ''));
    execute pg_catalog.format('set local app.readable_children = %L', coalesce(array_to_string(readable, ','), ''));
    execute pg_catalog.format('set local app.writable_children = %L', coalesce(array_to_string(writable, ','), ''));
    execute pg_catalog.format('set local app.readable_owners = %L',
                              array_to_string(array_append(read_owners, account), ','));
    execute pg_catalog.format('set local app.writable_owners = %L',
                              array_to_string(array_append(write_owners, account), ','));
    execute pg_catalog.format('set local app.known_caregivers = %L', coalesce(array_to_string(caregivers, ','), ''));
end $$;

-- The account of an e-mail, for checking a password. Nobody is entered by it.
create function app.find_account(address text) returns table (id uuid, password_hash text) language plpgsql as $$
begin
    execute pg_catalog.format('set local app.sign_in_email = %L', pg_catalog.lower(address));
    return query
        select u.id, u.password_hash
        from public.users u
        where pg_catalog.lower(u.email) = pg_catalog.lower(address);
end $$;

-- Enters as the account of a session that is alive at `at`, and returns both; no row when there is
-- none. One round trip for a request.
create function app.enter_session(hash text, at timestamptz)
    returns table (id uuid, user_id uuid, last_seen_at timestamptz, expires_at timestamptz,
                   email text, first_name text, last_name text, time_zone text)
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
    select u.email, u.first_name, u.last_name, u.time_zone
    into strict email, first_name, last_name, time_zone
    from public.users u
    where u.id = user_id;
    return next;
end $$;

-- Two kinds of table have the same policies everywhere: what belongs to a child, and what belongs
-- to an account. A table made later calls one of these in its own migration.
create procedure app.secure_child_owned(name regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security, force row level security', name);
    execute format('create policy %1$s_select on %1$s for select
                        using (child_id = any (app.readable_children()))', name);
    execute format('create policy %1$s_insert on %1$s for insert
                        with check (child_id = any (app.writable_children()))', name);
    execute format('create policy %1$s_update on %1$s for update
                        using (child_id = any (app.writable_children()))
                        with check (child_id = any (app.writable_children()))', name);
    execute format('create policy %1$s_delete on %1$s for delete
                        using (child_id = any (app.writable_children()))', name);
end $$;

create procedure app.secure_account_owned(name regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security, force row level security', name);
    execute format('create policy %1$s_select on %1$s for select using (user_id = app.current_user_id())', name);
    execute format('create policy %1$s_insert on %1$s for insert with check (user_id = app.current_user_id())', name);
    execute format('create policy %1$s_update on %1$s for update
                        using (user_id = app.current_user_id())
                        with check (user_id = app.current_user_id())', name);
    execute format('create policy %1$s_delete on %1$s for delete using (user_id = app.current_user_id())', name);
end $$;

call app.secure_child_owned('meals');
call app.secure_child_owned('tombstones');
call app.secure_child_owned('growth_measurements');
call app.secure_child_owned('allergen_exposures');
call app.secure_child_owned('plans');
call app.secure_child_owned('reports');

call app.secure_account_owned('access_tokens');
call app.secure_account_owned('gamification');
call app.secure_account_owned('user_badges');
call app.secure_account_owned('points_ledger');
call app.secure_account_owned('offline_sync');

-- users: oneself, and by name those one let in. Before sign-in, the address that was typed.
alter table users enable row level security, force row level security;
create policy users_select on users for select
    using (id = app.current_user_id()
           or id = any (app.known_caregivers())
           or lower(email) = app.sign_in_email());
create policy users_insert on users for insert with check (id = app.current_user_id());
create policy users_update on users for update
    using (id = app.current_user_id())
    with check (id = app.current_user_id());
create policy users_delete on users for delete using (id = app.current_user_id());

-- sessions: one's own, and before sign-in the one whose token was presented.
alter table sessions enable row level security, force row level security;
create policy sessions_select on sessions for select
    using (user_id = app.current_user_id() or token_hash = app.presented_token());
create policy sessions_insert on sessions for insert with check (user_id = app.current_user_id());
create policy sessions_update on sessions for update
    using (user_id = app.current_user_id())
    with check (user_id = app.current_user_id());
create policy sessions_delete on sessions for delete using (user_id = app.current_user_id());

-- children: a caregiver who may write keeps the profile too (a second parent adds an allergy).
-- Only the owner adds and deletes. That nobody takes a child over is in app.grant_to: user_id is
-- not to be updated by anybody.
alter table children enable row level security, force row level security;
create policy children_select on children for select
    using (user_id = app.current_user_id() or id = any (app.readable_children()));
create policy children_insert on children for insert with check (user_id = app.current_user_id());
create policy children_update on children for update
    using (user_id = app.current_user_id() or id = any (app.writable_children()))
    with check (user_id = app.current_user_id() or id = any (app.writable_children()));
create policy children_delete on children for delete using (user_id = app.current_user_id());

-- changes: written once, and read. They go only with their child.
alter table changes enable row level security, force row level security;
create policy changes_select on changes for select using (child_id = any (app.readable_children()));
create policy changes_insert on changes for insert with check (child_id = any (app.writable_children()));

alter table change_counters enable row level security, force row level security;
create policy change_counters_select on change_counters for select
    using (child_id = any (app.readable_children()));
create policy change_counters_insert on change_counters for insert
    with check (child_id = any (app.writable_children()));
create policy change_counters_update on change_counters for update
    using (child_id = any (app.writable_children()))
    with check (child_id = any (app.writable_children()));

-- own_foods: of the child's owner, for everybody who feeds the child.
alter table own_foods enable row level security, force row level security;
create policy own_foods_select on own_foods for select using (user_id = any (app.readable_owners()));
create policy own_foods_insert on own_foods for insert with check (user_id = any (app.writable_owners()));
create policy own_foods_update on own_foods for update
    using (user_id = any (app.writable_owners()))
    with check (user_id = any (app.writable_owners()));
create policy own_foods_delete on own_foods for delete using (user_id = any (app.writable_owners()));

-- Chat: one's own, and only while one may still see the child it is about.
alter table chat_sessions enable row level security, force row level security;
create policy chat_sessions_select on chat_sessions for select
    using (user_id = app.current_user_id() and (child_id is null or child_id = any (app.readable_children())));
create policy chat_sessions_insert on chat_sessions for insert
    with check (user_id = app.current_user_id() and (child_id is null or child_id = any (app.readable_children())));
create policy chat_sessions_update on chat_sessions for update
    using (user_id = app.current_user_id() and (child_id is null or child_id = any (app.readable_children())))
    with check (user_id = app.current_user_id() and (child_id is null or child_id = any (app.readable_children())));
create policy chat_sessions_delete on chat_sessions for delete using (user_id = app.current_user_id());

alter table chat_messages enable row level security, force row level security;
create policy chat_messages_select on chat_messages for select
    using (user_id = app.current_user_id() and (child_id is null or child_id = any (app.readable_children())));
create policy chat_messages_insert on chat_messages for insert
    with check (user_id = app.current_user_id() and (child_id is null or child_id = any (app.readable_children())));
create policy chat_messages_update on chat_messages for update
    using (user_id = app.current_user_id() and (child_id is null or child_id = any (app.readable_children())))
    with check (user_id = app.current_user_id() and (child_id is null or child_id = any (app.readable_children())));
create policy chat_messages_delete on chat_messages for delete using (user_id = app.current_user_id());

-- caregiver_links: the owner's, the caregiver's, and while it is pending that of whoever has the
-- e-mail it names. Only the owner invites (the foreign key to children (id, user_id) says whose
-- child it is) and only as pending. Policies cannot compare a row with what it was: what each side
-- may change is in the trigger below.
alter table caregiver_links enable row level security, force row level security;
create policy caregiver_links_select on caregiver_links for select
    using (app.current_user_id() in (primary_user_id, caregiver_user_id)
           or (status = 'pending' and lower(invited_email) = app.current_email()));
create policy caregiver_links_insert on caregiver_links for insert
    with check (primary_user_id = app.current_user_id() and status = 'pending' and caregiver_user_id is null);
create policy caregiver_links_update on caregiver_links for update
    using (app.current_user_id() in (primary_user_id, caregiver_user_id)
           or (status = 'pending' and lower(invited_email) = app.current_email()))
    with check (app.current_user_id() in (primary_user_id, caregiver_user_id));
create policy caregiver_links_delete on caregiver_links for delete using (primary_user_id = app.current_user_id());

create function app.guard_link() returns trigger language plpgsql as $$
declare
    me uuid := app.current_user_id();
begin
    if old.primary_user_id = me then
        -- The owner changes what is allowed and revokes, but accepts for nobody.
        if new.caregiver_user_id is distinct from old.caregiver_user_id
            or (new.status <> old.status and new.status <> 'revoked') then
            raise exception 'only the invited answers an invitation' using errcode = 'insufficient_privilege';
        end if;
    else
        -- The invited accepts or declines; later, the caregiver leaves. Nothing else.
        if (old.status, new.status) not in (('pending', 'accepted'), ('pending', 'declined'), ('accepted', 'revoked'))
            or new.caregiver_user_id is distinct from me
            or (to_jsonb(new) - array['status', 'caregiver_user_id', 'responded_at', 'token_hash', 'updated_at'])
               <> (to_jsonb(old) - array['status', 'caregiver_user_id', 'responded_at', 'token_hash', 'updated_at'])
            or (new.token_hash is not null and new.token_hash is distinct from old.token_hash) then
            raise exception 'the invited may only accept, decline or leave' using errcode = 'insufficient_privilege';
        end if;
    end if;
    return new;
end $$;
create trigger caregiver_links_guard before update on caregiver_links
    for each row execute function app.guard_link();

-- Exactly what the app role needs. Run by the owner after migrations; twice does no harm.
-- A table that is not on one of these lists is out of the app's reach, and the isolation test
-- says so.
create procedure app.grant_to(role name) language plpgsql as $$
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
    foreach entry in array array['users', 'sessions', 'access_tokens', 'sign_in_throttle', 'children',
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
revoke execute on procedure app.grant_to(name), app.secure_child_owned(regclass), app.secure_account_owned(regclass)
    from public;
