import { event, type EventsOf, personal } from '@daybook/kernel';
import * as z from 'zod';
import { attachmentName, recordData } from '../thread/thread.schema.js';

const record = ({ attachmentId }: { attachmentId: string }) => ({ type: 'collaboration.attachment', id: attachmentId });
const ofAttachment = { threadId: z.uuid(), attachmentId: z.uuid() };

export const fileAttached = event('collaboration.file-attached', {
  data: z.object({
    ...ofAttachment,
    ...recordData,
    /** The person who attached it, or their API key or service. */
    attachedBy: z.string(),
    sha256: z.string(),
    /** As who attached it calls it: their personal data. */
    name: attachmentName(personal(z.string(), 'attachedBy')),
    size: z.int(),
  }),
  record,
});
export const attachmentRemoved = event('collaboration.attachment-removed', {
  data: z.object({ ...ofAttachment, ...recordData }),
  record,
});

export const attachmentEvents = [fileAttached, attachmentRemoved] as const;
export type AttachmentEvent = EventsOf<typeof attachmentEvents>;
