import { Bytes, Instant } from '@daybook/postgres/column-types';
import { scopedTable } from '@daybook/postgres/row-security';
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { ApiKeyHolder } from './api-key.events.js';

export const ApiKeyEntity = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    /** SHA-256 of the whole key, which has 256 random bits. */
    hash: p.type(Bytes).primary(),
    keyId: p.uuid().unique('api_keys_key_id_key'),
    tenant: p.uuid(),
    holder: p.text().$type<ApiKeyHolder>(),
    holderId: p.uuid(),
    until: p.type(Instant),
    /** To the minute. */
    lastUsedAt: p.type(Instant).nullable(),
  },
  indexes: [{ name: 'api_keys_tenant_holder_id_idx', properties: ['tenant', 'holderId'] }],
  checks: [{ name: 'api_keys_holder_check', expression: `holder in ('person', 'service')` }],
});

export const DelegatedAccessConsentEntity = defineEntity({
  name: 'DelegatedAccessConsent',
  tableName: 'delegated_access_consents',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    delegatedAccessId: p.uuid().primary(),
    /** The tenant in which the consent was given; its events are in that tenant's stream. */
    tenant: p.uuid(),
    personId: p.uuid(),
    delegateId: p.uuid(),
    /** The delegate's address as the person entered it, AES-256-GCM under a key derived from the secret. */
    emailSealed: p.type(Bytes),
    until: p.type(Instant),
  },
  indexes: [
    { name: 'delegated_access_consents_delegate_id_idx', properties: ['delegateId'] },
    { name: 'delegated_access_consents_person_id_idx', properties: ['personId'] },
    { name: 'delegated_access_consents_until_idx', properties: ['until'] },
  ],
});

export const apiKeyEntities = [ApiKeyEntity, DelegatedAccessConsentEntity];
