import { type ContextPart, perform } from '@daybook/server';
import { delegationRefusal } from '../access/delegation-guard.js';
import { actorAnswers } from '../actor/actor.queries.js';
import { only } from '../injected.js';
import { listServices, serviceCommands } from '../service/service.operations.js';
import { decidedByTenant } from '../tenant/decided.js';
import { issue } from './issue-key.js';
import { issueKey, issueOwnKey, keyCommands, keySteps, listKeys } from './key.operations.js';
import { keyAnswers } from './key.queries.js';
import { keys as keysProjection } from './keys.projection.js';

/** Service accounts and keys; what is decided about them is decided in the tenant's stream (tenant/). */
export const keyPart: ContextPart = {
  bindings: [
    decidedByTenant(serviceCommands),
    decidedByTenant(keyCommands),
    perform(issueKey, only('apiKeys', 'bindings'), ({ serviceId, ...wanted }, asking, given) =>
      issue(wanted, { holder: 'service', holderId: serviceId }, asking, given),
    ),
    perform(issueOwnKey, only('apiKeys', 'bindings', 'tenantStates', 'sessions'), async (wanted, asking, given) => {
      const why = await delegationRefusal(asking.caller, given);
      return why ?? issue(wanted, { holder: 'person', holderId: asking.caller.actor.id }, asking, given);
    }),
    ...keyAnswers,
    ...actorAnswers,
  ],
  internal: [decidedByTenant(keySteps)],
  projections: [keysProjection],
  views: { services: listServices, keys: listKeys },
};
