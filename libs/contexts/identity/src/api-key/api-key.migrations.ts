import type { SqlMigration } from '@daybook/postgres';
import { scopedFunctionSql, scopedTableSql } from '@daybook/postgres/schema-scope';

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
  {
    name: '2026-11-30-identity-key-uses-and-consents',
    sql: [
      scopedFunctionSql('identity.key_uses', 'identity', 'p_tenant uuid, p_ids uuid[]', {
        row: 'key_id uuid, holder_id uuid, last_used_at timestamptz',
        query: `select k.key_id, k.holder_id, k.last_used_at from identity.api_keys k
          where k.tenant = p_tenant and k.last_used_at is not null and (k.key_id = any(p_ids) or k.holder_id = any(p_ids))`,
      }),
      scopedFunctionSql('identity.delegated_access_addresses', 'identity', 'p_tenant uuid, p_ids uuid[]', {
        row: 'delegated_access_id uuid, email_sealed bytea',
        query: `select c.delegated_access_id, c.email_sealed from identity.delegated_access_consents c
          where c.tenant = p_tenant and c.delegated_access_id = any(p_ids)`,
      }),
      scopedFunctionSql('identity.delegated_access_to', 'identity', 'p_delegate uuid', {
        row: 'delegated_access_id uuid, tenant uuid, person_id uuid',
        query: `select c.delegated_access_id, c.tenant, c.person_id from identity.delegated_access_consents c
          where c.delegate_id = p_delegate order by c.until desc limit 200`,
      }),
    ].join(''),
  },
];
