import type { CommandOf, EventsOf } from '@daybook/kernel';
import { sodRuleEvents } from '../segregation-of-duties/sod-rule.events.js';
import { sodRuleCommands } from '../segregation-of-duties/sod-rule.operations.js';
import { grantEvents } from '../grant/grant.events.js';
import { grantCommands } from '../grant/grant.operations.js';
import { apiKeyEvents } from '../api-key/api-key.events.js';
import { apiKeyCommands } from '../api-key/api-key.operations.js';
import { apiKeySteps } from '../api-key/api-key.internal.js';
import { memberEvents } from '../member/member.events.js';
import { memberCommands } from '../member/member.operations.js';
import { memberSteps } from '../member/member.internal.js';
import { roleEvents } from '../role/role.events.js';
import { roleCommands } from '../role/role.operations.js';
import { serviceEvents } from '../service/service.events.js';
import { serviceCommands } from '../service/service.operations.js';
import { delegatedAccessEvents } from '../delegated-access/delegated-access.events.js';
import { delegatedAccessCommands } from '../delegated-access/delegated-access.operations.js';
import { delegatedAccessSteps } from '../delegated-access/delegated-access.internal.js';
import { tenantOwnEvents } from './tenant.events.js';
import { tenantCommands } from './tenant.operations.js';
import { tenantSteps } from './tenant.internal.js';

/* All events of a tenant's stream, and all commands that are decided on it. */
export const tenantEvents = [
  ...tenantOwnEvents,
  ...memberEvents,
  ...grantEvents,
  ...roleEvents,
  ...sodRuleEvents,
  ...serviceEvents,
  ...apiKeyEvents,
  ...delegatedAccessEvents,
] as const;
export type TenantEvent = EventsOf<typeof tenantEvents>;

export const tenantStreamCommands = [
  ...tenantSteps,
  ...tenantCommands,
  ...memberSteps,
  ...memberCommands,
  ...grantCommands,
  ...roleCommands,
  ...sodRuleCommands,
  ...serviceCommands,
  ...apiKeyCommands,
  ...apiKeySteps,
  ...delegatedAccessCommands,
  ...delegatedAccessSteps,
] as const;
export type TenantCommand = CommandOf<(typeof tenantStreamCommands)[number]>;
