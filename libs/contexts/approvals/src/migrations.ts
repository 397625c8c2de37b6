import type { SqlMigration } from '@daybook/postgres';
import { scopedTableSql } from '@daybook/postgres/schema-scope';

/** Approved commands that are still to be carried out (request/pending-executions.ts). */
export const approvalMigrations: readonly SqlMigration[] = [
  {
    name: '2026-11-30-approvals-pending-executions',
    sql: `
create schema approvals;
grant usage on schema approvals to daybook_api;
create table approvals.pending_executions (
  tenant uuid not null,
  request_id uuid not null,
  tries integer not null default 0,
  next_at timestamptz not null,
  primary key (tenant, request_id)
);
create index on approvals.pending_executions (next_at);
${scopedTableSql('approvals.pending_executions', 'approvals')}
`,
  },
];
