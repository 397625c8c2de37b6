import { reject, type Rejection } from '@daybook/kernel';
import { unauthenticated } from '@daybook/server';
import type { CredentialSource } from '../access/credentials.js';
import { type ApiKeys, isApiKey } from './api-keys.js';
import { whyRefused, withinScopes } from './api-key-rights.js';

const factorNeeded = (): Rejection =>
  reject('identity.mfa-setup-required', 'This tenant asks for a second factor, and the holder of the key has none.', {
    status: 403,
  });

/** Live connections of a key are asked for it again after this. */
const connectionMs = 600_000;

/** API keys as bearers: the holder's rights of this moment, within the key's scopes, from where it may be used. */
export const apiKeySource = (keys: ApiKeys, now: () => number = Date.now): CredentialSource => ({
  recognises: isApiKey,
  read: async (bearer, address) => {
    const key = await keys.find(bearer);
    if (key === null) return unauthenticated('The key is not valid.');
    const { keyId, tenant, holder, holderId, until, secondFactor } = key;
    return {
      tenant,
      holder: { kind: holder, id: holderId },
      actor: { kind: 'key', id: keyId },
      // Who uses his own key is the same person: what he may not do twice he may not do once with a key.
      onBehalfOf: holder === 'person' ? { kind: 'person', id: holderId } : null,
      sessionId: null,
      authenticatedAt: null,
      expiresAt: new Date(Math.min(Date.parse(until), now() + connectionMs)).toISOString(),
      revalidate: async () => ({ secondFactor: null }),
      restrict: (grants, state) => {
        const why = whyRefused(keyId, state, address, now());
        if (why !== null) return unauthenticated(why);
        // A key from before the tenant asked for a second factor is no way around it. Who has none shows it nowhere.
        if (state.policy.mfaRequired && !secondFactor) return factorNeeded();
        const scopes = state.keys.get(keyId)?.scopes ?? [];
        keys.noteUse(keyId);
        return withinScopes(grants, scopes);
      },
    };
  },
});
