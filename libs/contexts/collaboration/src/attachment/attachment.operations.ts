import { command, instant, query } from '@daybook/kernel';
import * as z from 'zod';
import { attachmentName, recordShape } from '../thread/thread.schema.js';

/* Files on a record. Who may read the record and files may read them, and nobody else (docs/adr/0031). */
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'Give the SHA-256 of a file that you uploaded.');

export const attachFile = command('collaboration.attachment.attach', {
  title: 'Attach a file to a record',
  description: 'A file that the caller uploaded or may read. At most 100 MB, and 50 files on a record.',
  http: 'POST /v1/collaboration/attachments',
  says: 'attached a file',
  scope: 'caller',
  input: z.object({ ...recordShape, sha256 }),
});
export const removeAttachment = command('collaboration.attachment.remove', {
  title: 'Remove an attached file',
  description: 'Nobody can read it here any more. That it was attached, by whom and when, stays in the history.',
  http: 'POST /v1/collaboration/threads/{threadId}/attachments/{attachmentId}/removal',
  permission: attachFile.name,
  says: 'removed a file',
  scope: 'caller',
  ifMatch: 'optional',
  input: z.object({ threadId: z.uuid(), attachmentId: z.uuid() }),
});

export const attachmentRow = z
  .object({
    threadId: z.uuid(),
    attachmentId: z.uuid(),
    /** null once who attached it is erased, and where the role hides it. */
    name: attachmentName(z.string().nullable()),
    size: z.int(),
    sha256: z.string(),
    attachedBy: z.string(),
    attachedAt: instant,
    version: z.int(),
  })
  .meta({ id: 'Attachment' });

export const listAttachments = query('collaboration.attachment.list', {
  title: 'List the files on a record',
  description: 'The first one first. A record that the caller may not read is answered like one that does not exist.',
  http: 'GET /v1/collaboration/attachments',
  permission: 'collaboration.thread.read',
  scope: 'caller',
  input: z.object(recordShape),
  output: z.object({ items: z.array(attachmentRow) }),
  rows: 'items',
});
