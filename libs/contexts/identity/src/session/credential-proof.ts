import { reject, type Rejection } from '@daybook/kernel';
import type { Caller } from '@daybook/server';
import type { SessionChecks } from '../access/credentials.js';
import { provedHere } from './session.schema.js';

/**
 * May this session reach the person's other tenants? Not if it rests on an SSO provider alone (docs/adr/0018): whoever
 * runs the provider would learn where else the person works and from which devices, or end their sessions there.
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
