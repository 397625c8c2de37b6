import { accept, assertNever, checkVersion, type Decider, isRejection, reject, type Rejection } from '@daybook/kernel';
import { partyIn } from '../grant/party.schema.js';
import { invitationAccepted, type InvitationEvent, invitationSent, invitationWithdrawn } from './invitation.events.js';
import { invitationDays } from './invitation.operations.js';
import { type InvitationCommand } from './invitation.internal.js';

/*
 * Invariants: an address has at most one open invitation of the tenant, the latest. It is accepted once, before it expires.
 * Accepted and withdrawn are final.
 */
export interface Invitation {
  /** Null once it is erased. */
  readonly email: string | null;
  /** Who accepted it. */
  readonly personId: string | null;
  readonly status: 'sent' | 'accepted' | 'withdrawn';
  readonly expiresAt: string;
  readonly version: number;
}
export type InvitationState = ReadonlyMap<string, Invitation>;

const dayMs = 24 * 3600 * 1000;
const missing = (): Rejection =>
  reject('identity.invitation-not-found', 'There is no such invitation.', { status: 404 });
const closed = (status: string): Rejection =>
  reject('identity.invitation-closed', `This invitation was already ${status}.`);

export const invitationDecider: Decider<InvitationState, InvitationCommand, InvitationEvent> = {
  initial: new Map(),

  decide(command, state, context) {
    switch (command.name) {
      case 'identity.invitation.record': {
        const { invitationId, email, role, companyId = null, until = null } = command.input;
        const party = partyIn(command.input);
        if (isRejection(party)) return party;
        const open = [...state].filter(([, one]) => one.email === email && one.status === 'sent');
        const expiresAt = new Date(Date.parse(context.now) + invitationDays * dayMs).toISOString();
        const accepted = accept<InvitationEvent>(
          invitationId,
          1,
          ...open.map(([id]) => invitationWithdrawn.of({ invitationId: id, replacedBy: invitationId })),
          invitationSent.of({ invitationId, email, role, companyId, party, until, expiresAt }),
        );
        return { ...accepted, others: Object.fromEntries(open.map(([id, one]) => [id, one.version + 1])) };
      }
      case 'identity.invitation.withdraw': {
        const { invitationId } = command.input;
        const one = state.get(invitationId);
        if (!one) return missing();
        const stale = checkVersion(context, one.version);
        if (stale) return stale;
        if (one.status !== 'sent') return closed(one.status);
        return accept(invitationId, one.version + 1, invitationWithdrawn.of({ invitationId, replacedBy: null }));
      }
      case 'identity.invitation.complete': {
        const { invitationId, personId } = command.input;
        const one = state.get(invitationId);
        if (!one) return missing();
        if (one.status === 'withdrawn') return closed(one.status);
        // A retry with the same link continues after this step.
        if (one.status === 'accepted') return { kind: 'accepted', events: [], id: invitationId, version: one.version };
        if (one.expiresAt <= context.now) {
          return reject('identity.invitation-expired', 'This invitation has expired. Ask for a new one.');
        }
        return accept(invitationId, one.version + 1, invitationAccepted.of({ invitationId, personId }));
      }
      default:
        return assertNever(command);
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'identity.invitation-sent': {
        const { invitationId, email, expiresAt } = event.data;
        return new Map(state).set(invitationId, { email, personId: null, status: 'sent', expiresAt, version: 1 });
      }
      case 'identity.invitation-withdrawn':
        return closing(state, event.data.invitationId, { status: 'withdrawn' });
      case 'identity.invitation-accepted':
        return closing(state, event.data.invitationId, { status: 'accepted', personId: event.data.personId });
      default:
        return assertNever(event);
    }
  },
};

function closing(state: InvitationState, id: string, to: Partial<Invitation>): InvitationState {
  const one = state.get(id);
  return one ? new Map(state).set(id, { ...one, ...to, version: one.version + 1 }) : state;
}
