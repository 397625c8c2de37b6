import { query } from '@daybook/kernel';
import * as z from 'zod';
import { personEmail } from '../member/member.record.js';

export const listPeople = query('identity.person.list', {
  title: 'List the people of the tenant',
  description:
    'For the names of actors. A name is null once the person is erased. Those who share a name have their e-mail addresses, to be told apart.',
  http: 'GET /v1/identity/people',
  delegated: true,
  permission: 'identity.person.read',
  scope: 'caller',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z
        .object({ id: z.uuid(), name: z.string().nullable(), role: z.string(), email: personEmail })
        .meta({ id: 'Member' }),
    ),
  }),
  rows: 'items',
});
