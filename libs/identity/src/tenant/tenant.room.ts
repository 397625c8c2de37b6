import { streamName } from '@daybook/kernel';
import { decide } from '@daybook/server';
import { access } from '../access/access.projection.js';
import type { IdentityParts, Room } from '../room.js';
import { tenantDecider } from './tenant.decider.js';
import { tenantEvents } from './tenant.events.js';
import { changeRole, tenantSteps } from './tenant.operations.js';

const decided = {
  decider: tenantDecider,
  events: tenantEvents,
  stream: (_: unknown, caller: { tenant: string }) => streamName('identity.tenant', caller.tenant, caller.tenant),
};

export const tenantRoom = (_: IdentityParts): Room => ({
  events: tenantEvents,
  bindings: [decide({ ...decided, operations: [changeRole] })],
  internal: [decide({ ...decided, operations: tenantSteps })],
  projections: [access],
});
