import { type ContextPart, perform } from '@daybook/server';
import { only } from '../injected.js';
import { decidedByTenant } from '../tenant/decided.js';
import { allow, enter } from './support-access.js';
import { SupportConsents } from './support-consents.js';
import { allowSupport, enterSupport, listSupport, supportCommands, supportSteps } from './support.operations.js';
import { support } from './support.projection.js';
import { supportAnswers } from './support.queries.js';

const using = {
  consents: SupportConsents,
  ...only('em', 'secret', 'keys', 'folds', 'memberships', 'sessions'),
} as const;

/** Support access; what is decided about consents is decided in the tenant's stream (tenant/). */
export const supportPart: ContextPart = {
  bindings: [
    decidedByTenant(supportCommands),
    perform(allowSupport, using, (input, asking, given) => allow(input, asking, given, given.consents)),
    perform(enterSupport, using, ({ supportId }, asking, given) => enter(supportId, asking, given, given.consents)),
    ...supportAnswers,
  ],
  internal: [decidedByTenant(supportSteps)],
  projections: [support],
  views: { support: listSupport },
};
