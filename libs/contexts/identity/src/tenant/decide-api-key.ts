import {
  accept,
  type DecideContext,
  type Decision,
  type EventsOf,
  type InputOf,
  reject,
  withKey,
} from '@daybook/kernel';
import { type apiKeyEvents, apiKeyIssued, apiKeyRevoked } from '../api-key/api-key.events.js';
import { type apiKeyCommands, maxApiKeyDays } from '../api-key/api-key.operations.js';
import { type apiKeySteps } from '../api-key/api-key.internal.js';
import { covers } from '../api-key/scopes.js';
import { isOwn } from '../roles.js';
import type { ApiKey } from './actors.state.js';
import { escalationRefused, firstEscalationOfHolder } from './escalation-guard.js';
import { serviceIsDeactivated, serviceNotFound } from './decide-service.js';
import { type TenantFolds, notFound, type OpenTenant, type TenantRules, type TenantFacts } from './tenant.state.js';

/*
 * API keys. The holder must be active. Nobody issues a key for a service account with more rights than they could give
 * it. A key expires within a year, a holder has a limited number of keys, and a revoked key stays revoked. People revoke
 * only keys of their own as their own.
 */
export const maxApiKeys = 20;
const dayMs = 86_400_000;

type Recorded = InputOf<(typeof apiKeySteps)[number]>;

function record(input: Recorded, state: OpenTenant, { now, actor }: DecideContext, facts: TenantFacts) {
  const { services, members, keys } = state;
  if (input.holder === 'service') {
    const service = services.get(input.holderId);
    if (!service) return serviceNotFound();
    if (!service.active) return serviceIsDeactivated(service);
    const uses = (permission: string) => !isOwn(permission) && covers(input.scopes, permission);
    const missing = firstEscalationOfHolder(input.holderId, uses, state, now.slice(0, 10), facts);
    if (missing !== null) return escalationRefused(missing);
  } else if (members.get(input.holderId)?.status !== 'active') {
    return notFound('active member', 'identity.member-not-found');
  }
  const left = Date.parse(input.until) - Date.parse(now);
  if (left <= 0 || left > maxApiKeyDays * dayMs) {
    return reject(
      'identity.api-key-expiry-invalid',
      `A key must expire in the future, at most ${maxApiKeyDays} days from now.`,
      {
        errors: [{ pointer: '/until', code: 'out-of-range', message: `Within ${maxApiKeyDays} days from now.` }],
      },
    );
  }
  const inForce = ({ holderId, revoked, until }: ApiKey) =>
    holderId === input.holderId && !revoked && Date.parse(until) > Date.parse(now);
  if ([...keys.values()].filter(inForce).length >= maxApiKeys) {
    return reject('identity.too-many-api-keys', `This holder already has ${maxApiKeys} keys. Revoke one first.`);
  }
  return accept(input.keyId, 1, apiKeyIssued.of({ ...input, issuedBy: actor }));
}

export const apiKeyRules: TenantRules<readonly [...typeof apiKeyCommands, ...typeof apiKeySteps]> = {
  'identity.api-key.record': record,
  'identity.own-api-key.record': record,

  'identity.api-key.revoke': (input, { keys }) => revoke(input, keys.get(input.keyId)),

  'identity.own-api-key.revoke': (input, { keys }, { actor }) => {
    const key = keys.get(input.keyId);
    return revoke(input, key?.holder === 'person' && key.holderId === actor ? key : undefined);
  },
};

function revoke(
  { keyId, reason }: { keyId: string; reason: string },
  key: ApiKey | undefined,
): Decision<ReturnType<typeof apiKeyRevoked.of>> {
  if (!key) return notFound('key', 'identity.api-key-not-found');
  if (key.revoked) return reject('identity.api-key-revoked', 'This API key is already revoked.');
  const { holder, holderId, name, version } = key;
  return accept(keyId, version + 1, apiKeyRevoked.of({ keyId, holder, holderId, name, reason }));
}

export const apiKeyFolds: TenantFolds<EventsOf<typeof apiKeyEvents>> = {
  // A person's own name for a key is personal data, so it is not kept in this state.
  'identity.api-key-issued': (state, { prefix: _, name, ...key }) => ({
    ...state,
    keys: withKey(state.keys, key.keyId, {
      ...key,
      name: key.holder === 'service' ? name : null,
      revoked: false,
      version: 1,
    }),
  }),
  'identity.api-key-revoked': (state, { keyId }) => {
    const key = state.keys.get(keyId);
    if (!key) return state;
    return { ...state, keys: withKey(state.keys, keyId, { ...key, revoked: true, version: key.version + 1 }) };
  },
};
