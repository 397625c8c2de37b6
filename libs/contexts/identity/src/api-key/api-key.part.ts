import { type ContextPart, perform } from '@daybook/server';
import { delegationRefusal } from '../access/delegation-guard.js';
import { actorAnswers } from '../actor/actor.queries.js';
import { deps } from '../injected.js';
import { listServices, serviceCommands } from '../service/service.operations.js';
import { decidedByTenant } from '../tenant/decided.js';
import { issue } from './issue-api-key.js';
import { issueApiKey, issueOwnApiKey, apiKeyCommands, listApiKeys } from './api-key.operations.js';
import { apiKeySteps } from './api-key.internal.js';
import { apiKeyAnswers } from './api-key.queries.js';
import { apiKeyProjection } from './api-key.projection.js';

/** Service accounts and API keys. The tenant's decider (tenant/) decides about both. */
export const apiKeyPart: ContextPart = {
  bindings: [
    decidedByTenant(serviceCommands),
    decidedByTenant(apiKeyCommands),
    perform(issueApiKey, deps('apiKeys', 'bindings'), ({ serviceId, ...wanted }, asking, given) =>
      issue(wanted, { holder: 'service', holderId: serviceId }, asking, given),
    ),
    perform(issueOwnApiKey, deps('apiKeys', 'bindings', 'tenantStates', 'sessions'), async (wanted, asking, given) => {
      const why = await delegationRefusal(asking.caller, given);
      return why ?? issue(wanted, { holder: 'person', holderId: asking.caller.actor.id }, asking, given);
    }),
    ...apiKeyAnswers,
    ...actorAnswers,
  ],
  internal: [decidedByTenant(apiKeySteps)],
  projections: [apiKeyProjection],
  channels: { services: listServices, 'api-keys': listApiKeys },
};
