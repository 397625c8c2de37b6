import { unauthenticated } from '@daybook/server';
import { AccessTokens } from '../session/access-tokens.js';
import type { SigningKeys } from '../session/signing-keys.js';
import { type CredentialSource, hasSecondFactor, type SessionChecks } from './credentials.js';

/** Access tokens of people who signed in. Any text that is of no other kind is taken for one. */
export function tokenSource(keys: SigningKeys, sessions: SessionChecks | null): CredentialSource {
  const tokens = new AccessTokens(keys);
  return {
    knows: () => true,
    read: async (bearer) => {
      const claims = await tokens.verify(bearer);
      if (claims === null) return unauthenticated('The access token is not valid or has expired. Sign in again.');
      const { sub, tenant, sid, exp, iat, auth_time: at = iat, amr = [] } = claims;
      return {
        tenant,
        holder: { kind: 'person', id: sub },
        actor: { kind: 'person', id: sub },
        onBehalfOf: null,
        sessionId: sid,
        authenticatedAt: new Date(at * 1000).toISOString(),
        expiresAt: new Date(exp * 1000).toISOString(),
        still: async () => {
          if (sessions === null) return { secondFactor: hasSecondFactor(amr) };
          const open = await sessions.look(sid, tenant);
          return open
            ? { secondFactor: hasSecondFactor([...amr, ...open.methods]) }
            : unauthenticated('The session has ended. Sign in again.');
        },
      };
    },
  };
}
