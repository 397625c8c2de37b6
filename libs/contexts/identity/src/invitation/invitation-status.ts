import type { EventReader } from '@daybook/server';
import { fold, LargeMap, publishedState, streamName } from '@daybook/kernel';
import { type Invitation, invitationDecider, type InvitationState } from './invitation.decider.js';
import { type InvitationEvent, invitationEvents } from './invitation.events.js';

export const invitationStream = (tenant: string): string => streamName('identity.invitation', tenant, tenant);

type Status = Invitation['status'];
const becomes: Readonly<Record<InvitationEvent['type'], Status>> = {
  'identity.invitation-sent': 'sent',
  'identity.invitation-withdrawn': 'withdrawn',
  'identity.invitation-accepted': 'accepted',
};

/**
 * Statuses of invitations by id, for previews of links by people who are not signed in. In the cache, so that each event is
 * read and unsealed once and not with each preview. Without addresses.
 */
export const invitationStatuses = publishedState<LargeMap<Status>, typeof invitationEvents>(
  'identity.invitation-statuses',
  {
    of: 'identity.invitation',
    events: invitationEvents,
    initial: LargeMap.empty(),
    evolve: (statuses, { type, data }) => statuses.with(data.invitationId, becomes[type]),
  },
);

/** All invitations of a tenant, folded from its stream; an erased address is null. */
export const invitationsIn = (events: EventReader, tenant: string): Promise<InvitationState> =>
  fold(invitationDecider, invitationEvents, events.stream(invitationStream(tenant)));

/** Ids of the invitations that match. */
export const invitationIds = (state: InvitationState, that: (one: Invitation) => boolean): string[] =>
  [...state].filter(([, one]) => that(one)).map(([id]) => id);
