import { event } from '@daybook/kernel';
import { recorded, rowsAfter, testTenant } from '@daybook/projections/testing/given';
import * as z from 'zod';
import { trailProjection } from './trail.projection.js';

const renamed = event('testing.renamed', {
  data: z.object({ id: z.string(), name: z.string() }),
  record: ({ id }) => ({ type: 'testing.thing', id }),
});
const staged = event('testing.staged', { data: z.object({ id: z.string() }), record: ({ id }) => ({ type: 'testing.thing', id }), staged: true }); // prettier-ignore
const applied = event('testing.applied', {
  data: z.object({ id: z.string(), stream: z.string(), count: z.int() }),
  record: ({ id }) => ({ type: 'testing.import', id }),
  applies: ({ stream, count }) => ({ stream, count }),
});

describe('the trail', () => {
  it('numbers every event in order, with who, what, when, through which channel and why', () => {
    const first = recorded(renamed, { id: 'a', name: 'A' }, { meta: { reason: 'A slip', channel: 'console' } });
    const second = recorded(
      renamed,
      { id: 'a', name: 'B' },
      {
        meta: { causationId: first.id, onBehalfOf: { kind: 'person', id: 'kari' } },
      },
    );
    const { trail } = rowsAfter(trailProjection, [first, second]);
    expect(trail!.toSorted((a, b) => Number(a['trail']) - Number(b['trail']))).toEqual([
      {
        trail: '1',
        eventId: first.id,
        recordedAt: '2026-03-31T12:00:00Z',
        type: 'testing.renamed',
        version: 1,
        stream: `testing.stream-${testTenant}-1`,
        revision: first.revision,
        recordType: 'testing.thing',
        recordId: 'a',
        recordVersion: 1,
        companyId: null,
        aboutType: null,
        aboutId: null,
        actorKind: 'person',
        actorId: 'ingrid',
        onBehalfOfId: null,
        operation: 'testing.note.write',
        channel: 'console',
        reason: 'A slip',
        commandId: first.meta.commandId,
        correlationId: first.meta.commandId,
        causationId: null,
      },
      expect.objectContaining({
        trail: '2',
        eventId: second.id,
        causationId: first.id,
        onBehalfOfId: 'kari',
        reason: null,
      }),
    ]);
  });

  it('says which company an event belongs to', () => {
    const moved = event('testing.moved', {
      data: z.object({ companyId: z.uuid() }),
      record: ({ companyId }) => ({ type: 'testing.thing', id: companyId }),
    });
    const companyId = '0190a1b2-0000-7000-8000-0000000000aa';
    expect(rowsAfter(trailProjection, [recorded(moved, { companyId })])['trail']).toMatchObject([{ companyId }]);
  });

  it('does not count staged events', () => {
    const rows = rowsAfter(trailProjection, [recorded(staged, { id: 'a' })]);
    expect(rows).toEqual({ trail: [], applied_records: [] });
  });

  it('leads from a record that was staged to the event that made it count, named once or twice', () => {
    const by = recorded(applied, { id: 'i', stream: 'testing.import', count: 3 });
    const events = ['a', 'b', 'a'].map((id) => recorded(staged, { id }, { stream: 'testing.import' }));
    expect(rowsAfter(trailProjection, [...events, by])['applied_records']).toEqual([
      { recordType: 'testing.thing', recordId: 'a', eventId: by.id },
      { recordType: 'testing.thing', recordId: 'b', eventId: by.id },
    ]);
  });

  it('takes no event twice', () => {
    const once = recorded(renamed, { id: 'a', name: 'A' });
    expect(() => rowsAfter(trailProjection, [once, once])).toThrow(/append-only/);
  });
});
