import { projected } from '@daybook/projections/testing/given';
import { attached, attachmentId, record, threadId } from '../testing/parts.js';
import { attachmentRemoved, fileAttached } from './attachment.events.js';
import { attachmentProjection } from './attachment.projection.js';

const rows = (...events: Parameters<typeof projected>[1]) => projected(attachmentProjection, events)['attachments'];

describe('the rows of attached files', () => {
  it('are those that are attached now', () => {
    expect(rows(fileAttached.of(attached))).toEqual([{ ...attached, attachedAt: '2026-03-31T12:00:00Z', version: 1 }]);
    expect(rows(fileAttached.of(attached), attachmentRemoved.of({ threadId, attachmentId, ...record }))).toEqual([]);
  });
});
