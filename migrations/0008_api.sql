-- Personal tokens for the API: who they enter as, and how much of that they may reach.
--
-- A transaction of a token has no app.user_id. So whatever belongs to an account (its sessions, its
-- other tokens, its invitations, deleting it) is refused by the policies there are, also on tables
-- that are made later; a token reaches what a setting below names and nothing else. Children's rows
-- go by the same two settings as ever, which are narrowed to the token's children.

-- Whose token it is: it may see that one row of users, to say who logged a meal.
create function app.token_user_id() returns uuid language sql stable parallel safe as
$$ select nullif(pg_catalog.current_setting('app.token_user_id', true), '')::uuid $$;

-- The same, where the token may write for every child: only such a token adds and deletes children.
create function app.token_owner() returns uuid language sql stable parallel safe as
$$ select nullif(pg_catalog.current_setting('app.token_owner', true), '')::uuid $$;

-- Enters as the token with this hash, if it is alive at `at`, and returns it; no row when there is
-- none, and nobody is entered then. Called first in a transaction, at top level, and again after a
-- child was added.
create function app.enter_token(hash text, at timestamptz)
    returns table (id uuid, user_id uuid, name text, child_ids uuid[], may_write boolean,
                   last_used_at timestamptz, expires_at timestamptz)
    language plpgsql as $$
declare
    readable uuid[];
    writable uuid[];
    owners uuid[];
    write_owners uuid[];
begin
    perform app.enter(null);
    execute 'set local app.token_user_id = ''''';
    execute 'set local app.token_owner = ''''';
    execute pg_catalog.format('set local app.presented_token = %L', hash);
    select t.id, t.user_id, t.name, t.child_ids, t.may_write, t.last_used_at, t.expires_at
    into id, user_id, name, child_ids, may_write, last_used_at, expires_at
    from public.access_tokens t
    where t.token_hash = hash
      and (t.expires_at is null or t.expires_at > at);
    -- The token has done its work.
    execute 'set local app.presented_token = ''''';
    if not found then
        return;
    end if;

    -- What its maker may reach now, which may be less than when it was made.
    perform app.enter(user_id);
    readable := app.readable_children();
    writable := app.writable_children();
    if child_ids is not null then
        readable := array(select c from unnest(readable) c where c = any (child_ids));
        writable := array(select c from unnest(writable) c where c = any (child_ids));
    end if;
    if not may_write then
        writable := '{}';
    end if;
    -- Foods are their owner's, for all children: with some children they can be read, and only with
    -- all of them written.
    owners := array(select distinct c.user_id from public.children c where c.id = any (readable));
    if child_ids is null then
        owners := array_append(owners, user_id);
    end if;
    if may_write and child_ids is null then
        write_owners := app.writable_owners();
    end if;

    -- From here on the account itself is out of reach.
    execute 'set local app.user_id = ''''';
    execute 'set local app.email = ''''';
    execute 'set local app.known_caregivers = ''''';
    execute pg_catalog.format('set local app.readable_children = %L', coalesce(array_to_string(readable, ','), ''));
    execute pg_catalog.format('set local app.writable_children = %L', coalesce(array_to_string(writable, ','), ''));
    execute pg_catalog.format('set local app.readable_owners = %L', coalesce(array_to_string(owners, ','), ''));
    execute pg_catalog.format('set local app.writable_owners = %L', coalesce(array_to_string(write_owners, ','), ''));
    execute pg_catalog.format('set local app.token_user_id = %L', user_id);
    if may_write and child_ids is null then
        execute pg_catalog.format('set local app.token_owner = %L', user_id);
    end if;
    return next;
end $$;

alter policy users_select on users
    using (id = app.current_user_id()
           or id = app.token_user_id()
           or id = any (app.known_caregivers())
           or lower(email) = app.sign_in_email());

alter policy access_tokens_select on access_tokens
    using (user_id = app.current_user_id() or token_hash = app.presented_token());

alter policy children_insert on children
    with check (user_id = app.current_user_id() or user_id = app.token_owner());
alter policy children_delete on children
    using (user_id = app.current_user_id() or user_id = app.token_owner());
