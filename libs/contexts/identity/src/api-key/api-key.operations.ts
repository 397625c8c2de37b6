import { command, instant, oneLine, pageInput, pageOf, personal, query } from '@daybook/kernel';
import * as z from 'zod';
import { reason } from '../reason.schema.js';
import { apiKeyHolder } from './api-key.events.js';

/** Longest lifetime of a key. */
export const maxApiKeyDays = 365;

const asked = {
  name: oneLine(100).describe('What the key is used for, or where'),
  scopes: z
    .array(z.string().max(100))
    .min(1, 'Name at least one permission, or all that reads in a context: accounting.*.read.')
    .max(500)
    .describe(
      'Permissions that the key may use while its holder has them; accounting.*.read for all that only reads in accounting',
    ),
  until: instant.describe(`When the key expires, at most ${maxApiKeyDays} days from now`),
  addresses: z
    .array(z.string().trim().max(50))
    .max(50)
    .default([])
    .describe('IP addresses or CIDR blocks that the key may be used from; empty for any'),
};

/** Shown once, to the person who issues the key. */
export const issuedApiKey = z
  .object({
    keyId: z.uuid(),
    secret: z.string().describe('The whole key. It is shown only once, and kept as a hash'),
    prefix: z.string(),
    until: instant,
    position: z.string(),
    approvalRequest: z
      .uuid()
      .optional()
      .describe('The id of the approval request: the key does not work until a second person approves it'),
  })
  .meta({ id: 'IssuedApiKey' });

/** How approval rules and the inbox describe a key. */
export const apiKeyApprovable = {
  widens: true,
  summary: ({ name }: Record<string, unknown>) => `API key ${String(name)}`,
};
/** Summaries are stored in clear text, so they leave out the name that a person gave their own key. */
export const ownApiKeyApprovable = {
  widens: true,
  readBy: 'identity.api-key.read',
  summary: () => 'API key of their own',
};

export const issueApiKey = command('identity.api-key.issue', {
  title: 'Issue an API key of a service account',
  http: 'POST /v1/identity/services/{serviceId}/api-keys',
  says: 'issued the API key {name}',
  sensitive: true,
  acceptsIdempotencyKey: false,
  approvable: { ...apiKeyApprovable, step: 'identity.api-key.record' },
  input: z.object({ serviceId: z.uuid(), ...asked }),
  output: issuedApiKey,
});
export const issueOwnApiKey = command('identity.own-api-key.issue', {
  title: 'Issue an API key of your own',
  description: 'The key may do what you may do here, within its scopes, except what needs step-up.',
  http: 'POST /v1/identity/own/api-keys',
  says: 'issued the API key {name}',
  scope: 'caller',
  sensitive: true,
  acceptsIdempotencyKey: false,
  approvable: { ...ownApiKeyApprovable, step: 'identity.own-api-key.record' },
  input: z.object(asked),
  output: issuedApiKey,
});
export const revokeApiKey = command('identity.api-key.revoke', {
  title: 'Revoke an API key',
  description: 'Revokes any API key of the tenant. It is refused from the next request on.',
  http: 'POST /v1/identity/api-keys/{keyId}/revocation',
  says: 'revoked the API key {name}',
  input: z.object({ keyId: z.uuid(), reason }),
});
export const revokeOwnApiKey = command('identity.own-api-key.revoke', {
  title: 'Revoke an API key of your own',
  http: 'POST /v1/identity/own/api-keys/{keyId}/revocation',
  says: 'revoked the API key {name}',
  scope: 'caller',
  input: z.object({ keyId: z.uuid(), reason }),
});

export const apiKeyCommands = [revokeApiKey, revokeOwnApiKey] as const;
export const apiKeyRow = z
  .object({
    keyId: z.uuid(),
    name: personal(z.string().nullable(), 'holderId').describe('null once the holder is erased'),
    prefix: z.string().describe('The beginning of the key, to tell keys apart; it gives no access'),
    holder: apiKeyHolder,
    holderId: z.uuid(),
    scopes: z.array(z.string()),
    until: instant,
    addresses: z.array(z.string()),
    issuedAt: instant,
    issuedBy: z.string().describe('Id of the person who issued it'),
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
  title: 'List the API keys of the tenant',
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
  title: 'List your own API keys',
  http: 'GET /v1/identity/own/api-keys',
  permission: 'identity.own-api-key.list',
  scope: 'caller',
  input: z.object({ ...pageInput }),
  output: pageOf(listedApiKey),
  rows: 'items',
});
