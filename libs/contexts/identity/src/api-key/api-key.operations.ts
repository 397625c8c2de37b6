import {
  command,
  type CommandOf,
  type CommandOperation,
  instant,
  oneLine,
  pageInput,
  pageOf,
  personal,
  query,
} from '@daybook/kernel';
import * as z from 'zod';
import { reason } from '../reason.schema.js';
import { apiKeyHolder } from './api-key.events.js';

/** Longest life of a key. */
export const maxApiKeyDays = 365;

const asked = {
  name: oneLine(100).describe('What it is used for, or where'),
  scopes: z
    .array(z.string().max(100))
    .min(1, 'Name at least one permission, or *.read.')
    .max(500)
    .describe('Permissions the key may use as long as its holder has them; *.read for all that reads'),
  until: instant.describe(`When it ends, at most ${maxApiKeyDays} days from now`),
  addresses: z
    .array(z.string().trim().max(50))
    .max(50)
    .default([])
    .describe('Network addresses it may be used from, single or as a CIDR block; none for all'),
};

/** What the one who issues a key gets to see, once. */
export const issuedApiKey = z
  .object({
    keyId: z.uuid(),
    secret: z.string().describe('The whole key. It is shown this once and kept as a hash only'),
    prefix: z.string(),
    until: instant,
    position: z.string(),
    approval: z
      .uuid()
      .optional()
      .describe('The key opens nothing yet: it waits under this id until a second person approves it'),
  })
  .meta({ id: 'IssuedApiKey' });

/** What a rule of approval and an inbox say of a key. */
const keyInWords = { widens: true, summary: ({ name }: Record<string, unknown>) => `Key ${String(name)}` };
/** What a person calls a key of their own stands in no summary: that is kept in clear. */
const ownKeyInWords = { widens: true, summary: () => 'Key of their own' };

export const issueApiKey = command('identity.api-key.issue', {
  title: 'Issue a key of a service account',
  http: 'POST /v1/identity/services/{serviceId}/api-keys',
  says: 'issued the key {name}',
  sensitive: true,
  acceptsIdempotencyKey: false,
  approvable: { ...keyInWords, step: (): CommandOperation => recordApiKey },
  input: z.object({ serviceId: z.uuid(), ...asked }),
  output: issuedApiKey,
});
export const issueOwnApiKey = command('identity.own-api-key.issue', {
  title: 'Issue a key of your own',
  description: 'It may do what you may do here, within its scopes, and nothing that takes a recent sign-in.',
  http: 'POST /v1/identity/own/api-keys',
  says: 'issued the key {name}',
  scope: 'caller',
  sensitive: true,
  acceptsIdempotencyKey: false,
  approvable: { ...ownKeyInWords, step: (): CommandOperation => recordOwnApiKey },
  input: z.object(asked),
  output: issuedApiKey,
});
export const revokeApiKey = command('identity.api-key.revoke', {
  title: 'Revoke a key',
  description: 'Any key of the tenant. It is refused with the next request.',
  http: 'POST /v1/identity/api-keys/{keyId}/revocation',
  says: 'revoked the key {name}',
  input: z.object({ keyId: z.uuid(), reason }),
});
export const revokeOwnApiKey = command('identity.own-api-key.revoke', {
  title: 'Revoke a key of your own',
  http: 'POST /v1/identity/own/api-keys/{keyId}/revocation',
  says: 'revoked the key {name}',
  scope: 'caller',
  input: z.object({ keyId: z.uuid(), reason }),
});

/*
 * Record the fact of a key whose hash is kept already; steps of issuing, bound as internal commands. They are what waits
 * where a rule asks for a second person: the secret is shown once, when it is made, and opens nothing before.
 */
const recorded = {
  ...asked,
  addresses: z.array(z.string()),
  keyId: z.uuid(),
  prefix: z.string(),
  holder: apiKeyHolder,
  holderId: z.uuid(),
};
export const recordApiKey = command('identity.api-key.record', {
  title: issueApiKey.title,
  http: 'POST /v1/identity/api-keys',
  permission: issueApiKey.permission,
  sensitive: true,
  says: 'issued the key {name}',
  approvable: keyInWords,
  input: z.object(recorded),
});
export const recordOwnApiKey = command('identity.own-api-key.record', {
  title: issueOwnApiKey.title,
  http: 'POST /v1/identity/own/api-keys/record',
  permission: issueOwnApiKey.permission,
  scope: 'caller',
  sensitive: true,
  says: 'issued the key {name}',
  approvable: ownKeyInWords,
  input: z.object(recorded),
});

export const apiKeyCommands = [revokeApiKey, revokeOwnApiKey] as const;
export const apiKeySteps = [recordApiKey, recordOwnApiKey] as const;
export type ApiKeyCommand = CommandOf<(typeof apiKeyCommands)[number] | (typeof apiKeySteps)[number]>;

export const apiKeyRow = z
  .object({
    keyId: z.uuid(),
    name: personal(z.string().nullable(), 'holderId').describe('null once the holder is erased'),
    prefix: z.string().describe('How the key begins: tells keys apart, opens nothing'),
    holder: apiKeyHolder,
    holderId: z.uuid(),
    scopes: z.array(z.string()),
    until: instant,
    addresses: z.array(z.string()),
    issuedAt: instant,
    issuedBy: z.string().describe('Id of who issued it'),
    revokedAt: instant.nullable(),
    revokedReason: z.string().nullable(),
    version: z.int(),
  })
  .meta({ id: 'ApiKeyRow' });

export const listedApiKey = apiKeyRow
  .extend({
    holderName: z.string().nullable(),
    status: z.enum(['active', 'expired', 'revoked', 'holder-deactivated']),
    lastUsedAt: instant.nullable().describe('To the minute'),
  })
  .meta({ id: 'ApiKey' });

export const listApiKeys = query('identity.api-key.list', {
  title: 'List the keys of the tenant',
  http: 'GET /v1/identity/api-keys',
  delegated: true,
  permission: 'identity.api-key.read',
  input: z.object({
    holder: apiKeyHolder.optional(),
    holderId: z.uuid().optional().describe('A service account or a person'),
    ...pageInput,
  }),
  output: pageOf(listedApiKey),
  rows: 'items',
});
export const listOwnApiKeys = query('identity.own-api-key.list', {
  title: 'List your own keys',
  http: 'GET /v1/identity/own/api-keys',
  permission: 'identity.own-api-key.list',
  scope: 'caller',
  input: z.object({ ...pageInput }),
  output: pageOf(listedApiKey),
  rows: 'items',
});
