import { changed, created, type EventDeclaration, eventOf, field, record } from '@daybook/kernel';
import { recorded } from '@daybook/projections/testing/given';
import { isWholeRecord, recordAround, recordChanges } from './record-changes.js';

const id = '0190a1b2-0000-7000-8000-00000000c001';
const ship = record('test.ship', {
  one: 'ship',
  many: 'ships',
  icon: 'ship',
  calledBy: 'name',
  fields: {
    name: field.text('Name'),
    port: field.text('Home port', { optional: true }),
    flag: field.choice('Flag', { no: 'Norway', se: 'Sweden' }),
    status: field.status('Status', { afloat: null, sunk: { label: 'Lost' } }),
  },
});
const [launched, renamed] = [created(ship, { verb: 'launched' }), changed(ship, { verb: 'renamed' })];
const sunk = eventOf(ship, 'sunk', { sets: { status: 'sunk' } });
const declared = new Map<string, EventDeclaration>([launched, renamed, sunk].map((one) => [one.name, one]));

const story = [
  recorded(launched, { id, name: 'Maud', flag: 'no' }),
  recorded(renamed, { id, port: 'Bergen' }),
  recorded(renamed, { id, flag: 'se', port: null }),
  recorded(sunk, { id }),
];
const changesAt = (length: number) => {
  const { before, after } = recordAround(story.slice(0, length), declared);
  return recordChanges(ship, before, after);
};

describe('what an event of a record changed', () => {
  it('is told by the labels of fields and words, against all that was said before', () => {
    expect(changesAt(1)).toEqual([]);
    expect(changesAt(2)).toEqual([{ field: 'Home port', before: '', after: 'Bergen' }]);
    expect(changesAt(3)).toEqual([
      { field: 'Home port', before: 'Bergen', after: '' },
      { field: 'Flag', before: 'Norway', after: 'Sweden' },
    ]);
    expect(changesAt(4)).toEqual([{ field: 'Status', before: 'afloat', after: 'Lost' }]);
  });

  it('leaves out an event that this program does not know', () => {
    expect(recordAround([story[0], undefined, story[3]], declared).after).toMatchObject({
      name: 'Maud',
      status: 'sunk',
    });
  });

  it('is folded only in a stream of the record itself', () => {
    const row = { stream: `test.ship-t-${id}`, recordId: id, revision: 3 };
    expect(isWholeRecord(row, sunk)).toBe(true);
    expect(isWholeRecord({ ...row, stream: 'test.fleet-t-1' }, sunk)).toBe(false);
    expect(isWholeRecord({ ...row, revision: 5_000 }, sunk)).toBe(false);
    expect(isWholeRecord(row, undefined)).toBe(false);
  });
});
