import { Bytes, Instant } from '@daybook/postgres/column-types';
import { scopedTable } from '@daybook/postgres/row-security';
import { defineEntity, p } from '@mikro-orm/postgresql';

export const SsoProviderEntity = defineEntity({
  name: 'SsoProvider',
  tableName: 'sso_providers',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    providerId: p.uuid().primary(),
    tenant: p.uuid(),
    /** Client secret, AES-256-GCM under a key derived from the secret; null for a public client. */
    secretSealed: p.type(Bytes).nullable(),
    /** A copy of the event's domains, for look-ups before the tenant is known. */
    domains: p.array().defaultRaw(`'{}'`),
  },
  indexes: [{ name: 'sso_providers_domains_idx', properties: ['domains'], type: 'gin' }],
});

/** Accounts are linked per tenant: a provider is trusted in its own tenant only. */
export const SsoAccountEntity = defineEntity({
  name: 'SsoAccount',
  tableName: 'sso_accounts',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    provider: p
      .manyToOne(SsoProviderEntity)
      .primary()
      .mapToPk()
      .joinColumn('provider_id')
      .deleteRule('cascade')
      .updateRule('no action')
      .foreignKeyName('sso_accounts_provider_id_fkey'),
    issuer: p.text().primary(),
    subject: p.text().primary(),
    personId: p.uuid(),
    linkedAt: p.type(Instant).defaultRaw('now()'),
  },
  uniques: [{ name: 'sso_accounts_provider_id_person_id_key', properties: ['provider', 'personId'] }],
  indexes: [{ name: 'sso_accounts_person_id_idx', properties: ['personId'] }],
});

export const SsoStartEntity = defineEntity({
  name: 'SsoStart',
  tableName: 'sso_starts',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    /** SHA-256 of the cookie of the browser that started. */
    hash: p.type(Bytes).primary(),
    provider: p
      .manyToOne(SsoProviderEntity)
      .mapToPk()
      .joinColumn('provider_id')
      .deleteRule('cascade')
      .updateRule('no action')
      .foreignKeyName('sso_starts_provider_id_fkey'),
    /** The person who links an account; null for a sign-in. */
    personId: p.uuid().nullable(),
    /** State, nonce and PKCE verifier. */
    sealed: p.type(Bytes),
    expiresAt: p.type(Instant),
    usedAt: p.type(Instant).nullable(),
  },
  indexes: [{ name: 'sso_starts_expires_at_idx', properties: ['expiresAt'] }],
});

/** The client secret of settings that may wait for approval: it is not in the command or an event. */
export const SsoProviderDraftEntity = defineEntity({
  name: 'SsoProviderDraft',
  tableName: 'sso_provider_drafts',
  ...scopedTable('identity'),
  properties: {
    draftId: p.uuid().primary(),
    providerId: p.uuid(),
    tenant: p.uuid(),
    issuer: p.text(),
    secretSealed: p.type(Bytes).nullable(),
    madeAt: p.type(Instant).defaultRaw('now()'),
  },
  indexes: [
    { name: 'sso_provider_drafts_provider_id_idx', properties: ['providerId'] },
    { name: 'sso_provider_drafts_made_at_idx', properties: ['madeAt'] },
  ],
});

export const ssoEntities = [SsoProviderEntity, SsoAccountEntity, SsoStartEntity, SsoProviderDraftEntity];
