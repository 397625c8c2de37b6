import { perform } from '@daybook/server';
import { whyNotHandOn } from '../access/handing-on.js';
import { actorAnswers } from '../actor/actor.queries.js';
import type { IdentityParts, Room } from '../room.js';
import { listServices, serviceCommands } from '../service/service.operations.js';
import { decidedByTenant } from '../tenant/decided.js';
import type { ApiKeys } from './api-keys.js';
import { issue } from './issue-key.js';
import { issueKey, issueOwnKey, keyCommands, keySteps, listKeys } from './key.operations.js';
import { keyAnswers } from './key.queries.js';
import { keys as keysProjection } from './keys.projection.js';

/** Service accounts and keys; what is decided about them is decided in the tenant's stream (tenant/). */
export function keyRoom(parts: IdentityParts, keys: ApiKeys): Room {
  const { declared, memberships } = parts;
  const issuing = () => ({ keys, declared: declared() });
  return {
    bindings: [
      decidedByTenant(parts, serviceCommands),
      decidedByTenant(parts, keyCommands),
      perform(issueKey, ({ serviceId, ...wanted }, asking) =>
        issue(wanted, { holder: 'service', holderId: serviceId }, asking, issuing()),
      ),
      perform(issueOwnKey, async (wanted, asking) => {
        const why = await whyNotHandOn(asking.caller, parts);
        return why ?? issue(wanted, { holder: 'person', holderId: asking.caller.actor.id }, asking, issuing());
      }),
      ...keyAnswers(keys, memberships),
      ...actorAnswers(memberships),
    ],
    internal: [decidedByTenant(parts, keySteps)],
    projections: [keysProjection],
    views: { services: listServices, keys: listKeys },
  };
}
