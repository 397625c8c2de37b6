import type { SqlMigration } from '@daybook/postgres';
import { apiKeyMigrations } from './api-key/api-key.migrations.js';
import { emailLinkMigrations } from './email-link/email-link.migrations.js';
import { ssoMigrations } from './sso/sso-provider.migrations.js';
import { privacyMigrations } from './privacy/privacy.migrations.js';
import { sessionMigrations } from './session/session.migrations.js';

/*
 * Secrets of people, in plain tables and not in events. They are read before the tenant is known, so there is no
 * row-level security by tenant. Only the database role of the API can read them, and what would open an
 * account in them is hashed or encrypted. The projector's may delete what is erased (privacy.migrations.ts).
 */
export const identityMigrations: readonly SqlMigration[] = [
  {
    name: '2026-11-20-identity',
    sql: `
create schema identity;
grant usage on schema identity to daybook_api;

create table identity.credentials (
  person_id uuid primary key,
  -- HMAC of the address: equality look-up without the address itself
  email_hash bytea not null unique,
  -- Argon2id in PHC form
  password_hash text not null,
  changed_at timestamptz not null default now()
);

create table identity.refresh_tokens (
  -- SHA-256 of the token, which has 256 random bits
  hash bytea primary key,
  -- one sign-in; all tokens that followed from it
  family uuid not null,
  person_id uuid not null,
  tenant uuid not null,
  issued_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- no rotation leads beyond this
  family_expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index on identity.refresh_tokens (family);
create index on identity.refresh_tokens (person_id);
create index on identity.refresh_tokens (family_expires_at);

create table identity.sign_in_attempts (
  -- HMAC of an address of mail or network
  key bytea primary key,
  attempts integer not null,
  first_at timestamptz not null,
  paused_until timestamptz
);
create index on identity.sign_in_attempts (first_at);

create table identity.signing_keys (
  kid text primary key,
  public_jwk jsonb not null,
  -- private key, AES-256-GCM under a key derived from the secret
  private_sealed bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz
);
create unique index one_signing_key on identity.signing_keys ((true)) where retired_at is null;

grant select, insert, update, delete on all tables in schema identity to daybook_api;
`,
  },
  ...apiKeyMigrations,
  ...emailLinkMigrations,
  ...ssoMigrations,
  ...sessionMigrations,
  ...privacyMigrations,
];
