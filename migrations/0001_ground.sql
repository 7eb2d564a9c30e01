-- What every table stands on: pgvector, the enums of the document, the schema `app`.

-- pgvector is not a trusted extension: only a superuser can create it. The embedded server has
-- done so before this runs; elsewhere the error says what to do.
do $$
begin
    if not exists (select from pg_catalog.pg_extension where extname = 'vector') then
        begin
            create extension vector;
        exception when insufficient_privilege or undefined_file or feature_not_supported then
            raise exception 'TinyTummy needs the extension pgvector in the database "%".', current_database()
                using detail = sqlerrm,
                      hint = 'Install pgvector for this PostgreSQL, then run once as a superuser, '
                             'connected to this database: create extension vector;';
        end;
    end if;
end $$;

create schema app;

create type subscription_tier as enum ('free', 'premium');
create type meal_type as enum ('breakfast', 'lunch', 'dinner', 'snack');
create type input_method as enum ('text', 'voice', 'image');
create type report_type as enum ('weekly', 'monthly', 'custom');
create type badge_type as enum ('streak', 'milestone', 'achievement', 'social');

-- Beyond the document.
create type sex as enum ('female', 'male');
create type eczema as enum ('none', 'mild', 'severe');
create type units as enum ('metric', 'us');
create type meal_kind as enum ('food', 'milk', 'supplement');
create type analysis_state as enum ('analysed', 'waiting', 'failed');
create type chat_role as enum ('user', 'assistant');
create type link_status as enum ('pending', 'accepted', 'declined', 'revoked');

create function app.touch() returns trigger language plpgsql as $$
begin
    new.updated_at := pg_catalog.now();
    return new;
end $$;

-- The words of a list, stemmed, for full-text search. `array_to_string` is only stable because it
-- prints any type; for text it depends on nothing.
create function app.words(texts text[]) returns tsvector language sql immutable parallel safe as
$$ select pg_catalog.to_tsvector('pg_catalog.english', pg_catalog.array_to_string(texts, ' ')) $$;
