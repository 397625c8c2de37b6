import { type Context, decide, perform } from '@daybook/server';
import { Links } from '../link/links.js';
import type { IdentityParts, Room } from '../room.js';
import { Passwords } from '../session/passwords.js';
import { Tries } from '../session/tries.js';
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

export function invitationRoom(parts: IdentityParts, contexts: () => readonly Context[]): Room {
  const { pool, secret } = parts;
  const links = new Links(pool, secret);
  const own = { links, passwords: new Passwords(pool, secret), tries: new Tries(pool) };
  const accepting = new Accepting(parts, own);
  const inviting = new Inviting(parts, links);
  return {
    events: invitationEvents,
    bindings: [
      ...invitationAnswers,
      decide({ ...decided, operations: [withdrawInvitation] }),
      perform(sendInvitation, (input, asking) => inviting.send(input, asking)),
      perform(eraseInvitation, (input, asking) => eraseAddress(input, asking, parts, links, contexts())),
      perform(lookAtInvitation, ({ token }) => inviting.look(token)),
      perform(acceptInvitation, (input, asking) => accepting.accept(input, asking)),
    ],
    internal: [decide({ ...decided, operations: invitationSteps })],
    projections: [invitations],
    views: { invitations: listInvitations },
  };
}
