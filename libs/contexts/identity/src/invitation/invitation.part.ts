import { type ContextPart, decide, perform } from '@daybook/server';
import { EmailLinks } from '../email-link/email-links.js';
import { deps } from '../injected.js';
import { InvitationAcceptance } from './invitation-acceptance.js';
import { invitationDecider } from './invitation.decider.js';
import { invitationEvents } from './invitation.events.js';
import {
  acceptInvitation,
  eraseInvitation,
  listInvitations,
  previewInvitation,
  sendInvitation,
  withdrawInvitation,
} from './invitation.operations.js';
import { invitationSteps } from './invitation.internal.js';
import { invitationAnswers } from './invitation.queries.js';
import { invitationProjection } from './invitation.projection.js';
import { eraseInvitedAddress } from './invitation-erasure.js';
import { invitationStream } from './invitation-status.js';
import { InvitationSending } from './invitation-sending.js';

const decided = {
  decider: invitationDecider,
  events: invitationEvents,
  stream: (_: unknown, caller: { tenant: string }) => invitationStream(caller.tenant),
  mayChangeNothing: true,
};

export const invitationPart: ContextPart = {
  events: invitationEvents,
  bindings: [
    ...invitationAnswers,
    decide({ ...decided, operations: [withdrawInvitation] }),
    perform(sendInvitation, { inviting: InvitationSending }, (input, asking, { inviting }) =>
      inviting.send(input, asking),
    ),
    perform(
      eraseInvitation,
      { links: EmailLinks, ...deps('events', 'read', 'mail', 'personalData') },
      (input, asking, given) => eraseInvitedAddress(input, asking, given),
    ),
    perform(previewInvitation, { inviting: InvitationSending }, ({ token }, _asking, { inviting }) =>
      inviting.preview(token),
    ),
    perform(acceptInvitation, { accepting: InvitationAcceptance }, (input, asking, { accepting }) =>
      accepting.accept(input, asking),
    ),
  ],
  internal: [decide({ ...decided, operations: invitationSteps })],
  projections: [invitationProjection],
  channels: { invitations: listInvitations },
};
