-- Invitations. An account's address is what somebody typed when signing up, and proves nothing: to
-- see and to answer an invitation one presents its token, and has an account with the address it
-- names. Both are checked here, and so is the time it runs out.

-- What whoever is invited reads before they may see the child: names as they were then.
alter table caregiver_links
    add column child_name text not null default '',
    add column invited_by_name text not null default '';

-- One open invitation for each address: inviting again takes the one before back.
create unique index caregiver_links_one_pending on caregiver_links (child_id, lower(invited_email))
    where status = 'pending';
-- Nobody looks an invitation up by its address any more.
drop index caregiver_links_invited_email_idx;

-- The hash of the invitation's token that was presented.
create function app.presented_invitation() returns text language sql stable parallel safe as
$$ select nullif(pg_catalog.current_setting('app.presented_invitation', true), '') $$;

-- The time that was handed in with it; the database's own where none was.
create function app.asked_at() returns timestamptz language sql stable parallel safe as
$$ select coalesce(nullif(pg_catalog.current_setting('app.asked_at', true), '')::timestamptz, pg_catalog.now()) $$;

-- Presents an invitation, until the transaction ends. Called at top level, like app.enter.
create function app.present_invitation(hash text, at timestamptz) returns void language plpgsql as $$
begin
    execute pg_catalog.format('set local app.presented_invitation = %L', hash);
    execute pg_catalog.format('set local app.asked_at = %L', at);
end $$;

-- Whether a link is the presented invitation, still to be answered.
create function app.is_presented(state link_status, hash text, expires_at timestamptz)
    returns boolean language sql stable parallel safe as
$$ select state = 'pending' and hash = app.presented_invitation() and expires_at > app.asked_at() $$;

drop policy caregiver_links_select on caregiver_links;
create policy caregiver_links_select on caregiver_links for select
    using (app.current_user_id() in (primary_user_id, caregiver_user_id)
           or app.is_presented(status, token_hash, expires_at));
drop policy caregiver_links_update on caregiver_links;
create policy caregiver_links_update on caregiver_links for update
    using (app.current_user_id() in (primary_user_id, caregiver_user_id)
           or (app.is_presented(status, token_hash, expires_at) and lower(invited_email) = app.current_email()))
    with check (app.current_user_id() in (primary_user_id, caregiver_user_id));

-- As before, and the invited is asked for token, address and time a second time: a policy is one
-- line, and this is the door to a child.
create or replace function app.guard_link() returns trigger language plpgsql as $$
declare
    me uuid := app.current_user_id();
begin
    if old.primary_user_id = me then
        -- The owner changes what is allowed and revokes, but accepts for nobody.
        if new.caregiver_user_id is distinct from old.caregiver_user_id
            or (new.status <> old.status and new.status <> 'revoked') then
            raise exception 'only the invited answers an invitation' using errcode = 'insufficient_privilege';
        end if;
        return new;
    end if;
    -- The invited accepts or declines; later, the caregiver leaves. Nothing else.
    if (old.status, new.status) not in (('pending', 'accepted'), ('pending', 'declined'), ('accepted', 'revoked'))
        or new.caregiver_user_id is distinct from me
        or (old.status = 'accepted' and old.caregiver_user_id is distinct from me)
        or (to_jsonb(new) - array['status', 'caregiver_user_id', 'responded_at', 'token_hash', 'updated_at'])
           <> (to_jsonb(old) - array['status', 'caregiver_user_id', 'responded_at', 'token_hash', 'updated_at'])
        or new.token_hash is not null then
        raise exception 'the invited may only accept, decline or leave' using errcode = 'insufficient_privilege';
    end if;
    if old.status = 'pending'
        and (app.is_presented(old.status, old.token_hash, old.expires_at)
             and lower(old.invited_email) = app.current_email()) is not true then
        raise exception 'an invitation is answered with its link, by its address, in time'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
