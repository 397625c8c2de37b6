import type { SqlMigration } from '@daybook/postgres';

const ofTenant = (table: string): string => `
alter table ${table} enable row level security, force row level security;
create policy api on ${table} to daybook_api
  using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid)
  with check (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);
create policy projector on ${table} to daybook_projector using (true) with check (true);
grant select, insert, update, delete on ${table} to daybook_api, daybook_projector;`;

/** Imports and their rows, until they are old or somebody is erased; and mappings by name (docs/adr/0067). */
export const importMigrations: readonly SqlMigration[] = [
  {
    name: '2026-11-30-imports',
    sql: `
create table platform.imports (
  tenant uuid not null,
  id uuid not null,
  -- id of the actor, who alone sees it
  started_by text not null,
  settings jsonb not null,
  phase text not null,
  job uuid not null,
  -- names of the columns of the file, and those of the mapping that it lacks
  header jsonb,
  started_at timestamptz not null default clock_timestamp(),
  primary key (tenant, id)
);
create index imports_old on platform.imports (tenant, started_at);
create table platform.import_rows (
  tenant uuid not null,
  import_id uuid not null,
  record int not null,
  line int not null,
  cells jsonb not null,
  state text not null,
  -- null for a row that is refused or changes nothing
  command jsonb,
  result jsonb,
  errors jsonb not null,
  primary key (tenant, import_id, record),
  -- a row does not outlive its import, which an erasure may delete while a job adds rows
  foreign key (tenant, import_id) references platform.imports on delete cascade
);
create table platform.import_templates (
  tenant uuid not null,
  operation text not null,
  name text not null,
  mapping jsonb not null,
  primary key (tenant, operation, name)
);
${['platform.imports', 'platform.import_rows', 'platform.import_templates'].map(ofTenant).join('\n')}
`,
  },
];
