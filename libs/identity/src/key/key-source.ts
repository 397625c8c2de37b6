import { unauthenticated } from '@daybook/server';
import type { CredentialSource } from '../access/credentials.js';
import { type ApiKeys, isApiKey } from './api-keys.js';
import { whyRefused, withinScopes } from './key-rights.js';

/** Live connections of a key are asked for it again after this. */
const connectionMs = 600_000;

/** API keys as bearers: the holder's rights of this moment, within the key's scopes, from where it may be used. */
export const keySource = (keys: ApiKeys, now: () => number = Date.now): CredentialSource => ({
  knows: isApiKey,
  read: async (bearer, address) => {
    const key = await keys.find(bearer);
    if (key === null) return unauthenticated('The key is not valid.');
    const { keyId, tenant, holder, holderId, until } = key;
    return {
      tenant,
      holder: { kind: holder, id: holderId },
      actor: { kind: 'key', id: keyId },
      // Who uses his own key is the same person: what he may not do twice he may not do once with a key.
      onBehalfOf: holder === 'person' ? { kind: 'person', id: holderId } : null,
      sessionId: null,
      authenticatedAt: null,
      expiresAt: new Date(Math.min(Date.parse(until), now() + connectionMs)).toISOString(),
      still: async () => ({ secondFactor: null }),
      narrow: (grants, state) => {
        const why = whyRefused(keyId, state, address, now());
        if (why !== null) return unauthenticated(why);
        const scopes = state.keys.get(keyId)?.scopes ?? [];
        keys.noteUse(keyId);
        return withinScopes(grants, scopes);
      },
    };
  },
});
