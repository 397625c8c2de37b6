import { reject, type Rejection } from '@daybook/kernel';
import type { Caller } from '@daybook/server';
import type { SessionChecks } from '../access/token-verifier.js';
import { provedHere } from './session.schema.js';

/**
 * May this session reach the person's other tenants? Not if only an SSO provider vouches for it (docs/adr/0018): the people
 * who run the provider would learn where else the person works and on which devices, or end their sessions there.
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
    'You signed in with SSO of this tenant, and this affects all your tenants. Confirm with your own password or passkey first.',
    { status: 403, details: { confirm: 'identity.session.confirm' } },
  );
