import type { EventReader } from '@daybook/server';
import { streamName } from '@daybook/kernel';
import { type Invitation, invitationDecider, type InvitationState } from './invitation.decider.js';
import { type InvitationEvent, invitationEvents } from './invitation.events.js';

export const invitationStream = (tenant: string): string => streamName('identity.invitation', tenant, tenant);

const known: ReadonlySet<string> = new Set(invitationEvents.map(({ name }) => name));

/** All invitations of a tenant as its stream tells them; an address that was erased is null. */
export async function invitationsIn(events: EventReader, tenant: string): Promise<InvitationState> {
  let state: InvitationState = invitationDecider.initial;
  for await (const event of events.stream(invitationStream(tenant))) {
    if (!known.has(event.type)) continue;
    state = invitationDecider.evolve(state, event as unknown as InvitationEvent, { revision: event.revision });
  }
  return state;
}

/** Ids of those of which that holds. */
export const invitationIds = (state: InvitationState, that: (one: Invitation) => boolean): string[] =>
  [...state].filter(([, one]) => that(one)).map(([id]) => id);
