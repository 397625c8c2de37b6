/*
 * What the engine keeps about processes (docs/adr/0055).
 *
 * - process: how far each process is, and up to where nothing is sent (`quiet_until`): what was past when it was first
 *   known, or handled before its state was rebuilt. Every change raises `revision`, so that two leaders never both count.
 * - process_instance: the state of what is under way, and the jobs that will wake it, by step. Never personal data.
 * - process_parked: where a process stopped for a tenant, and why; with `retry_at`, it is tried again by itself.
 */
export const processTables = `
create table projections.process (
  name text primary key,
  version integer not null,
  generation integer not null,
  position bigint not null,
  quiet_until bigint not null,
  revision bigint not null default 0,
  changed_at timestamptz not null default now()
);
create table projections.process_instance (
  process text not null references projections.process on delete cascade,
  tenant uuid not null,
  instance text not null,
  state jsonb not null,
  due jsonb not null,
  primary key (process, tenant, instance)
);
create table projections.process_parked (
  process text not null references projections.process on delete cascade,
  tenant uuid not null,
  position bigint not null,
  applied bigint not null,
  quiet_until bigint not null,
  event_id uuid not null,
  event_type text not null,
  error text not null,
  tries integer not null,
  parked_at timestamptz not null default now(),
  retry_at timestamptz,
  primary key (process, tenant)
);
alter table projections.process_instance enable row level security, force row level security;
create policy every_tenant on projections.process_instance for all to daybook_projector using (true) with check (true);
alter table projections.process_parked enable row level security, force row level security;
create policy own_tenant on projections.process_parked for select to daybook_api
  using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);
create policy every_tenant on projections.process_parked for all to daybook_projector using (true) with check (true);
grant select on projections.process, projections.process_parked to daybook_api;
grant select, update on projections.process to daybook_projector;
grant select, insert, update, delete on projections.process_instance, projections.process_parked to daybook_projector;

/* Every program calls it before it does anything: what its commands record from then on, the process will hear. */
create function projections.know_process(p_name text) returns void
language sql security definer set search_path = pg_catalog as $$
  insert into projections.process (name, version, generation, position, quiet_until)
  select p_name, 0, 0, 0, c.position from projections.checkpoint c where c.id = 'live' on conflict do nothing;
$$;
revoke all on function projections.know_process from public;
grant execute on function projections.know_process to daybook_api, daybook_projector;

create or replace function projections.request_rebuild(p_name text) returns text
language plpgsql security definer set search_path = pg_catalog as $$
begin
  /* Who asks at the same time waits, and finds it asked. */
  lock table projections.request in share row exclusive mode;
  if not exists (select from projections.generation where name = p_name and status = 'live')
     and not exists (select from projections.process where name = p_name) then
    return 'not-found';
  end if;
  if exists (select from projections.generation where status = 'building')
     or exists (select from projections.request where kind = 'rebuild') then
    return 'busy';
  end if;
  insert into projections.request (kind, name) values ('rebuild', p_name);
  return 'requested';
end $$;
`;
