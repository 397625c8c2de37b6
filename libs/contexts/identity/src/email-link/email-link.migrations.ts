import type { SqlMigration } from '@daybook/postgres';
import { scopedTableSql } from '@daybook/postgres/schema-scope';

/** E-mail links are secrets, so they are in a plain table. What they led to is in events. */
export const emailLinkMigrations: readonly SqlMigration[] = [
  {
    name: '2026-11-21-identity-email-links',
    sql: `
create table identity.email_links (
  -- SHA-256 of the token, which has 256 random bits and is only in the mail
  hash bytea primary key,
  purpose text not null,
  person_id uuid not null,
  tenant uuid not null,
  -- AES-256-GCM under a key derived from the secret: it may hold an address
  sealed bytea not null,
  made_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index on identity.email_links (person_id);
create index on identity.email_links (expires_at);
${scopedTableSql('identity.email_links', 'identity')}
`,
  },
  {
    name: '2026-11-29-identity-email-links-of-invitations',
    sql: `
-- A link of an invitation belongs to the invitation: nothing reveals which person, if any, has the invited address.
alter table identity.email_links rename column person_id to holder_id;
`,
  },
  {
    name: '2026-11-29-identity-mail-counts',
    sql: `
create table identity.mail_counts (
  -- HMAC of the limited thing: a mailbox, a tenant, a person, a network address
  key bytea primary key,
  -- the level of the leaky bucket at "at", in mails; "at" is in milliseconds by the clock of the process
  level double precision not null,
  at double precision not null
);
create index on identity.mail_counts (at);
${scopedTableSql('identity.mail_counts', 'identity')}
`,
  },
  {
    name: '2026-11-30-identity-email-links-lease',
    sql: `
-- a request works with the link until then; a link whose request died is valid again
alter table identity.email_links add column used_until timestamptz;
`,
  },
];
