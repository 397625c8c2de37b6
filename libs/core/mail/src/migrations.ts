import type { SqlMigration } from '@daybook/postgres';
import { erasableTableSql, scopedTableSql } from '@daybook/postgres/schema-scope';

/** Mails that wait to be sent (outbox.ts). */
export const mailMigrations: readonly SqlMigration[] = [
  {
    name: '2026-11-30-mail-outbox',
    sql: `
create schema mail;
grant usage on schema mail to daybook_api;
create table mail.outbox (
  id uuid primary key,
  -- AES-256-GCM under a key derived from the secret: the message with its recipient and link, or template and value
  sealed bytea not null,
  made_at timestamptz not null default now(),
  -- given up after this
  until timestamptz not null,
  tries integer not null default 0,
  next_at timestamptz not null default now()
);
create index on mail.outbox (next_at);
${scopedTableSql('mail.outbox', 'mail')}
`,
  },
  {
    name: '2026-11-30-mail-processes',
    sql: `
-- The process that erases a person runs in the projector, and takes back what is not sent yet.
grant usage on schema mail to daybook_projector;
${erasableTableSql('mail.outbox', 'mail', ['id', 'sealed'])}
`,
  },
  {
    name: '2026-11-30-mail-once',
    sql: `
-- A mail that goes out once: its id stays for a while when it was sent. A process puts such mails from the projector.
alter table mail.outbox add column once boolean not null default false;
grant insert, select (made_at, tries, next_at, once) on mail.outbox to daybook_projector;
`,
  },
];
