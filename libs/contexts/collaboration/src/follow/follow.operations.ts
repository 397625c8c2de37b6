import { command, query } from '@daybook/kernel';
import * as z from 'zod';
import { recordShape } from '../thread/thread.schema.js';

export const followRecord = command('collaboration.record.follow', {
  title: 'Follow a record',
  description: 'You are notified on Home and by mail when somebody else changes it or comments on it.',
  http: 'POST /v1/collaboration/followed-records',
  permission: 'collaboration.thread.follow',
  says: 'began to follow a record',
  scope: 'caller',
  input: z.object(recordShape),
});
export const unfollowRecord = command('collaboration.record.unfollow', {
  title: 'Stop following a record',
  http: 'POST /v1/collaboration/followed-records/removal',
  permission: 'collaboration.thread.follow',
  says: 'stopped following a record',
  scope: 'caller',
  input: z.object(recordShape),
});
export const followCommands = [followRecord, unfollowRecord] as const;

export const readFollowing = query('collaboration.record.followers', {
  title: 'Read who follows a record',
  http: 'GET /v1/collaboration/followed-records',
  permission: 'collaboration.thread.read',
  scope: 'caller',
  input: z.object(recordShape),
  output: z
    .object({ threadId: z.uuid(), following: z.boolean(), followers: z.array(z.uuid()) })
    .meta({ id: 'RecordFollowers' }),
});
