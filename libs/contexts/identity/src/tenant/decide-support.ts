import { accept, type DecideContext, type Decision, type EventsOf, reject } from '@daybook/kernel';
import { supportAllowed, supportEnded, supportEntered, type supportEvents } from '../support/support.events.js';
import { mostSupportHours, type supportCommands, type supportSteps } from '../support/support.operations.js';
import { type Consent, isOpen } from './actors.state.js';
import { type FoldsOf, notHere, type RulesOf, type TenantState, withKey } from './tenant.state.js';

/*
 * Consents to support: nobody supports themselves; a consent ends within three days, and once ended stays so; one supporter
 * enters (whom the address named is asked before), and only who gave it ends it as their own.
 */
export const mostConsents = 10;
const hourMs = 3_600_000;

export const supportRules: RulesOf<readonly [...typeof supportCommands, ...typeof supportSteps]> = {
  'identity.support.record': ({ hours, memberId: _, ...facts }, { consents }, { now }) => {
    const given = [...consents.values()].filter((c) => c.personId === facts.personId && isOpen(c, now));
    if (given.length >= mostConsents) {
      return reject('identity.too-many-consents', `You allow ${mostConsents} persons already. End one first.`);
    }
    const until = new Date(Date.parse(now) + Math.min(hours, mostSupportHours) * hourMs).toISOString();
    return accept(facts.supportId, 1, supportAllowed.of({ ...facts, until }));
  },

  'identity.support.record-entry': ({ supportId }, { consents }, { actor, now }) => {
    const consent = consents.get(supportId);
    if (!consent || consent.personId === actor || (consent.supporterId ?? actor) !== actor) return consentMissing();
    if (!isOpen(consent, now)) return consentOver();
    const { personId, version } = consent;
    return accept(supportId, version + 1, supportEntered.of({ supportId, personId, supporterId: actor }));
  },

  'identity.support.end': ({ supportId }, { consents }, context) => {
    const consent = consents.get(supportId);
    return end(consent?.personId === context.actor ? consent : undefined, context, { by: 'person', reason: null });
  },

  'identity.consent.stop': ({ supportId, reason }, { consents }, context) =>
    end(consents.get(supportId), context, { by: 'admin', reason }),
};

function end(
  consent: Consent | undefined,
  { now }: DecideContext,
  how: { by: 'person' | 'admin'; reason: string | null },
): Decision<ReturnType<typeof supportEnded.of>> {
  if (!consent) return consentMissing();
  if (!isOpen(consent, now)) return consentOver();
  const { supportId, personId, version } = consent;
  return accept(supportId, version + 1, supportEnded.of({ supportId, personId, ...how }));
}

export const supportSelf = () =>
  reject('identity.support-self', 'This is your own address. Name somebody else.', {
    errors: [{ pointer: '/email', code: 'own', message: 'This is your own address.' }],
  });
export const consentMissing = () => notHere('support access', 'identity.support-missing');
export const consentOver = () =>
  reject('identity.support-over', 'This support access is over. The person has to allow it again.');

export const supportFolds: FoldsOf<EventsOf<typeof supportEvents>> = {
  'identity.support-allowed': (state, { reason: _, ...consent }) => ({
    ...state,
    consents: withKey(state.consents, consent.supportId, {
      ...consent,
      supporterId: null,
      ended: false,
      version: 1,
    }),
  }),
  'identity.support-entered': (state, { supportId, supporterId }) => withConsent(state, supportId, { supporterId }),
  'identity.support-ended': (state, { supportId }) => withConsent(state, supportId, { ended: true }),
};

function withConsent(state: TenantState, supportId: string, to: Partial<Consent>): TenantState {
  const known = state.consents.get(supportId);
  if (!known) return state;
  return { ...state, consents: withKey(state.consents, supportId, { ...known, ...to, version: known.version + 1 }) };
}
