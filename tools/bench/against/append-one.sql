-- One event per transaction: INSERT and COMMIT, with pgbench (-M prepared), or with our own client where there is no pgbench.
-- Unit: events. Table: the columns and all four indexes of the log; without row-level security and trigger.

-- setup
create table if not exists public.append_one (like store.events including indexes);
create sequence if not exists public.append_one_position;
alter table public.append_one alter position set default nextval('public.append_one_position');

-- statement
insert into public.append_one (tenant, stream, revision, id, type, recorded_at, bytes, data, meta)
values ('01890000-0000-7000-8000-000000000001', 'bench.note-01890000-0000-7000-8000-000000000001-' || gen_random_uuid(), 0,
  gen_random_uuid(), 'bench.note-written.v1', clock_timestamp(), 650, :data, :meta);
