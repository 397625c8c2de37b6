import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import { tagged } from '../testing/parts.js';
import { recordTagged, recordUntagged } from './tagging.events.js';
import { taggingProjection } from './tagging.projection.js';

describe('the rows of tags on records', () => {
  it('are those that are on a record now', () => {
    const on = recorded(recordTagged, tagged);
    expect(rowsAfter(taggingProjection, [on])['record_tags']).toEqual([{ ...tagged, taggedAt: on.recordedAt }]);
    const off = recorded(recordUntagged, tagged);
    expect(rowsAfter(taggingProjection, [on, off])['record_tags']).toEqual([]);
  });
});
