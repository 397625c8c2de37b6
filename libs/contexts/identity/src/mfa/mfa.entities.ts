import { Bytes, Instant, Json } from '@daybook/postgres/column-types';
import { scopedTable } from '@daybook/postgres/row-security';
import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import type { CredentialChange, CredentialKind } from './mfa.schema.js';

/** A flow that was started and not finished: a sign-in that waits for the second factor, or a passkey challenge. */
export const TicketEntity = defineEntity({
  name: 'Ticket',
  tableName: 'tickets',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    /** SHA-256 of a random value. */
    hash: p.type(Bytes).primary(),
    purpose: p.text(),
    personId: p.uuid().nullable(),
    data: p.type(Json).$type<object>(),
    attemptsLeft: p.integer(),
    expiresAt: p.type(Instant),
  },
  indexes: [{ name: 'tickets_expires_at_idx', properties: ['expiresAt'] }],
});

export const TotpEntity = defineEntity({
  name: 'Totp',
  tableName: 'totp',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    personId: p.uuid().primary(),
    /** AES-256-GCM under a key derived from the secret. */
    secretSealed: p.type(Bytes),
    /** Null: added, but not confirmed by a code yet. */
    confirmedAt: p.type(Instant).nullable(),
    /** The last step a code was used for. Codes of this step or earlier ones are refused as replays. */
    lastStep: p.bigint('number').defaultRaw('0'),
    /** How many steps the clock of the phone was ahead at the last code. */
    skewSteps: p.integer().default(0),
  },
});
export type TotpRow = InferEntity<typeof TotpEntity>;

export const RecoveryCodeEntity = defineEntity({
  name: 'RecoveryCode',
  tableName: 'recovery_codes',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    personId: p.uuid().primary(),
    /** HMAC of a code of 80 random bits, under a key that is not in the database. */
    hash: p.type(Bytes).primary(),
    usedAt: p.type(Instant).nullable(),
  },
});

export const PasskeyEntity = defineEntity({
  name: 'Passkey',
  tableName: 'passkeys',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    passkeyId: p.uuid().primary(),
    personId: p.uuid(),
    credentialId: p.text().unique('passkeys_credential_id_key'),
    publicKey: p.type(Bytes),
    counter: p.bigint('number'),
    transports: p.array(),
    synced: p.boolean(),
    name: p.text(),
    createdAt: p.type(Instant).defaultRaw('now()'),
    lastUsedAt: p.type(Instant).nullable(),
  },
  indexes: [{ name: 'passkeys_person_id_idx', properties: ['personId'] }],
});
export type Passkey = InferEntity<typeof PasskeyEntity>;

/** A credential that changed, from the transaction that changed it until the change is recorded. */
export const CredentialChangeEntity = defineEntity({
  name: 'CredentialChange',
  tableName: 'credential_changes',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    /** Names the command that records it. */
    id: p.uuid().primary(),
    personId: p.uuid(),
    kind: p.text().$type<CredentialKind>(),
    change: p.text().$type<CredentialChange>(),
    /** In the order of statements, also within a transaction. */
    at: p.type(Instant).defaultRaw('clock_timestamp()'),
  },
  indexes: [{ name: 'credential_changes_person_id_idx', properties: ['personId'] }],
});
export type CredentialChangeRow = InferEntity<typeof CredentialChangeEntity>;

export const mfaEntities = [TicketEntity, TotpEntity, RecoveryCodeEntity, PasskeyEntity, CredentialChangeEntity];
