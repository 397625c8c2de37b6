import { Bytes, Instant, Json } from '@daybook/postgres/column-types';
import { scopedTable } from '@daybook/postgres/row-security';
import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import type { JWK } from 'jose';
import type { EndReason, SignInMethod } from './session.schema.js';

export const CredentialEntity = defineEntity({
  name: 'Credential',
  tableName: 'credentials',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    personId: p.uuid().primary(),
    /** HMAC of the address: equality look-up without the address itself. */
    emailHash: p.type(Bytes).unique('credentials_email_hash_key'),
    /** Argon2id in PHC form. */
    passwordHash: p.text(),
    changedAt: p.type(Instant).defaultRaw('now()'),
  },
});

export const SessionEntity = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    /** The family of refresh tokens. */
    sessionId: p.uuid().primary(),
    /** A session may be open in several tenants, and each may end it for itself alone. */
    tenant: p.uuid().primary(),
    personId: p.uuid(),
    openedAt: p.type(Instant).defaultRaw('now()'),
    /** When the person last proved who they are. */
    authTime: p.type(Instant).defaultRaw('now()'),
    /** To the minute. */
    lastSeenAt: p.type(Instant).defaultRaw('now()'),
    device: p.text(),
    address: p.text().nullable(),
    methods: p.array<SignInMethod>(),
    endedAt: p.type(Instant).nullable(),
    endReason: p.text().$type<EndReason>().nullable(),
  },
  indexes: [
    { name: 'sessions_person_id_idx', properties: ['personId'], where: { endedAt: null } },
    { name: 'sessions_opened_at_idx', properties: ['openedAt'] },
  ],
});

export type SessionEntityRow = InferEntity<typeof SessionEntity>;

export const RefreshTokenEntity = defineEntity({
  name: 'RefreshToken',
  tableName: 'refresh_tokens',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    /** SHA-256 of the token, which has 256 random bits. */
    hash: p.type(Bytes).primary(),
    /** One sign-in; all tokens that followed from it. */
    family: p.uuid(),
    personId: p.uuid(),
    tenant: p.uuid(),
    issuedAt: p.type(Instant).defaultRaw('now()'),
    expiresAt: p.type(Instant),
    /** No rotation leads beyond this. */
    familyExpiresAt: p.type(Instant),
    usedAt: p.type(Instant).nullable(),
    revokedAt: p.type(Instant).nullable(),
    /** Set when a confirmation replaced the token; one that was only renewed has `usedAt` alone. */
    replacedAt: p.type(Instant).nullable(),
    /** The token that a use of this one returned. */
    nextHash: p.type(Bytes).nullable(),
  },
  indexes: [
    { name: 'refresh_tokens_family_idx', properties: ['family'] },
    { name: 'refresh_tokens_person_id_idx', properties: ['personId'] },
    { name: 'refresh_tokens_family_expires_at_idx', properties: ['familyExpiresAt'] },
  ],
});

export const SignInAttemptsEntity = defineEntity({
  name: 'SignInAttempts',
  tableName: 'sign_in_attempts',
  ...scopedTable('identity'),
  properties: {
    /** HMAC of an e-mail or network address. */
    key: p.type(Bytes).primary(),
    attempts: p.integer(),
    firstAt: p.type(Instant),
    pausedUntil: p.type(Instant).nullable(),
    pauses: p.integer().default(0),
  },
  indexes: [{ name: 'sign_in_attempts_first_at_idx', properties: ['firstAt'] }],
});

/** Counted here until the minute is over, then recorded as one event. */
export const FailedSignInEntity = defineEntity({
  name: 'FailedSignIn',
  tableName: 'failed_sign_ins',
  ...scopedTable('identity'),
  properties: {
    /** Names the command that records the row. */
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    minute: p.type(Instant),
    identifier: p.text(),
    masked: p.text(),
    count: p.integer(),
    /** Being recorded: a later failure of the same minute is counted in another row. */
    taken: p.boolean().default(false),
  },
  uniques: [{ name: 'failed_sign_ins_counting', properties: ['minute', 'identifier'], where: 'not taken' }],
});

export type FailedSignInRow = InferEntity<typeof FailedSignInEntity>;

export const SigningKeyEntity = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_keys',
  ...scopedTable('identity'),
  properties: {
    kid: p.text().primary(),
    publicJwk: p.type(Json).$type<JWK>(),
    /** Private key, AES-256-GCM under a key derived from the secret. */
    privateSealed: p.type(Bytes),
    createdAt: p.type(Instant).defaultRaw('now()'),
    /** One key after another: each is published before it signs. */
    generation: p.integer().default(1).unique('one_key_a_generation'),
    signsFrom: p.type(Instant).defaultRaw('now()'),
  },
});
export type SigningKeyRow = InferEntity<typeof SigningKeyEntity>;

export const sessionEntities = [
  CredentialEntity,
  SessionEntity,
  RefreshTokenEntity,
  SignInAttemptsEntity,
  FailedSignInEntity,
  SigningKeyEntity,
];
