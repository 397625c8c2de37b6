import { reject, type Rejection } from '@daybook/kernel';
import type { Caller } from '@daybook/server';
import type { Deps } from '../injected.js';
import { withSecond } from '../session/session.schema.js';

/** A person in a session of their own: neither an API key nor a delegate. */
export const isSignedInPerson = ({ actor, onBehalfOf, sessionId }: Caller): boolean =>
  actor.kind === 'person' && !onBehalfOf && Boolean(sessionId);

export const personRequired = (): Rejection =>
  reject('identity.person-required', 'Only a person who is signed in can do this, not an API key and not a delegate.', {
    status: 403,
  });

/**
 * Why a person may not issue a key or allow a delegate to use their rights; null if they may. Without the second factor
 * that the tenant requires, a person reaches only their own account, and must not reach the rest through a key.
 */
export async function delegationRefusal(
  caller: Caller,
  { tenantStates, sessions }: Deps<'tenantStates' | 'sessions'>,
): Promise<Rejection | null> {
  if (!isSignedInPerson(caller)) return personRequired();
  const { policy } = await tenantStates.current(caller.tenant);
  if (!policy.mfaRequired) return null;
  const session = await sessions.look(String(caller.sessionId), caller.tenant);
  return session !== null && withSecond(session.methods)
    ? null
    : reject(
        'identity.mfa-setup-required',
        'This tenant asks for a second factor. Add one, and sign in with it first.',
        {
          status: 403,
        },
      );
}
