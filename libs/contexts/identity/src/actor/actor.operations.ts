import { query } from '@daybook/kernel';
import * as z from 'zod';

export const listActors = query('identity.actor.list', {
  title: 'List those who act in the tenant',
  description:
    'For the names of those who did something: members, delegates who acted for one of them, and keys, by the name of ' +
    'the key and of its service account. A name is null once the person is erased.',
  http: 'GET /v1/identity/actors',
  delegated: true,
  permission: 'identity.person.read',
  scope: 'caller',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z
        .object({ id: z.uuid(), kind: z.enum(['person', 'key']), name: z.string().nullable() })
        .meta({ id: 'TenantActor' }),
    ),
  }),
  rows: 'items',
});
