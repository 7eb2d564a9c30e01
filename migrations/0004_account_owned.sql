-- What belongs to an account, and what belongs to nobody.

-- Foods a family made; its caregivers cook with them too.
create table own_foods (
    -- The owner of the children who eat it.
    user_id uuid not null,
    id uuid not null,
    name text not null,
    -- Per 100 g, allergens and portions, as domain::food has them.
    food_data jsonb not null,
    field_stamps jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint own_foods_pkey primary key (user_id, id),
    constraint own_foods_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint own_foods_name_length check (char_length(name) between 1 and 200)
);

create table chat_sessions (
    user_id uuid not null,
    id uuid not null,
    child_id uuid,
    session_name text not null default '',
    context_data jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint chat_sessions_pkey primary key (user_id, id),
    constraint chat_sessions_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint chat_sessions_child_id_fkey foreign key (child_id) references children (id) on delete cascade
);
create index chat_sessions_user_id_updated_at_idx on chat_sessions (user_id, updated_at desc);
create index chat_sessions_child_id_idx on chat_sessions (child_id);

create table chat_messages (
    user_id uuid not null,
    id uuid not null,
    session_id uuid not null,
    -- The session's child: a caregiver who is shut out loses these too, and a policy may not look
    -- into another table.
    child_id uuid,
    role chat_role not null,
    content text not null,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    constraint chat_messages_pkey primary key (user_id, id),
    constraint chat_messages_session_fkey foreign key (user_id, session_id)
        references chat_sessions (user_id, id) on delete cascade,
    constraint chat_messages_child_id_fkey foreign key (child_id) references children (id) on delete cascade
);
create index chat_messages_session_idx on chat_messages (user_id, session_id, created_at);
create index chat_messages_child_id_idx on chat_messages (child_id);

create table gamification (
    user_id uuid not null,
    points integer not null default 0,
    experience_points integer not null default 0,
    level integer not null default 1,
    current_streak integer not null default 0,
    longest_streak integer not null default 0,
    last_activity_date date,
    -- A copy for display; user_badges is the truth.
    badges jsonb not null default '[]',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint gamification_pkey primary key (user_id),
    constraint gamification_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint gamification_not_negative check (
        least(points, experience_points, current_streak, longest_streak) >= 0 and level >= 1
    ),
    constraint gamification_badges_array check (jsonb_typeof(badges) = 'array')
);

create table badges (
    id uuid not null,
    name text not null,
    description text not null,
    badge_type badge_type not null,
    icon text not null,
    points_reward integer not null default 0,
    -- {"count": "<what>", "at_least": n}: a new badge needs no code.
    criteria jsonb not null,
    created_at timestamptz not null default now(),
    constraint badges_pkey primary key (id),
    constraint badges_name_key unique (name),
    constraint badges_points_reward_not_negative check (points_reward >= 0)
);

create table user_badges (
    user_id uuid not null,
    badge_id uuid not null,
    earned_at timestamptz not null default now(),
    constraint user_badges_pkey primary key (user_id, badge_id),
    constraint user_badges_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint user_badges_badge_id_fkey foreign key (badge_id) references badges (id) on delete cascade
);
create index user_badges_badge_id_idx on user_badges (badge_id);

-- Points, once per child, day and reason: what gamification.points is the sum of.
create table points_ledger (
    user_id uuid not null,
    child_id uuid not null,
    day date not null,
    reason text not null,
    points integer not null,
    created_at timestamptz not null default now(),
    constraint points_ledger_pkey primary key (user_id, child_id, day, reason),
    constraint points_ledger_child_owner_fkey foreign key (child_id, user_id)
        references children (id, user_id) on delete cascade,
    constraint points_ledger_points_not_negative check (points >= 0)
);
create index points_ledger_child_id_idx on points_ledger (child_id, user_id, day);

-- What a device last said and was told.
create table offline_sync (
    user_id uuid not null,
    device_id uuid not null,
    sync_data jsonb not null default '{}',
    last_sync_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint offline_sync_pkey primary key (user_id, device_id),
    constraint offline_sync_user_id_fkey foreign key (user_id) references users (id) on delete cascade
);

create table nutrition_guidelines (
    id uuid not null,
    title text not null,
    guideline_text text not null,
    source text not null,
    region text,
    language text not null default 'en',
    age_min_months integer not null default 0,
    age_max_months integer not null default 96,
    guideline_type text not null,
    embedding vector(384),
    -- The model, with its version, that made the embedding.
    embedding_id text,
    metadata jsonb not null default '{}',
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint nutrition_guidelines_pkey primary key (id),
    constraint nutrition_guidelines_ages_in_order check (age_min_months between 0 and age_max_months),
    constraint nutrition_guidelines_embedding_named check ((embedding is null) = (embedding_id is null))
);
create index nutrition_guidelines_age_idx
    on nutrition_guidelines (age_min_months, age_max_months, region, guideline_type) where is_active;
create index nutrition_guidelines_words_idx
    on nutrition_guidelines using gin (to_tsvector('pg_catalog.english', title || ' ' || guideline_text));
create index nutrition_guidelines_metadata_idx on nutrition_guidelines using gin (metadata jsonb_path_ops);
create index nutrition_guidelines_embedding_idx on nutrition_guidelines using hnsw (embedding vector_cosine_ops);

create trigger own_foods_touch before update on own_foods for each row execute function app.touch();
create trigger chat_sessions_touch before update on chat_sessions for each row execute function app.touch();
create trigger gamification_touch before update on gamification for each row execute function app.touch();
create trigger offline_sync_touch before update on offline_sync for each row execute function app.touch();
create trigger nutrition_guidelines_touch before update on nutrition_guidelines
    for each row execute function app.touch();

insert into badges (id, name, description, badge_type, icon, points_reward, criteria) values
    ('0190a5c0-0000-7000-8000-000000000001', 'First Meal', 'You logged your first meal.',
     'milestone', 'first-meal', 10, '{"count": "meals", "at_least": 1}'),
    ('0190a5c0-0000-7000-8000-000000000002', 'Week Warrior', 'Seven days in a row with a meal.',
     'streak', 'week', 50, '{"count": "streak_days", "at_least": 7}'),
    ('0190a5c0-0000-7000-8000-000000000003', 'Nutrition Expert', 'A hundred meals logged.',
     'milestone', 'expert', 200, '{"count": "meals", "at_least": 100}'),
    ('0190a5c0-0000-7000-8000-000000000004', 'Iron Champion', 'Thirty days at the iron target.',
     'achievement', 'iron', 150, '{"count": "days_at_target", "nutrient": "iron", "at_least": 30}'),
    ('0190a5c0-0000-7000-8000-000000000005', 'Growth Tracker', 'Five measurements recorded.',
     'milestone', 'growth', 25, '{"count": "growth_measurements", "at_least": 5}'),
    ('0190a5c0-0000-7000-8000-000000000006', 'Voice Logger', 'Ten meals logged by voice.',
     'achievement', 'voice', 30, '{"count": "meals", "input_method": "voice", "at_least": 10}'),
    ('0190a5c0-0000-7000-8000-000000000007', 'Image Analyzer', 'Five meals logged by photo.',
     'achievement', 'image', 40, '{"count": "meals", "input_method": "image", "at_least": 5}');
