import { accept, type DecideContext, type Decision, type EventsOf, reject, withKey } from '@daybook/kernel';
import {
  delegatedAccessAllowed,
  delegatedAccessEnded,
  delegatedAccessEntered,
  type delegatedAccessEvents,
} from '../delegated-access/delegated-access.events.js';
import {
  maxDelegatedAccessHours,
  type delegatedAccessCommands,
} from '../delegated-access/delegated-access.operations.js';
import { type delegatedAccessSteps } from '../delegated-access/delegated-access.internal.js';
import { type Consent, isOpen } from './actors.state.js';
import { type TenantFolds, notFound, type TenantRules, type TenantState } from './tenant.state.js';

/*
 * Consents to delegated access. A person cannot delegate to themselves. A consent ends within three days and cannot be
 * resumed. One delegate enters (the process checks the address before), and a person ends only their own consents.
 */
export const mostConsents = 10;
const hourMs = 3_600_000;

export const delegatedAccessRules: TenantRules<
  readonly [...typeof delegatedAccessCommands, ...typeof delegatedAccessSteps]
> = {
  'identity.delegated-access.record': ({ hours, memberId: _, ...facts }, { consents }, { now }) => {
    const given = [...consents.values()].filter((c) => c.personId === facts.personId && isOpen(c, now));
    if (given.length >= mostConsents) {
      return reject(
        'identity.too-many-consents',
        `You already allow delegated access to ${mostConsents} people. End one first.`,
      );
    }
    const until = new Date(Date.parse(now) + Math.min(hours, maxDelegatedAccessHours) * hourMs).toISOString();
    return accept(facts.delegatedAccessId, 1, delegatedAccessAllowed.of({ ...facts, until }));
  },

  'identity.delegated-access.record-entry': ({ delegatedAccessId }, { consents }, { actor, now }) => {
    const consent = consents.get(delegatedAccessId);
    if (!consent || consent.personId === actor || (consent.delegateId ?? actor) !== actor)
      return delegatedAccessNotFound();
    if (!isOpen(consent, now)) return delegatedAccessOver();
    const { personId, version } = consent;
    return accept(
      delegatedAccessId,
      version + 1,
      delegatedAccessEntered.of({ delegatedAccessId, personId, delegateId: actor }),
    );
  },

  'identity.delegated-access.end': ({ delegatedAccessId }, { consents }, context) => {
    const consent = consents.get(delegatedAccessId);
    return end(consent?.personId === context.actor ? consent : undefined, context, { by: 'person', reason: null });
  },

  'identity.delegated-access-consent.withdraw': ({ delegatedAccessId, reason }, { consents }, context) =>
    end(consents.get(delegatedAccessId), context, { by: 'admin', reason }),
};

function end(
  consent: Consent | undefined,
  { now }: DecideContext,
  how: { by: 'person' | 'admin'; reason: string | null },
): Decision<ReturnType<typeof delegatedAccessEnded.of>> {
  if (!consent) return delegatedAccessNotFound();
  if (!isOpen(consent, now)) return delegatedAccessOver();
  const { delegatedAccessId, personId, version } = consent;
  return accept(delegatedAccessId, version + 1, delegatedAccessEnded.of({ delegatedAccessId, personId, ...how }));
}

export const delegatedToSelf = () =>
  reject('identity.delegated-access-to-self', 'This is your own e-mail address. Name another person.', {
    errors: [{ pointer: '/email', code: 'invalid', message: 'This is your own e-mail address.' }],
  });
export const delegatedAccessNotFound = () => notFound('delegated access', 'identity.delegated-access-not-found');
export const delegatedAccessOver = () =>
  reject('identity.delegated-access-over', 'This delegated access has ended. The person must allow it again.');

export const delegatedAccessFolds: TenantFolds<EventsOf<typeof delegatedAccessEvents>> = {
  'identity.delegated-access-allowed': (state, { reason: _, ...consent }) => ({
    ...state,
    consents: withKey(state.consents, consent.delegatedAccessId, {
      ...consent,
      delegateId: null,
      ended: false,
      version: 1,
    }),
  }),
  'identity.delegated-access-entered': (state, { delegatedAccessId, delegateId }) =>
    withConsent(state, delegatedAccessId, { delegateId }),
  'identity.delegated-access-ended': (state, { delegatedAccessId }) =>
    withConsent(state, delegatedAccessId, { ended: true }),
};

function withConsent(state: TenantState, delegatedAccessId: string, to: Partial<Consent>): TenantState {
  const known = state.consents.get(delegatedAccessId);
  if (!known) return state;
  return {
    ...state,
    consents: withKey(state.consents, delegatedAccessId, { ...known, ...to, version: known.version + 1 }),
  };
}
