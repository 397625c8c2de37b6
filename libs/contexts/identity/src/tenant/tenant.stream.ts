import type { CommandOf, EventsOf } from '@daybook/kernel';
import { conflictEvents } from '../conflict/conflict.events.js';
import { conflictCommands } from '../conflict/conflict.operations.js';
import { grantEvents } from '../grant/grant.events.js';
import { grantCommands } from '../grant/grant.operations.js';
import { keyEvents } from '../key/key.events.js';
import { keyCommands, keySteps } from '../key/key.operations.js';
import { memberEvents } from '../member/member.events.js';
import { memberCommands, memberSteps } from '../member/member.operations.js';
import { roleEvents } from '../role/role.events.js';
import { roleCommands } from '../role/role.operations.js';
import { serviceEvents } from '../service/service.events.js';
import { serviceCommands } from '../service/service.operations.js';
import { supportEvents } from '../support/support.events.js';
import { supportCommands, supportSteps } from '../support/support.operations.js';
import { tenantOwnEvents } from './tenant.events.js';
import { tenantCommands, tenantSteps } from './tenant.operations.js';

/* Everything that stands in the stream of a tenant, and every command that is decided there. */
export const tenantEvents = [
  ...tenantOwnEvents,
  ...memberEvents,
  ...grantEvents,
  ...roleEvents,
  ...conflictEvents,
  ...serviceEvents,
  ...keyEvents,
  ...supportEvents,
] as const;
export type TenantEvent = EventsOf<typeof tenantEvents>;

export const tenantStreamCommands = [
  ...tenantSteps,
  ...tenantCommands,
  ...memberSteps,
  ...memberCommands,
  ...grantCommands,
  ...roleCommands,
  ...conflictCommands,
  ...serviceCommands,
  ...keyCommands,
  ...keySteps,
  ...supportCommands,
  ...supportSteps,
] as const;
export type TenantCommand = CommandOf<(typeof tenantStreamCommands)[number]>;
