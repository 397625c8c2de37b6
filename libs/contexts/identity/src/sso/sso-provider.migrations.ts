import type { SqlMigration } from '@daybook/postgres';
import { scopedTableSql } from '@daybook/postgres/schema-scope';

/** Plain tables for what an SSO sign-in needs before the tenant is known, and for secrets. */
const tables = ['sso_providers', 'sso_accounts', 'sso_starts'];

export const ssoMigrations: readonly SqlMigration[] = [
  {
    name: '2026-11-21-identity-sso-providers',
    sql: `
create table identity.sso_providers (
  provider_id uuid primary key,
  tenant uuid not null,
  -- client secret, AES-256-GCM under a key derived from the secret; null for a public client
  secret_sealed bytea
);

create table identity.sso_accounts (
  -- per tenant: a provider is trusted in its own tenant only
  provider_id uuid not null references identity.sso_providers on delete cascade,
  issuer text not null,
  subject text not null,
  person_id uuid not null,
  linked_at timestamptz not null default now(),
  primary key (provider_id, issuer, subject),
  unique (provider_id, person_id)
);
create index on identity.sso_accounts (person_id);

create table identity.sso_starts (
  -- SHA-256 of the cookie of the browser that started
  hash bytea primary key,
  provider_id uuid not null references identity.sso_providers on delete cascade,
  -- the person who links an account; null for a sign-in
  person_id uuid,
  -- state, nonce and PKCE verifier
  sealed bytea not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index on identity.sso_starts (expires_at);
${tables.map((table) => scopedTableSql(`identity.${table}`, 'identity')).join('')}
`,
  },
  {
    name: '2026-11-21-identity-sso-provider-domains',
    sql: `
-- a copy of the event's domains, for look-ups before the tenant is known
alter table identity.sso_providers add column domains text[] not null default '{}';
create index on identity.sso_providers using gin (domains);
`,
  },
  {
    name: '2026-11-29-identity-sso-provider-drafts',
    sql: `
-- the client secret of settings that may wait for approval: it is not in the command or an event
create table identity.sso_provider_drafts (
  draft_id uuid primary key,
  provider_id uuid not null,
  tenant uuid not null,
  issuer text not null,
  secret_sealed bytea,
  made_at timestamptz not null default now()
);
create index on identity.sso_provider_drafts (provider_id);
create index on identity.sso_provider_drafts (made_at);
${scopedTableSql('identity.sso_provider_drafts', 'identity')}
`,
  },
];
