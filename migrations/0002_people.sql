-- Who signs in, their children, and whom they let in.

create table users (
    id uuid not null,
    email text not null,
    password_hash text not null,
    first_name text not null default '',
    last_name text not null default '',
    subscription_tier subscription_tier not null default 'free',
    subscription_expires_at timestamptz,
    time_zone text not null default 'UTC',
    units units not null default 'metric',
    -- What was agreed to: {"<what>": {"version": "…", "at": "…"}}
    consents jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint users_pkey primary key (id),
    constraint users_email_length check (char_length(email) between 3 and 254),
    constraint users_names_length check (char_length(first_name) <= 100 and char_length(last_name) <= 100),
    constraint users_consents_object check (jsonb_typeof(consents) = 'object')
);
create unique index users_email_key on users (lower(email));

-- A browser that is signed in. Only the hash of what the cookie holds is kept.
create table sessions (
    id uuid not null,
    user_id uuid not null,
    -- sha-256 of the token, in hex
    token_hash text not null,
    user_agent text not null default '',
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    constraint sessions_pkey primary key (id),
    constraint sessions_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint sessions_token_hash_key unique (token_hash),
    constraint sessions_token_hash_form check (token_hash ~ '^[0-9a-f]{64}$')
);
create index sessions_user_id_idx on sessions (user_id, last_seen_at desc);
create index sessions_expires_at_idx on sessions (expires_at);

-- A personal token for the API.
create table access_tokens (
    id uuid not null,
    user_id uuid not null,
    name text not null,
    -- sha-256 of the token, in hex
    token_hash text not null,
    -- null: every child its maker can see
    child_ids uuid[],
    may_write boolean not null default false,
    created_at timestamptz not null,
    last_used_at timestamptz,
    expires_at timestamptz,
    constraint access_tokens_pkey primary key (id),
    constraint access_tokens_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint access_tokens_token_hash_key unique (token_hash),
    constraint access_tokens_token_hash_form check (token_hash ~ '^[0-9a-f]{64}$'),
    constraint access_tokens_name_length check (char_length(name) between 1 and 100)
);
create index access_tokens_user_id_idx on access_tokens (user_id);

-- Failed sign-ins, by the hash of an address or of an account's e-mail: it must be written
-- before anybody is known, and holds nothing that tells who it was.
create table sign_in_throttle (
    key text not null,
    failures integer not null default 0,
    last_failure_at timestamptz not null,
    blocked_until timestamptz,
    constraint sign_in_throttle_pkey primary key (key),
    constraint sign_in_throttle_failures_positive check (failures >= 0)
);
create index sign_in_throttle_last_failure_at_idx on sign_in_throttle (last_failure_at);

create table children (
    id uuid not null,
    user_id uuid not null,
    name text not null,
    date_of_birth date not null,
    due_date date,
    sex sex not null,
    -- The latest measured; growth_measurements has them all.
    weight_kg numeric,
    height_cm numeric,
    allergies text[] not null default '{}',
    dietary_restrictions text[] not null default '{}',
    eczema eczema,
    region text,
    time_zone text not null,
    pediatrician_name text not null default '',
    pediatrician_contact text not null default '',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint children_pkey primary key (id),
    constraint children_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    -- What says that a child is this owner's: foreign keys see through row security.
    constraint children_id_user_id_key unique (id, user_id),
    constraint children_name_length check (char_length(name) between 1 and 100),
    constraint children_weight_plausible check (weight_kg between 0.3 and 40),
    constraint children_height_plausible check (height_cm between 20 and 140)
);
create index children_user_id_idx on children (user_id);

create table caregiver_links (
    id uuid not null,
    child_id uuid not null,
    primary_user_id uuid not null,
    caregiver_user_id uuid,
    invited_email text not null,
    -- sha-256 of the invitation's token, in hex; gone once answered
    token_hash text,
    expires_at timestamptz not null,
    permissions jsonb not null default '{"read": true, "write": false}',
    status link_status not null default 'pending',
    invited_at timestamptz not null default now(),
    responded_at timestamptz,
    updated_at timestamptz not null default now(),
    constraint caregiver_links_pkey primary key (id),
    -- Only the child's owner can invite, whatever a policy says.
    constraint caregiver_links_child_owner_fkey foreign key (child_id, primary_user_id)
        references children (id, user_id) on delete cascade,
    constraint caregiver_links_caregiver_user_id_fkey foreign key (caregiver_user_id)
        references users (id) on delete cascade,
    constraint caregiver_links_token_hash_key unique (token_hash),
    constraint caregiver_links_permissions_form check (
        jsonb_typeof(permissions) = 'object'
        and jsonb_typeof(permissions -> 'read') is not distinct from 'boolean'
        and jsonb_typeof(permissions -> 'write') is not distinct from 'boolean'
    ),
    constraint caregiver_links_accepted_by_somebody check (status <> 'accepted' or caregiver_user_id is not null),
    constraint caregiver_links_not_oneself check (caregiver_user_id <> primary_user_id)
);
create index caregiver_links_child_id_idx on caregiver_links (child_id, primary_user_id);
create index caregiver_links_primary_user_id_idx on caregiver_links (primary_user_id);
create index caregiver_links_caregiver_user_id_idx on caregiver_links (caregiver_user_id);
create index caregiver_links_invited_email_idx on caregiver_links (lower(invited_email)) where status = 'pending';
create unique index caregiver_links_one_accepted on caregiver_links (child_id, caregiver_user_id)
    where status = 'accepted';

create trigger users_touch before update on users for each row execute function app.touch();
create trigger children_touch before update on children for each row execute function app.touch();
create trigger caregiver_links_touch before update on caregiver_links for each row execute function app.touch();
