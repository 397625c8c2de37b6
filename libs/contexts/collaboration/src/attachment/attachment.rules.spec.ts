import { deciding, outcome, versioned } from '@daybook/projections/testing/given';
import { attached, attachmentId, facts, record, sha256, threadId } from '../testing/parts.js';
import { threadDecider } from '../thread/thread.decider.js';
import { attachmentRemoved, fileAttached } from './attachment.events.js';
import { maxAttachmentBytes, maxAttachments } from './attachment.rules.js';

const { given } = deciding(threadDecider, { facts });
const of = { threadId, attachmentId };
const [here, gone] = [fileAttached.of(attached), attachmentRemoved.of({ ...of, ...record })];
const input = { ...record, attachmentId, sha256, name: attached.name, size: attached.size };

describe('a file on a record', () => {
  it('is there once, whatever it is called', () => {
    expect(versioned(given().when('collaboration.attachment.record', input))).toEqual({ version: 1, events: [here] });
    const again = given(here).when('collaboration.attachment.record', {
      ...input,
      attachmentId: record.recordId,
      name: 'copy.pdf',
    });
    expect(again).toMatchObject({ id: attachmentId, version: 1, events: [] });
    expect(outcome(given(here, gone).when('collaboration.attachment.record', input))).toEqual([here]);
  });

  it('is not too large, and has not too many beside it', () => {
    expect(outcome(given().when('collaboration.attachment.record', { ...input, size: maxAttachmentBytes + 1 }))).toBe(
      'collaboration.attachment-invalid',
    );
    const many = Array.from({ length: maxAttachments }, (_, n) =>
      fileAttached.of({ ...attached, attachmentId: `${n}`, sha256: `${n}` }),
    );
    expect(outcome(given(...many).when('collaboration.attachment.record', input))).toBe(
      'collaboration.too-many-attachments',
    );
    const oneLess = attachmentRemoved.of({ threadId, attachmentId: '3', ...record });
    expect(outcome(given(...many, oneLess).when('collaboration.attachment.record', input))).toHaveLength(1);
  });

  it('is removed for the version that was seen, and is not there any more', () => {
    expect(versioned(given(here).when('collaboration.attachment.remove', of))).toEqual({ version: 2, events: [gone] });
    expect(outcome(given(here).when('collaboration.attachment.remove', of, { expectedVersion: 2 }))).toBe(
      'platform.version-stale',
    );
    expect(outcome(given(here, gone).when('collaboration.attachment.remove', of))).toBe(
      'collaboration.attachment-not-found',
    );
  });
});
