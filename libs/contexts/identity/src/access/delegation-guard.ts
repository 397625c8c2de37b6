import { reject, type Rejection } from '@daybook/kernel';
import type { Caller } from '@daybook/server';
import type { Deps } from '../injected.js';
import { withSecond } from '../session/session.schema.js';

/** Somebody who signed in himself: no key, and nobody who acts for another one. */
export const isSignedInPerson = ({ actor, onBehalfOf, sessionId }: Caller): boolean =>
  actor.kind === 'person' && !onBehalfOf && Boolean(sessionId);

export const personRequired = (): Rejection =>
  reject('identity.person-required', 'This takes a person who signed in himself.', { status: 403 });

/**
 * Why a person may not let a key or a delegate use his rights; null when he may. Whoever lacks the second factor that the
 * tenant asks for sees to his own account only, and must not get at the rest through a key of his own.
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
