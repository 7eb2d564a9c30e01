-- What belongs to a child. Each primary key begins with child_id, so that a table can be hash
-- partitioned, or distributed by child, with no change of schema.

create table meals (
    child_id uuid not null,
    id uuid not null,
    -- No foreign key: a grandmother who closes her account does not take the meals with her.
    logged_by uuid not null,
    -- Her name as it was then.
    logged_by_name text not null default '',
    meal_type meal_type not null,
    kind meal_kind not null default 'food',
    input_method input_method not null default 'text',
    -- When it was eaten, and the calendar date it then was where the child lives.
    logged_at timestamptz not null,
    meal_date date not null,
    raw_input text not null default '',
    gpt_analysis jsonb,
    analysis_state analysis_state not null default 'waiting',
    food_items text[] not null default '{}',
    estimated_quantity text not null default '',
    -- Null is unknown, never zero.
    calories numeric,
    protein_g numeric,
    fat_g numeric,
    carbs_g numeric,
    fiber_g numeric,
    iron_mg numeric,
    calcium_mg numeric,
    vitamin_a_mcg numeric,
    vitamin_c_mg numeric,
    vitamin_d_mcg numeric,
    zinc_mg numeric,
    folate_mcg numeric,
    confidence_score numeric,
    notes text not null default '',
    -- The last write of each field: {"<field>": {"by": …, "at": …, "change": …}}
    field_stamps jsonb not null default '{}',
    -- Somebody deleted it and somebody mended it later: a parent decides.
    disputed boolean not null default false,
    -- When it was entered.
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint meals_pkey primary key (child_id, id),
    constraint meals_child_id_fkey foreign key (child_id) references children (id) on delete cascade,
    constraint meals_raw_input_length check (char_length(raw_input) <= 2000),
    constraint meals_notes_length check (char_length(notes) <= 2000),
    constraint meals_confidence_score_share check (confidence_score between 0 and 1),
    constraint meals_nutrients_not_negative check (
        least(calories, protein_g, fat_g, carbs_g, fiber_g, iron_mg, calcium_mg, vitamin_a_mcg, vitamin_c_mg,
              vitamin_d_mcg, zinc_mg, folate_mcg) >= 0
    ),
    constraint meals_field_stamps_object check (jsonb_typeof(field_stamps) = 'object')
);
create index meals_child_id_meal_date_idx on meals (child_id, meal_date desc, logged_at);
create index meals_child_id_logged_at_idx on meals (child_id, logged_at desc);
create index meals_food_items_idx on meals using gin (app.words(food_items));
-- Which meals carried a warning, and of which rule. The whole analysis would index every figure
-- of every item for nobody.
create index meals_warnings_idx on meals using gin ((gpt_analysis -> 'warnings') jsonb_path_ops);

-- One line for every write, numbered per child without gaps: what readers follow with a cursor.
create table changes (
    child_id uuid not null,
    seq bigint not null,
    -- The change's own id: applied twice it changes nothing.
    id uuid not null,
    noun text not null,
    row_id uuid not null,
    fields jsonb not null,
    stamp timestamptz not null,
    -- Who; no foreign key, like meals.logged_by.
    account_id uuid not null,
    received_at timestamptz not null,
    constraint changes_pkey primary key (child_id, seq),
    constraint changes_child_id_fkey foreign key (child_id) references children (id) on delete cascade,
    constraint changes_id_key unique (child_id, id),
    constraint changes_seq_positive check (seq > 0)
);
create index changes_row_idx on changes (child_id, row_id);

-- The last seq of a child. A writer locks this row first: a sequence would let a late commit slip
-- behind a reader's cursor.
create table change_counters (
    child_id uuid not null,
    last_seq bigint not null default 0,
    constraint change_counters_pkey primary key (child_id),
    constraint change_counters_child_id_fkey foreign key (child_id) references children (id) on delete cascade,
    constraint change_counters_last_seq_positive check (last_seq >= 0)
);

-- What a deleted row last was, so that undo and late replays work and nothing rises again.
create table tombstones (
    child_id uuid not null,
    id uuid not null,
    noun text not null,
    state jsonb not null,
    deleted_at timestamptz not null,
    constraint tombstones_pkey primary key (child_id, id),
    constraint tombstones_child_id_fkey foreign key (child_id) references children (id) on delete cascade
);

create table growth_measurements (
    child_id uuid not null,
    id uuid not null,
    logged_by uuid not null,
    measured_on date not null,
    weight_kg numeric,
    height_cm numeric,
    head_cm numeric,
    -- Lying or standing: the standards differ by 0.7 cm.
    lying boolean,
    notes text not null default '',
    field_stamps jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint growth_measurements_pkey primary key (child_id, id),
    constraint growth_measurements_child_id_fkey foreign key (child_id) references children (id) on delete cascade,
    constraint growth_measurements_measures_something check (num_nonnulls(weight_kg, height_cm, head_cm) > 0),
    constraint growth_measurements_weight_plausible check (weight_kg between 0.3 and 40),
    constraint growth_measurements_height_plausible check (height_cm between 20 and 140),
    constraint growth_measurements_head_plausible check (head_cm between 15 and 65)
);
create index growth_measurements_child_id_measured_on_idx on growth_measurements (child_id, measured_on);

create table allergen_exposures (
    child_id uuid not null,
    id uuid not null,
    logged_by uuid not null,
    allergen text not null,
    exposed_on date not null,
    -- The meal it was in, when it was in one that is logged. No foreign key: a deleted meal waits in
    -- tombstones for its undo, and takes nothing with it meanwhile.
    meal_id uuid,
    reaction jsonb,
    notes text not null default '',
    field_stamps jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint allergen_exposures_pkey primary key (child_id, id),
    constraint allergen_exposures_child_id_fkey foreign key (child_id) references children (id) on delete cascade
);
create index allergen_exposures_child_id_allergen_idx on allergen_exposures (child_id, allergen, exposed_on);
create index allergen_exposures_meal_idx on allergen_exposures (child_id, meal_id);

create table plans (
    child_id uuid not null,
    id uuid not null,
    -- The child's owner, whose tier it needs.
    user_id uuid not null,
    plan_name text not null,
    start_date date not null,
    end_date date not null,
    plan_data jsonb not null default '{}',
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint plans_pkey primary key (child_id, id),
    constraint plans_child_owner_fkey foreign key (child_id, user_id)
        references children (id, user_id) on delete cascade,
    constraint plans_dates_in_order check (end_date >= start_date)
);
create index plans_child_id_start_date_idx on plans (child_id, start_date desc);
create index plans_user_id_idx on plans (user_id);

create table reports (
    child_id uuid not null,
    id uuid not null,
    -- The child's owner, whose tier it needs.
    user_id uuid not null,
    report_type report_type not null,
    start_date date not null,
    end_date date not null,
    report_data jsonb not null default '{}',
    insights text[] not null default '{}',
    recommendations text[] not null default '{}',
    -- Where the PDF is kept; null until it is made.
    pdf_key text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint reports_pkey primary key (child_id, id),
    constraint reports_child_owner_fkey foreign key (child_id, user_id)
        references children (id, user_id) on delete cascade,
    constraint reports_dates_in_order check (end_date >= start_date)
);
create index reports_child_id_start_date_idx on reports (child_id, start_date desc);
create index reports_user_id_idx on reports (user_id);

create trigger meals_touch before update on meals for each row execute function app.touch();
create trigger growth_measurements_touch before update on growth_measurements
    for each row execute function app.touch();
create trigger allergen_exposures_touch before update on allergen_exposures for each row execute function app.touch();
create trigger plans_touch before update on plans for each row execute function app.touch();
create trigger reports_touch before update on reports for each row execute function app.touch();
