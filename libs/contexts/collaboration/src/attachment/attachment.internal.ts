import { command } from '@daybook/kernel';
import * as z from 'zod';
import { recordShape } from '../thread/thread.schema.js';

/** What `attachFile` records once the caller was found to be able to read the file. Its route is a name, and never served. */
export const recordAttachment = command('collaboration.attachment.record', {
  title: 'Record an attached file',
  http: 'POST /v1/collaboration/attachments/recorded',
  says: 'attached a file',
  input: z.object({ ...recordShape, attachmentId: z.uuid(), sha256: z.string(), name: z.string(), size: z.int() }),
});
