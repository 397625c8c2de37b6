import type { SqlMigration } from '@daybook/postgres';

/*
 * Promises kept here, by rights and by order of work:
 * - Positions have no gap and commit in order: the one row of `store.head` is taken last and held until the commit, so
 *   whoever has read up to P never finds an earlier event later.
 * - Events are never changed: no role that logs in has UPDATE, DELETE or INSERT; appending is one function of the owner.
 * - A tenant reads its own events only: row-level security is forced; the projector has a policy of its own.
 */
const tables = `
  create schema store;
  create table store.head (
    one boolean primary key default true check (one),
    position bigint not null,
    recorded_at timestamptz(3) not null
  ) with (fillfactor = 10);
  insert into store.head (position, recorded_at) values (0, '-infinity');

  create table store.streams (
    name text collate "C" primary key,
    tenant uuid not null,
    revision integer not null
  ) with (fillfactor = 70);

  create table store.events (
    position bigint primary key,
    tenant uuid not null,
    stream text collate "C" not null,
    revision integer not null,
    id uuid not null unique,
    type text not null,
    recorded_at timestamptz(3) not null,
    bytes integer not null,
    data json not null,
    meta json not null,
    unique (stream, revision)
  );
  create index events_of_tenant on store.events (tenant, position);
`;

/*
 * Appends a group: one entry of the first three arrays per append (at most one per stream), one of the others per event;
 * `p_places` says which append an event belongs to. Answers one row per append: 'appended', 'repeated', 'conflict'
 * (revision = the actual one) or 'id-taken' (an event id stands somewhere else: a bug of the caller).
 */
const append = `
  create function store.append(
    p_tenants uuid[], p_streams text[], p_expected integer[],
    p_places integer[], p_ids uuid[], p_types text[], p_data text[], p_meta text[]
  ) returns table (outcome text, revision integer, pos bigint, at timestamptz)
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $function$
  #variable_conflict use_column
  declare
    v_session uuid := nullif(current_setting('daybook.tenant', true), '')::uuid;
    v_counts integer[];
    v_known boolean;
    v_outcome text[] := '{}';
    v_last integer[] := '{}';
    v_positions bigint[] := '{}';
    v_times timestamptz[] := '{}';
    v_first integer := 1;
    v_total integer := 0;
    v_actual integer;
    v_repeat record;
    v_head bigint;
    v_now timestamptz;
  begin
    -- An append names the tenant it is for; stream, metadata and, where one is set, the session must agree.
    if exists (
      select from unnest(p_tenants, p_streams) as a(tenant, stream)
      where substr(stream, strpos(stream, '-') + 1, 37) is distinct from tenant::text || '-'
         or (session_user <> 'daybook_projector' and v_session is not null and tenant <> v_session)
    ) or exists (
      select from unnest(p_places, p_meta) as e(place, meta)
      where meta::json ->> 'tenant' is distinct from p_tenants[place]::text
    ) then
      raise exception 'The tenant of an append is not that of its stream, its metadata or its session.'
        using errcode = 'insufficient_privilege';
    end if;

    -- Streams first and by name, so that groups never wait for each other in a circle. -1: nothing in it yet.
    insert into store.streams (name, tenant, revision)
      select stream, tenant, -1 from unnest(p_tenants, p_streams) as a(tenant, stream) order by stream
      on conflict do nothing;
    perform from store.streams where name = any (p_streams) order by name for no key update;

    v_counts := array(select count(*)::integer from unnest(p_places) as e(place) group by place order by place);
    v_known := exists (select from store.events where id = any (p_ids));
    for i in 1 .. cardinality(p_streams) loop
      select s.revision into v_actual from store.streams s where name = p_streams[i];
      select count(*) as known, count(*) filter (where e.stream = p_streams[i]) as here,
             max(e.revision) as revision, max(e.position) as position, max(e.recorded_at) as at
        into v_repeat
        from store.events e
        where v_known and id = any (p_ids[v_first : v_first + v_counts[i] - 1]);
      if v_repeat.known > 0 then
        v_outcome := v_outcome || case when v_repeat.here = v_counts[i] then 'repeated' else 'id-taken' end;
        v_last := v_last || v_repeat.revision;
        v_positions := v_positions || v_repeat.position;
        v_times := v_times || v_repeat.at;
      elsif p_expected[i] <> -2 and p_expected[i] <> v_actual then
        v_outcome := v_outcome || 'conflict'::text;
        v_last := v_last || v_actual;
        v_positions := v_positions || null::bigint;
        v_times := v_times || null::timestamptz;
      else
        v_total := v_total + v_counts[i];
        v_outcome := v_outcome || 'appended'::text;
        v_last := v_last || v_actual + v_counts[i];
        v_positions := v_positions || v_total::bigint;
        v_times := v_times || null::timestamptz;
      end if;
      v_first := v_first + v_counts[i];
    end loop;

    if v_total > 0 then
      update store.streams s set revision = a.revision
        from unnest(p_streams, v_outcome, v_last) as a(stream, outcome, revision)
        where s.name = a.stream and a.outcome = 'appended';
      -- From here to the commit no other append anywhere can take a position.
      update store.head h
        set position = h.position + v_total, recorded_at = greatest(h.recorded_at, clock_timestamp())
        returning h.position - v_total, h.recorded_at into v_head, v_now;
      insert into store.events (position, tenant, stream, revision, id, type, recorded_at, bytes, data, meta)
        select v_head + row_number() over (order by n), p_tenants[place], p_streams[place],
               v_last[place] - v_counts[place] + row_number() over (partition by place order by n),
               id, type, v_now, octet_length(data) + octet_length(meta), data::json, meta::json
        from unnest(p_places, p_ids, p_types, p_data, p_meta) with ordinality as e(place, id, type, data, meta, n)
        where v_outcome[place] = 'appended'
        order by n;
      perform pg_notify('daybook_events', (v_head + v_total)::text);
    end if;

    return query
      select o, l, case when o = 'appended' then v_head + p else p end, case when o = 'appended' then v_now else t end
      from unnest(v_outcome, v_last, v_positions, v_times) with ordinality as a(o, l, p, t, n) order by n;
  end
  $function$;
`;

const rights = `
  alter table store.events enable row level security, force row level security;
  create policy owner on store.events to daybook_owner using (true) with check (true);
  create policy api on store.events for select to daybook_api
    using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);
  create policy projector on store.events for select to daybook_projector using (true);
  grant usage on schema store to daybook_api, daybook_projector;
  grant select on store.events, store.head to daybook_api, daybook_projector;
  revoke all on function store.append from public;
  grant execute on function store.append to daybook_api, daybook_projector;
`;

/** Keys of subjects, outside the log so that erasing one erases what it sealed (DECISIONS 8). */
const vault = `
  create schema vault;
  create table vault.keys (
    tenant uuid not null,
    subject text not null,
    /* null once erased */
    wrapped bytea,
    primary key (tenant, subject)
  );
  alter table vault.keys enable row level security, force row level security;
  create policy api on vault.keys to daybook_api
    using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);
  create policy projector on vault.keys for select to daybook_projector using (true);
  grant usage on schema vault to daybook_api, daybook_projector;
  grant select, insert, update (wrapped) on vault.keys to daybook_api;
  grant select on vault.keys to daybook_projector;
`;

export const eventStoreMigrations: readonly SqlMigration[] = [
  { name: '2026-11-20-store', sql: tables + append + rights },
  { name: '2026-11-20-vault', sql: vault },
];
