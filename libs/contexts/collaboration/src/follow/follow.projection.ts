import { projection, put, remove, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { recordFollowed, recordUnfollowed } from './follow.events.js';

export const followers = tableOf('followers', z.object({ threadId: z.uuid(), personId: z.uuid() }), [
  'threadId',
  'personId',
]);

export const followProjection = projection({
  name: 'followers',
  version: 1,
  tables: [followers],
  channels: ['followers'],
  on: [
    when(recordFollowed, ({ data: { threadId, personId } }) => [put(followers, { threadId, personId })]),
    when(recordUnfollowed, ({ data: { threadId, personId } }) => [remove(followers, { threadId, personId })]),
  ],
});
