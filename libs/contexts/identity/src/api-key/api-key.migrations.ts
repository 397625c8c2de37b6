import type { SqlMigration } from '@daybook/postgres';
import { scopedTableSql } from '@daybook/postgres/schema-scope';

/* Hashes of API keys and addresses of delegates, which must not be in events. Everything else about them is events. */
export const apiKeyMigrations: readonly SqlMigration[] = [
  {
    name: '2026-11-21-identity-api-keys',
    sql: `
create table identity.api_keys (
  -- SHA-256 of the whole key, which has 256 random bits
  hash bytea primary key,
  key_id uuid not null unique,
  tenant uuid not null,
  holder text not null check (holder in ('person', 'service')),
  holder_id uuid not null,
  until timestamptz not null,
  -- to the minute
  last_used_at timestamptz
);
create index on identity.api_keys (tenant, holder_id);
${scopedTableSql('identity.api_keys', 'identity')}

create table identity.delegated_access_consents (
  delegated_access_id uuid primary key,
  -- the tenant in which the consent was given; its events are there
  tenant uuid not null,
  person_id uuid not null,
  delegate_id uuid not null,
  -- the delegate's address as the person entered it, AES-256-GCM under a key derived from the secret
  email_sealed bytea not null,
  until timestamptz not null
);
create index on identity.delegated_access_consents (delegate_id);
create index on identity.delegated_access_consents (person_id);
create index on identity.delegated_access_consents (until);
${scopedTableSql('identity.delegated_access_consents', 'identity')}
`,
  },
];
