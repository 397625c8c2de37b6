import { query } from '@daybook/kernel';
import * as z from 'zod';

export const listPeople = query('identity.person.list', {
  title: 'List the people of the tenant',
  description: 'For the names of actors. A name is null once the person is erased.',
  http: 'GET /v1/identity/people',
  delegated: true,
  permission: 'identity.person.read',
  scope: 'caller',
  input: z.object({}),
  output: z.object({
    items: z.array(z.object({ id: z.uuid(), name: z.string().nullable(), role: z.string() }).meta({ id: 'Member' })),
  }),
  rows: 'items',
});
