import { builtInRoles } from '@daybook/kernel';
import * as z from 'zod';

/** The built-in roles of every tenant. Each context says in its face which of its permissions they have. */
export const role = z.enum(builtInRoles).meta({ id: 'Role' });
export type Role = z.infer<typeof role>;

/** A built-in role by name, or one of the tenant's own by id. */
export const roleRef = z
  .string()
  .trim()
  .min(1, 'Choose a role.')
  .max(36)
  .describe('Admin, Accountant, Staff, Auditor, Vendor, or the id of a role of your own');

/** How a role shows a guarded field. */
export const roleField = z
  .object({ field: z.string().max(100).describe('identity.person.email'), rule: z.enum(['hide', 'mask']) })
  .meta({ id: 'RoleField' });
export type RoleField = z.infer<typeof roleField>;
