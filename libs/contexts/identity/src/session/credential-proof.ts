import { reject, type Rejection } from '@daybook/kernel';
import type { Caller } from '@daybook/server';
import type { SessionChecks } from '../access/credentials.js';
import { provedHere } from './session.schema.js';

/**
 * May this sign-in look beyond its tenant? One that rests on a provider alone may not (docs/adr/0018): whoever runs the
 * provider would learn where else the person works, and from which devices, or end his sessions there.
 */
export async function provesOwnCredential(
  { sessionId, tenant }: Pick<Caller, 'sessionId' | 'tenant'>,
  sessions: SessionChecks,
): Promise<boolean> {
  const open = sessionId ? await sessions.look(sessionId, tenant) : null;
  return open !== null && provedHere(open.methods);
}

export const credentialProofRequired = (): Rejection =>
  reject(
    'identity.credential-proof-required',
    'You signed in by a provider of this tenant. This holds in all your tenants: confirm first, with your own password or passkey.',
    { status: 403, details: { confirm: 'identity.session.confirm' } },
  );
