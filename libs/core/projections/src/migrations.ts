import type { SqlMigration } from '@daybook/postgres';
import { processTables } from './process/process.migrations.js';

/** SQLSTATE of a read of another tenant's rows whose projection is parked; the message is its schema. */
export const parkedElsewhere = 'DB503';

/*
 * Schema `projections`: the engine's own tables. The read models are in schemas of their own,
 * `rm_<projection>_v<version>_g<generation>`, which only functions of the owner create and drop, so that every table gets the same
 * row-level security and grants.
 *
 * - checkpoint: one row: the position of the live projections (docs/adr/0001), the identity of their log, and the last event that
 *   was applied, which that log must still have (docs/adr/0041).
 * - generation: each schema of a projection, with its state; at most one is live. `tables` is the contract of its tables for
 *   readers of another version (readable-generations.ts). A `frozen` one is not built further while the leader compares it.
 * - parked: where a projection stopped for a tenant, and why. While there is a row, no events of that tenant are applied.
 * - request: requests to the projector. It may name a tenant: only functions write it, and only the projector reads it.
 * - erased: erased subjects, so that their personal data is not written to rows again (erased-subjects.ts).
 */
const tables = `
create schema projections;
grant usage on schema projections to daybook_api, daybook_projector;

create table projections.checkpoint (
  id text primary key check (id = 'live'),
  position bigint not null,
  recorded_at timestamptz,
  log uuid,
  event_id uuid,
  stream text,
  revision integer
);
insert into projections.checkpoint (id, position) values ('live', 0);

create table projections.generation (
  schema text primary key,
  name text not null,
  version integer not null,
  generation integer not null,
  shape text not null,
  status text not null check (status in ('building', 'differs', 'live', 'retired')),
  position bigint not null,
  target bigint not null,
  comparison jsonb,
  tables jsonb not null,
  frozen boolean not null default false,
  changed_at timestamptz not null default now(),
  unique (name, generation)
);
create unique index one_live_generation on projections.generation (name) where status = 'live';

create table projections.parked (
  schema text not null references projections.generation on delete cascade,
  tenant uuid not null,
  position bigint not null,
  applied bigint not null,
  event_id uuid not null,
  event_type text not null,
  error text not null,
  tries integer not null default 1,
  parked_at timestamptz not null default now(),
  primary key (schema, tenant)
);
alter table projections.parked enable row level security, force row level security;
create policy own_tenant on projections.parked for select to daybook_api
  using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);
create policy every_tenant on projections.parked for all to daybook_projector using (true) with check (true);

create table projections.request (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('rebuild', 'retry')),
  name text not null,
  tenant uuid,
  asked_at timestamptz not null default now()
);
alter table projections.request enable row level security, force row level security;
create policy owner on projections.request to daybook_owner using (true) with check (true);
create policy projector on projections.request to daybook_projector using (true);

create table projections.erased (tenant uuid not null, subject text not null, primary key (tenant, subject));
alter table projections.erased enable row level security, force row level security;
create policy every_tenant on projections.erased for all to daybook_projector using (true) with check (true);

grant select on projections.checkpoint, projections.generation, projections.parked to daybook_api;
grant select, update on projections.checkpoint to daybook_projector;
grant select, insert, update, delete on projections.generation, projections.parked to daybook_projector;
grant select, delete on projections.request to daybook_projector;
grant select, insert, delete on projections.erased to daybook_projector;
`;

/**
 * Creates the schema of one generation from a description: [{ name, history, sequence, columns: [{ name, kind, nullable }],
 * keys: […], indexes: [[…]] }]. The caller passes kinds, never SQL, so that the owner's rights cannot be misused.
 */
const functions = `
create function projections.check_schema(p_schema text) returns void
language plpgsql set search_path = pg_catalog as $$
begin
  if p_schema !~ '^rm_[a-z0-9_]+_v[0-9]+_g[0-9]+$' or length(p_schema) > 63 then
    raise exception '% is no name of a read model', p_schema;
  end if;
end $$;

create function projections.column_type(p_kind text) returns text
language plpgsql immutable set search_path = pg_catalog as $$
begin
  return case p_kind
    when 'code' then 'text collate "C"'
    when 'text' then 'text collate pg_c_utf8'
    when 'amount' then 'numeric(20,4)'
    when 'decimal' then 'numeric(28,8)'
    when 'date' then 'date'
    when 'instant' then 'timestamptz'
    when 'integer' then 'integer'
    when 'bigint' then 'bigint'
    when 'float' then 'double precision'
    when 'boolean' then 'boolean'
    when 'uuid' then 'uuid'
    when 'json' then 'jsonb'
  end;
end $$;

create function projections.secure_table(p_schema text, p_table text) returns void
language plpgsql set search_path = pg_catalog as $$
begin
  execute format('alter table %1$I.%2$I enable row level security, force row level security', p_schema, p_table);
  execute format('create policy own_tenant on %I.%I for select to daybook_api
    using (tenant = nullif(current_setting(''daybook.tenant'', true), '''')::uuid)', p_schema, p_table);
  execute format('create policy every_tenant on %I.%I for all to daybook_projector using (true) with check (true)',
    p_schema, p_table);
  execute format('grant select on %I.%I to daybook_api', p_schema, p_table);
  execute format('grant select, insert, update, delete on %I.%I to daybook_projector', p_schema, p_table);
end $$;

create function projections.create_schema(p_schema text, p_tables jsonb) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  t jsonb; i jsonb; v_name text; v_columns text; v_keys text; v_index text;
begin
  perform projections.check_schema(p_schema);
  execute format('drop schema if exists %I cascade', p_schema);
  execute format('create schema %I', p_schema);
  execute format('grant usage on schema %I to daybook_api, daybook_projector', p_schema);
  execute format('create table %I._counter (table_name text, tenant uuid, last bigint not null,
    primary key (table_name, tenant))', p_schema);
  perform projections.secure_table(p_schema, '_counter');
  for t in select jsonb_array_elements(p_tables) loop
    v_name := t->>'name';
    select string_agg(format('%I %s%s', c->>'name', projections.column_type(c->>'kind'),
      case when (c->>'nullable')::boolean then '' else ' not null' end), ', ' order by n)
      into v_columns from jsonb_array_elements(t->'columns') with ordinality as x(c, n);
    select string_agg(format(', %I', k), '' order by n)
      into v_keys from jsonb_array_elements_text(t->'keys') with ordinality as x(k, n);
    execute format('create table %I.%I (tenant uuid not null, valid_from bigint not null, %s, primary key (tenant%s))',
      p_schema, v_name, v_columns, v_keys);
    perform projections.secure_table(p_schema, v_name);
    if t->>'history' = 'versions' then
      execute format('create table %I.%I (tenant uuid not null, valid_from bigint not null, valid_to bigint not null,
        %s, primary key (tenant%s, valid_from))', p_schema, v_name || '_history', v_columns, v_keys);
      execute format('create index on %I.%I (tenant, valid_to)', p_schema, v_name || '_history');
      perform projections.secure_table(p_schema, v_name || '_history');
    end if;
    if t->>'sequence' is not null then
      execute format('create unique index on %I.%I (tenant, %I)', p_schema, v_name, t->>'sequence');
      execute format('create index on %I.%I (tenant, valid_from)', p_schema, v_name);
    end if;
    for i in select jsonb_array_elements(t->'indexes') loop
      select string_agg(format(', %I', k), '' order by n)
        into v_index from jsonb_array_elements_text(i) with ordinality as x(k, n);
      execute format('create index on %I.%I (tenant%s)', p_schema, v_name, v_index);
      if t->>'history' = 'versions' then
        execute format('create index on %I.%I (tenant%s)', p_schema, v_name || '_history', v_index);
      end if;
    end loop;
  end loop;
end $$;

create function projections.drop_schema(p_schema text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform projections.check_schema(p_schema);
  execute format('drop schema if exists %I cascade', p_schema);
end $$;

revoke all on function projections.create_schema, projections.drop_schema, projections.check_schema,
  projections.secure_table from public;
grant execute on function projections.create_schema, projections.drop_schema to daybook_projector;
`;

/** A rebuild affects all tenants, so the API, which serves tenants, may not request it: the operator does, on the server. */
const requests = `
create function projections.request_retry(p_name text) returns void
language sql security definer set search_path = pg_catalog as $$
  insert into projections.request (kind, name, tenant)
  select 'retry', p_name, own.tenant from (select nullif(current_setting('daybook.tenant', true), '')::uuid as tenant) own
  where own.tenant is not null and not exists (
    select from projections.request r where r.kind = 'retry' and r.name = p_name and r.tenant = own.tenant);
$$;
revoke all on function projections.request_retry from public;
grant execute on function projections.request_retry to daybook_api, daybook_projector;

create function projections.request_rebuild(p_name text) returns text
language plpgsql security definer set search_path = pg_catalog as $$
begin
  /* A concurrent caller waits, and finds the request there. */
  lock table projections.request in share row exclusive mode;
  if not exists (select from projections.generation where name = p_name and status = 'live') then
    return 'not-found';
  end if;
  if exists (select from projections.generation where status = 'building')
     or exists (select from projections.request where kind = 'rebuild') then
    return 'busy';
  end if;
  insert into projections.request (kind, name) values ('rebuild', p_name);
  return 'requested';
end $$;
revoke all on function projections.request_rebuild from public;
grant execute on function projections.request_rebuild to daybook_projector;
`;

/** The newest row of the caller's tenant in a generation of the trail, so that a read knows its stamp in one round trip. */
const lastInTrail = `
create function projections.last_in_trail(p_schema text) returns jsonb
language plpgsql stable set search_path = pg_catalog as $$
declare v_last jsonb;
begin
  execute format('select jsonb_build_object(''trail'', trail::text, ''position'', valid_from::text,
      ''recordedAt'', replace(replace("recordedAt"::text, '' '', ''T''), ''+00'', ''Z''))
    from %I.trail where tenant = nullif(current_setting(''daybook.tenant'', true), '''')::uuid
    order by valid_from desc limit 1', p_schema) into v_last;
  return v_last;
end $$;
grant execute on function projections.last_in_trail to daybook_api, daybook_projector;
`;

/**
 * Rows of another tenant by ids, in the same statement as those of the caller's: people are in the platform tenant, and their names
 * stand in lists of every other. As with `set local daybook.tenant`, row-level security shows that tenant alone. Like any other
 * read, it refuses rows of a tenant whose projection is parked.
 */
const rowsElsewhere = `
create function projections.rows_elsewhere(p_of anyelement, p_schema text, p_table text, p_tenant uuid, p_key text,
  p_ids anycompatiblearray)
returns setof anyelement language plpgsql stable set search_path = pg_catalog as $$
declare v_tenant text := current_setting('daybook.tenant', true);
begin
  perform set_config('daybook.tenant', p_tenant::text, true);
  if exists (select from projections.parked where schema = p_schema and tenant = p_tenant) then
    raise exception '%', p_schema using errcode = '${parkedElsewhere}';
  end if;
  return query execute format('select * from %I.%I where tenant = $1 and %I = any($2)', p_schema, p_table, p_key)
    using p_tenant, p_ids;
  perform set_config('daybook.tenant', v_tenant, true);
end $$;
revoke all on function projections.rows_elsewhere from public;
grant execute on function projections.rows_elsewhere to daybook_api, daybook_projector;
`;

export const projectionMigrations: readonly SqlMigration[] = [
  { name: '2026-11-30-projections', sql: tables + functions + requests },
  { name: '2026-11-30-projections-last-in-trail', sql: lastInTrail },
  { name: '2026-11-30-projections-processes', sql: processTables },
  { name: '2026-11-30-projections-rows-elsewhere', sql: rowsElsewhere },
];
