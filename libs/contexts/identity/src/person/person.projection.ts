import { personal } from '@daybook/kernel';
import { change, patch, projection, put, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { personRenamed } from '../mfa/mfa.events.js';
import { emailChanged } from '../email-link/email.events.js';
import { personErased, personRegistered, tenantJoined } from './person.events.js';

/** In the platform tenant. Null once the person's key is erased. */
export const personTable = tableOf(
  'people',
  z.object({
    personId: z.uuid(),
    name: personal(z.string().nullable(), 'personId'),
    email: personal(z.string().nullable(), 'personId'),
  }),
  ['personId'],
);
/** For signing in, which is about the present. */
export const joinedTable = tableOf(
  'joined',
  z.object({ personId: z.uuid(), tenantId: z.uuid() }),
  ['personId', 'tenantId'],
  { history: 'none' },
);

/** People and where they may sign in. */
export const personProjection = projection({
  name: 'people',
  version: 1,
  tables: [personTable, joinedTable],
  on: [
    when(personRegistered, ({ data }) => [put(personTable, data)]),
    when(emailChanged, ({ data: { personId, email } }) => [patch(personTable, { personId }, { email })]),
    when(personRenamed, ({ data: { personId, name } }) => [patch(personTable, { personId }, { name })]),
    // Also people who were only invited: their id is never used again.
    when(personErased, ({ data: { personId } }) => [
      change(personTable, { personId }, (row) => row ?? { personId, name: null, email: null }),
    ]),
    when(tenantJoined, ({ data }) => [put(joinedTable, data)]),
  ],
});
