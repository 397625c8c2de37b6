import * as z from 'zod';

/** What each may do stands in roles.ts. */
export const role = z.enum(['Admin', 'Accountant', 'Auditor']).meta({ id: 'Role' });
export type Role = z.infer<typeof role>;
