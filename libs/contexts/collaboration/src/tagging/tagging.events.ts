import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';
import { recordData } from '../thread/thread.schema.js';

const record = ({ threadId }: { threadId: string }) => ({ type: 'collaboration.thread', id: threadId });
const data = z.object({ threadId: z.uuid(), tagId: z.uuid(), ...recordData });

export const recordTagged = event('collaboration.record-tagged', { data, record });
export const recordUntagged = event('collaboration.record-untagged', { data, record });

export const taggingEvents = [recordTagged, recordUntagged] as const;
export type TaggingEvent = EventsOf<typeof taggingEvents>;
