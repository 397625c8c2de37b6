import type { EventReader } from '@daybook/server';
import { fold, streamName } from '@daybook/kernel';
import { type Invitation, invitationDecider, type InvitationState } from './invitation.decider.js';
import { invitationAccepted, invitationEvents, invitationSent, invitationWithdrawn } from './invitation.events.js';

export const invitationStream = (tenant: string): string => streamName('identity.invitation', tenant, tenant);

type Status = Invitation['status'];
interface Kept {
  readonly statuses: Map<string, Status>;
  /** Of the event that is read next. */
  next: number;
  /** Of the log that it was read from. */
  readonly epoch: number;
}
/** Tenants kept in memory; the least recently used leave first. */
const mostKept = 1_000;

/**
 * Statuses of invitations, for previews of links by people who are not signed in. Cached by tenant, so that each event is
 * read and unsealed once and not with each preview. Addresses are not cached.
 */
export class InvitationStatuses {
  private readonly tenants = new Map<string, Kept>();
  constructor(private readonly events: EventReader) {}

  async of(tenant: string, invitationId: string): Promise<Status | null> {
    const epoch = this.events.epoch ?? 0;
    const found = this.tenants.get(tenant);
    const kept = found?.epoch === epoch ? found : { statuses: new Map<string, Status>(), next: 0, epoch };
    this.keep(tenant, kept);
    for await (const event of this.events.stream(invitationStream(tenant), { from: kept.next })) {
      // A concurrent preview has read this event.
      if (event.revision < kept.next) continue;
      kept.next = event.revision + 1;
      const status = becomes[event.type];
      if (status) kept.statuses.set((event.data as { invitationId: string }).invitationId, status);
    }
    return kept.statuses.get(invitationId) ?? null;
  }

  private keep(tenant: string, kept: Kept): void {
    this.tenants.delete(tenant);
    this.tenants.set(tenant, kept);
    const [oldest] = this.tenants.size > mostKept ? this.tenants.keys() : [];
    if (oldest !== undefined) this.tenants.delete(oldest);
  }
}
const becomes: Readonly<Record<string, Status>> = {
  [invitationSent.name]: 'sent',
  [invitationWithdrawn.name]: 'withdrawn',
  [invitationAccepted.name]: 'accepted',
};

/** All invitations of a tenant, folded from its stream; an erased address is null. */
export const invitationsIn = (events: EventReader, tenant: string): Promise<InvitationState> =>
  fold(invitationDecider, invitationEvents, events.stream(invitationStream(tenant)));

/** Ids of the invitations that match. */
export const invitationIds = (state: InvitationState, that: (one: Invitation) => boolean): string[] =>
  [...state].filter(([, one]) => that(one)).map(([id]) => id);
