import { event } from '@daybook/kernel';
import * as z from 'zod';
import { roleField } from '../role.schema.js';

/* The tenant's own roles. The built-in ones are in roles.ts, and no event changes them. */
const ofRole = (data: { roleId: string }) => ({ type: 'identity.role', id: data.roleId });
const data = {
  roleId: z.uuid(),
  name: z.string(),
  description: z.string(),
  /** Names of permissions, sorted. */
  permissions: z.array(z.string()),
  fields: z.array(roleField),
};

export const roleDefined = event('identity.role-defined', { data: z.object(data), record: ofRole });
export const roleRedefined = event('identity.role-redefined', { data: z.object(data), record: ofRole });
export const roleRemoved = event('identity.role-removed', {
  data: z.object({ roleId: z.uuid(), name: z.string() }),
  record: ofRole,
});

export const roleEvents = [roleDefined, roleRedefined, roleRemoved] as const;
