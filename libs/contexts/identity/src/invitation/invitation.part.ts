import { type ContextPart, decide, perform } from '@daybook/server';
import { EmailLinks } from '../email-link/email-links.js';
import { only } from '../injected.js';
import { Accepting } from './accepting.js';
import { invitationDecider } from './invitation.decider.js';
import { invitationEvents } from './invitation.events.js';
import {
  acceptInvitation,
  eraseInvitation,
  invitationSteps,
  listInvitations,
  lookAtInvitation,
  sendInvitation,
  withdrawInvitation,
} from './invitation.operations.js';
import { invitationAnswers } from './invitation.queries.js';
import { invitations } from './invitations.projection.js';
import { eraseAddress } from './erasing-invitation.js';
import { invitationStream } from './known-invitations.js';
import { Inviting } from './inviting.js';

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
    perform(sendInvitation, { inviting: Inviting }, (input, asking, { inviting }) => inviting.send(input, asking)),
    perform(
      eraseInvitation,
      { links: EmailLinks, ...only('events', 'vault', 'read', 'mail', 'personalData') },
      (input, asking, given) => eraseAddress(input, asking, given),
    ),
    perform(lookAtInvitation, { inviting: Inviting }, ({ token }, _asking, { inviting }) => inviting.look(token)),
    perform(acceptInvitation, { accepting: Accepting }, (input, asking, { accepting }) =>
      accepting.accept(input, asking),
    ),
  ],
  internal: [decide({ ...decided, operations: invitationSteps })],
  projections: [invitations],
  channels: { invitations: listInvitations },
};
