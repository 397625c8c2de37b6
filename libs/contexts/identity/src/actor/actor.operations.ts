import { query } from '@daybook/kernel';
import * as z from 'zod';

export const listActors = query('identity.actor.list', {
  title: 'List the actors of the tenant',
  description:
    'Names for the audit trail: members, delegates who acted for one of them, and API keys, with the name of the key ' +
    'and of its service account. The name is null once the person is erased.',
  http: 'GET /v1/identity/actors',
  delegated: true,
  permission: 'identity.person.read',
  scope: 'caller',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z
        .object({ id: z.uuid(), kind: z.enum(['person', 'api-key']), name: z.string().nullable() })
        .meta({ id: 'TenantActor' }),
    ),
  }),
  rows: 'items',
});
