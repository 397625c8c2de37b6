import { perform } from '@daybook/server';
import type { IdentityParts, Room } from '../room.js';
import { decidedByTenant } from '../tenant/decided.js';
import { allow, enter } from './support-access.js';
import { SupportConsents } from './support-consents.js';
import { allowSupport, enterSupport, listSupport, supportCommands, supportSteps } from './support.operations.js';
import { support } from './support.projection.js';
import { supportAnswers } from './support.queries.js';

/** Support access; what is decided about consents is decided in the tenant's stream (tenant/). */
export function supportRoom(parts: IdentityParts): Room {
  const consents = new SupportConsents(parts.pool, parts.secret);
  return {
    bindings: [
      decidedByTenant(parts, supportCommands),
      perform(allowSupport, (input, asking) => allow(input, asking, parts, consents)),
      perform(enterSupport, ({ supportId }, asking) => enter(supportId, asking, parts, consents)),
      ...supportAnswers(consents, parts.memberships, parts.sessions, parts.read),
    ],
    internal: [decidedByTenant(parts, supportSteps)],
    projections: [support],
    views: { support: listSupport },
  };
}
