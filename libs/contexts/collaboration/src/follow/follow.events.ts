import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';
import { recordData } from '../thread/thread.schema.js';

const record = ({ threadId }: { threadId: string }) => ({ type: 'collaboration.thread', id: threadId });
const data = z.object({ threadId: z.uuid(), personId: z.uuid(), ...recordData });

export const recordFollowed = event('collaboration.record-followed', { data, record });
export const recordUnfollowed = event('collaboration.record-unfollowed', { data, record });

export const followEvents = [recordFollowed, recordUnfollowed] as const;
export type FollowEvent = EventsOf<typeof followEvents>;
