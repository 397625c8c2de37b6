import type { SqlMigration } from '@daybook/postgres';

/*
 * Guarantees of this schema:
 * - Positions are gapless and in commit order: an append locks the one row of `store.turn` until it commits, so a reader who has
 *   passed a position never finds an earlier event later.
 * - Long transactions of others do not slow appends: that row is locked but never written, so it leaves no dead row versions,
 *   and the last position and revision are read from the indexes of the events (docs/adr/0012).
 * - Events are never changed: no login role has UPDATE, DELETE or INSERT; appends go through one function of the owner.
 * - A tenant reads its own events only: row-level security is forced; the projector has a policy of its own.
 */
const tables = `
  create schema store;
  create table store.turn (one boolean primary key default true check (one));
  insert into store.turn default values;

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
  /* Runs with the owner's rights: the newest position of all tenants is not confidential. */
  create view store.head as select coalesce(max(position), 0) as position from store.events;
`;

/*
 * Appends a group: the first three arrays have one entry per append, the others one per event; `p_places` says which append an
 * event belongs to. Appends to the same stream follow each other, each decided on the state after the previous one. Returns one
 * row per append: 'appended', 'repeated', 'conflict' (revision = the actual one), 'id-taken' (an event id exists in another
 * stream: a bug of the caller) or 'skipped' (the previous append to the same stream was not appended).
 */
const append = `
  create or replace function store.append(
    p_tenants uuid[], p_streams text[], p_expected integer[],
    p_places integer[], p_ids uuid[], p_types text[], p_data text[], p_meta text[]
  ) returns table (outcome text, revision integer, pos bigint, at timestamptz)
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  /*
   * Arrays are unnested in select lists, since those in a FROM are stored before they are read.
   * One plan for all calls of a session: planning takes longer than appending. It may be made while the log is empty, and would scan
   * the whole log at each append if it could.
   */
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $function$
  #variable_conflict use_column
  declare
    v_session uuid := nullif(current_setting('daybook.tenant', true), '')::uuid;
    v_data json[] := p_data::json[];
    v_meta json[] := p_meta::json[];
    v_counts integer[] := array(
      select count(*)::integer from (select unnest(p_places) as place) as e group by place order by place
    );
    v_head bigint;
    v_now timestamptz(3);
    v_is_known boolean;
    v_before integer[];
    v_last integer;
    v_first integer := 1;
    v_total integer := 0;
    v_is_next boolean;
    v_known integer := 0;
    v_here integer := 0;
    -- Of each append that is new: what the number of an event within the group is added to.
    v_revisions integer[] := '{}';
    v_positions bigint[] := '{}';
  begin
    -- The tenant of the append must be that of the stream, of the metadata and, if set, of the session.
    if exists (
      select from (select unnest(p_tenants) as tenant, unnest(p_streams) as stream) as a
      where substr(stream, strpos(stream, '-') + 1, 37) is distinct from tenant::text || '-'
         or (session_user <> 'daybook_projector' and v_session is not null and tenant <> v_session)
    ) or exists (
      select from (select unnest(p_places) as place, unnest(v_meta) as meta) as e
      where meta ->> 'tenant' is distinct from p_tenants[place]::text
    ) then
      raise exception 'The tenant of an append is not that of its stream, its metadata or its session.'
        using errcode = 'insufficient_privilege';
    end if;

    -- From here to the commit, no other group appends: all that can be done before has been.
    perform from store.turn for update;

    -- One statement asks all about the group: each has a price of its own, which a group of one pays alone.
    select coalesce(newest.position, 0), greatest(newest.recorded_at, clock_timestamp()),
           exists (select from store.events where id = any (p_ids)),
           array(
             select coalesce(
               (select e.revision from store.events e where e.stream = a.stream order by e.revision desc limit 1), -1
             )
             from (select unnest(p_streams) as stream) as a
           )
      into v_head, v_now, v_is_known, v_before
      from (select) as always
      left join (select position, recorded_at from store.events order by position desc limit 1) as newest on true;

    for i in 1 .. cardinality(p_streams) loop
      v_is_next := i > 1 and p_streams[i] = p_streams[i - 1];
      if not v_is_next then
        v_last := v_before[i];
      end if;
      if v_is_known then
        select count(*), count(*) filter (where e.stream = p_streams[i]),
               max(e.revision), max(e.position), max(e.recorded_at)
          into v_known, v_here, revision, pos, at
          from store.events e
          where id = any (p_ids[v_first : v_first + v_counts[i] - 1]);
      end if;
      if v_is_next and outcome <> 'appended' then
        outcome := 'skipped';
        revision := null;
        pos := null;
        at := null;
      elsif v_known > v_here then
        outcome := 'id-taken';
      elsif v_here = v_counts[i] then
        outcome := 'repeated';
      -- Some of these events exist already, followed by others: the caller has not read the stream.
      elsif v_here > 0 or (p_expected[i] <> -2 and p_expected[i] <> v_last) then
        outcome := 'conflict';
        revision := v_last;
        pos := null;
        at := null;
      else
        v_revisions[i] := v_last - v_first + 1;
        v_positions[i] := v_head + v_total - v_first + 1;
        v_last := v_last + v_counts[i];
        v_total := v_total + v_counts[i];
        outcome := 'appended';
        revision := v_last;
        pos := v_head + v_total;
        at := v_now;
      end if;
      v_first := v_first + v_counts[i];
      return next;
    end loop;

    if v_total > 0 then
      insert into store.events (position, tenant, stream, revision, id, type, recorded_at, bytes, data, meta)
        select v_positions[place] + n, p_tenants[place], p_streams[place], v_revisions[place] + n,
               id, type, v_now, octet_length(data::text) + octet_length(meta::text), data, meta
        from (
          select unnest(p_places) as place, unnest(p_ids) as id, unnest(p_types) as type, unnest(v_data) as data,
                 unnest(v_meta) as meta, generate_series(1, cardinality(p_places)) as n
        ) as e
        where v_positions[place] is not null;
      perform pg_notify('daybook_events', (v_head + v_total)::text);
    end if;
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

/** Keys of subjects, outside the log, so that destroying one erases what it sealed. */
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

/** The master key that wrapped it (short hash, docs/operator.md). Jobs seal too, and the projector's role rotates keys. */
const vaultMasters = `
  alter table vault.keys add column master text;
  drop policy projector on vault.keys;
  create policy projector on vault.keys to daybook_projector using (true) with check (true);
  grant insert, update (wrapped, master) on vault.keys to daybook_projector;
  grant update (master) on vault.keys to daybook_api;
`;

/* Last revisions of the given streams; with the owner's rights, so that no tenant has to be set: it returns only numbers. */
const lastRevisions = `
  create function store.last_revisions(p_streams text[]) returns integer[]
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off
  as $function$
  begin
    return array(
      select coalesce(
        (select e.revision from store.events e where e.stream = asked.stream order by e.revision desc limit 1), -1
      )
      from unnest(p_streams) with ordinality as asked(stream, n) order by asked.n
    );
  end
  $function$;
  revoke all on function store.last_revisions from public;
  grant execute on function store.last_revisions to daybook_api, daybook_projector;
`;

/*
 * Snapshots of streams (docs/adr/0060): the state up to a revision, and the entries of its large maps, each with the revision of
 * the snapshot that it came with, so that a later one changes nothing for who reads an earlier one. `subjects` are those whose
 * sealed data is in either.
 */
const snapshots = `
  create table store.snapshots (
    id bigint generated always as identity primary key,
    tenant uuid not null,
    stream text collate "C" not null,
    code text collate "C" not null,
    revision integer not null,
    event_id uuid not null,
    position bigint not null,
    state json not null,
    subjects text[] not null default '{}',
    written_at timestamptz not null default now(),
    unique (stream, code)
  );
  create index snapshots_of_subject on store.snapshots using gin (subjects) where subjects <> '{}';
  create table store.snapshot_entries (
    snapshot bigint not null references store.snapshots on delete cascade,
    tenant uuid not null,
    map text collate "C" not null,
    key text collate "C" not null,
    revision integer not null,
    value json not null,
    primary key (snapshot, key, map, revision)
  );
${['snapshots', 'snapshot_entries']
  .map(
    (table) => `
  alter table store.${table} enable row level security, force row level security;
  create policy owner on store.${table} to daybook_owner using (true) with check (true);
  create policy api on store.${table} to daybook_api
    using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid)
    with check (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);
  create policy projector on store.${table} to daybook_projector using (true) with check (true);
  grant select, insert, update, delete on store.${table} to daybook_api, daybook_projector;`,
  )
  .join('')}
`;

export const eventStoreMigrations: readonly SqlMigration[] = [
  { name: '2026-11-30-store', sql: tables + append + rights + lastRevisions },
  { name: '2026-11-20-vault', sql: vault },
  { name: '2026-11-21-vault-masters', sql: vaultMasters },
  /* For databases whose function took one append per stream. */
  { name: '2026-11-30-store-groups', sql: append },
  /* For those whose function asked for each append by itself. */
  { name: '2026-11-30-store-append-at-once', sql: append },
  { name: '2026-11-30-store-snapshots', sql: snapshots },
];
