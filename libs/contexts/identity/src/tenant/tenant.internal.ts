import { command } from '@daybook/kernel';
import * as z from 'zod';
import { createTenant } from './tenant.operations.js';

/* Steps that only the product itself takes. Their routes are names, and never served. */
const { name } = createTenant.input.shape;

export const recordTenant = command('identity.tenant.record', {
  title: 'Create the tenant',
  http: 'POST /v1/identity/tenant',
  says: 'created the tenant {name}',
  input: z.object({ name }),
});
export const tenantSteps = [recordTenant] as const;
