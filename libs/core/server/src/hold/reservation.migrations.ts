import type { SqlMigration } from '@daybook/postgres';

/** Reservations of personal values: the others are in the log (docs/adr/0043). */
export const reservationMigrations: readonly SqlMigration[] = [
  {
    name: '2026-11-30-personal-reservations',
    sql: `
create schema platform;
grant usage on schema platform to daybook_api, daybook_projector;
create table platform.reservations (
  tenant uuid not null,
  -- keyed hash of field and value
  key text not null,
  field text not null,
  -- whose value it is; an erasure deletes by it
  subject text not null,
  -- owner and open hold, as the decider folds them
  state jsonb not null,
  primary key (tenant, key)
);
create index reservations_subject on platform.reservations (tenant, subject);
alter table platform.reservations enable row level security, force row level security;
create policy api on platform.reservations to daybook_api
  using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid)
  with check (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);
create policy projector on platform.reservations to daybook_projector using (true) with check (true);
grant select, insert, update, delete on platform.reservations to daybook_api, daybook_projector;
`,
  },
];
