import {
  accept,
  checkVersion,
  fieldInvalid,
  type FoldsOf,
  reject,
  type RulesOf,
  withKey,
  without,
} from '@daybook/kernel';
import { recordOf, threadIdOf } from '../thread/thread.schema.js';
import type { ThreadFacts, ThreadState } from '../thread/thread.state.js';
import { attachmentRemoved, type AttachmentEvent, fileAttached } from './attachment.events.js';
import type { recordAttachment } from './attachment.internal.js';
import type { removeAttachment } from './attachment.operations.js';

/*
 * A file on a record.
 * - It is at most so large, and a record has at most so many.
 * - The same content is on a record once.
 */
export const maxAttachments = 50;
export const maxAttachmentBytes = 100_000_000;

type Commands = readonly [typeof removeAttachment, typeof recordAttachment];

export const attachmentRules: RulesOf<Commands, ThreadState, AttachmentEvent, ThreadFacts> = {
  'collaboration.attachment.record': (input, { attachments }, { person, actor }) => {
    const { attachmentId, sha256, name, size, ...record } = input;
    const [same] = [...attachments].find(([, one]) => one.sha256 === sha256) ?? [];
    if (same !== undefined) return accept(same, attachments.get(same)!.version);
    if (size > maxAttachmentBytes)
      return fieldInvalid('collaboration.attachment-invalid', 'sha256', `A file on a record has at most ${maxAttachmentBytes / 1_000_000} MB.`); // prettier-ignore
    if (attachments.size >= maxAttachments)
      return reject('collaboration.too-many-attachments', `The record has ${maxAttachments} files already. Remove some first.`); // prettier-ignore
    const threadId = threadIdOf(record);
    const attachedBy = person ?? actor;
    return accept(
      attachmentId,
      1,
      fileAttached.of({ threadId, attachmentId, ...record, attachedBy, sha256, name, size }),
    );
  },
  'collaboration.attachment.remove': (input, { attachments, record }, context) => {
    const attached = attachments.get(input.attachmentId);
    if (!attached)
      return reject('collaboration.attachment-not-found', 'There is no such file on the record.', { status: 404 });
    const stale = checkVersion(context, attached.version);
    return stale ?? accept(input.attachmentId, attached.version + 1, attachmentRemoved.of({ ...input, ...record! }));
  },
};

export const attachmentFolds: FoldsOf<AttachmentEvent, ThreadState> = {
  'collaboration.file-attached': (state, { attachmentId, sha256, ...data }) => ({
    ...state,
    record: recordOf(data),
    attachments: withKey(state.attachments, attachmentId, { sha256, version: 1 }),
  }),
  'collaboration.attachment-removed': (state, { attachmentId }) => ({
    ...state,
    attachments: without(state.attachments, attachmentId),
  }),
};
