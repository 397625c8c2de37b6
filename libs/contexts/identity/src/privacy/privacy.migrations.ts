import type { SqlMigration } from '@daybook/postgres';
import { erasableTableSql } from '@daybook/postgres/schema-scope';

/*
 * The processes that erase people and carry out access reviews run in the projector. It may see whose a row is and when it
 * was used, delete it, and end sessions; it reads no hash, secret, key or address here.
 */
const erasable: readonly (readonly [table: string, columns: readonly string[], changes?: readonly string[]])[] = [
  ['credentials', ['person_id']],
  ['refresh_tokens', ['person_id', 'family', 'revoked_at'], ['revoked_at']],
  ['sessions', ['session_id', 'tenant', 'person_id', 'last_seen_at', 'ended_at'], ['ended_at', 'end_reason']],
  ['tickets', ['person_id']],
  ['totp', ['person_id', 'confirmed_at']],
  ['recovery_codes', ['person_id']],
  ['passkeys', ['person_id']],
  ['credential_changes', ['person_id']],
  ['email_links', ['holder_id']],
  ['sso_accounts', ['person_id', 'provider_id']],
  ['sso_starts', ['person_id', 'provider_id']],
  ['api_keys', ['key_id', 'tenant', 'holder_id', 'last_used_at']],
  ['delegated_access_consents', ['tenant', 'person_id', 'delegate_id']],
];

export const privacyMigrations: readonly SqlMigration[] = [
  {
    name: '2026-11-30-identity-processes',
    sql: `
grant usage on schema identity to daybook_projector;
${erasable.map(([table, columns, changes]) => erasableTableSql(`identity.${table}`, 'identity', columns, changes)).join('')}
-- which providers are a tenant's
create policy erasure on identity.sso_providers to daybook_projector
  using (current_setting('daybook.schema_scope', true) = 'identity')
  with check (current_setting('daybook.schema_scope', true) = 'identity');
grant select (provider_id, tenant) on identity.sso_providers to daybook_projector;
`,
  },
];
