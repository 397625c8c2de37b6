import * as z from 'zod';

/** The roles that every tenant has. What each may do stands in roles.ts. */
export const role = z.enum(['Admin', 'Accountant', 'Staff', 'Auditor', 'Vendor']).meta({ id: 'Role' });
export type Role = z.infer<typeof role>;

/** A role by its name, or one of the tenant's own by its id. */
export const roleRef = z
  .string()
  .trim()
  .min(1, 'Say which role.')
  .max(36)
  .describe('Admin, Accountant, Staff, Auditor, Vendor, or the id of a role of your own');

/** What a role does to a field that `guarded` names. */
export const roleField = z
  .object({ field: z.string().max(100).describe('identity.person.email'), rule: z.enum(['hide', 'mask']) })
  .meta({ id: 'RoleField' });
export type RoleField = z.infer<typeof roleField>;
