import { type ContextPart, perform } from '@daybook/server';
import { deps } from '../injected.js';
import { decidedByTenant } from '../tenant/decided.js';
import { allow, enter } from './delegated-access-steps.js';
import { DelegatedAccessConsents } from './delegated-access-consents.js';
import {
  allowDelegatedAccess,
  enterDelegatedAccess,
  listDelegatedAccessConsents,
  delegatedAccessCommands,
} from './delegated-access.operations.js';
import { delegatedAccessSteps } from './delegated-access.internal.js';
import { delegatedAccess } from './delegated-access.projection.js';
import { delegatedAccessAnswers } from './delegated-access.queries.js';

const using = {
  consents: DelegatedAccessConsents,
  ...deps('em', 'secret', 'keys', 'tenantStates', 'memberships', 'sessions'),
} as const;

/** Delegated access. Consents are decided on the tenant's stream (tenant/). */
export const delegatedAccessPart: ContextPart = {
  bindings: [
    decidedByTenant(delegatedAccessCommands),
    perform(allowDelegatedAccess, using, (input, asking, given) => allow(input, asking, given, given.consents)),
    perform(enterDelegatedAccess, using, ({ delegatedAccessId }, asking, given) =>
      enter(delegatedAccessId, asking, given, given.consents),
    ),
    ...delegatedAccessAnswers,
  ],
  internal: [decidedByTenant(delegatedAccessSteps)],
  projections: [delegatedAccess],
  channels: { 'delegated-access': listDelegatedAccessConsents },
};
