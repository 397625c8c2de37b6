-- A batch of 100 events to one stream per statement, on one connection: a prepared INSERT of arrays, without any check.
-- Unit: events. Table: the columns and all four indexes of the log; without row-level security and trigger.

-- setup
create table if not exists public.append_batch (like store.events including indexes);
create sequence if not exists public.append_batch_position;
alter table public.append_batch alter position set default nextval('public.append_batch_position');

-- statement
insert into public.append_batch (tenant, stream, revision, id, type, recorded_at, bytes, data, meta)
select $1, $2, n, id, type, clock_timestamp(), octet_length(data) + octet_length(meta), data::json, meta::json
from unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) with ordinality as e(id, type, data, meta, n);
