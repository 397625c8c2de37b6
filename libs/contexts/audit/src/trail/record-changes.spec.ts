import * as z from 'zod';
import { changed, created, event, type EventDeclaration, eventOf, field, record } from '@daybook/kernel';
import { recorded } from '@daybook/projections/testing/given';
import { recordAround, recordChanges, recordEventOf } from './record-changes.js';

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
const changesAt = (length: number, from = 0) => recordChanges(ship, recordAround(story.slice(from, length), declared));

describe('what an event of a record changed', () => {
  it('is told against all that was said before', () => {
    expect(changesAt(1)).toEqual([]);
    expect(changesAt(2)).toEqual([{ field: 'port', before: '', after: 'Bergen' }]);
    expect(changesAt(3)).toEqual([
      { field: 'port', before: 'Bergen', after: '' },
      { field: 'flag', before: 'no', after: 'se' },
    ]);
    expect(changesAt(4)).toEqual([{ field: 'status', before: 'afloat', after: 'sunk' }]);
  });

  it('leaves out an event that this program does not know', () => {
    expect(recordAround([story[0], undefined, story[3]], declared).after).toMatchObject({
      name: 'Maud',
      status: 'sunk',
    });
  });

  it('says of a record whose first event is not at hand only what is known of before', () => {
    expect(changesAt(3, 1)).toEqual([{ field: 'port', before: 'Bergen', after: '' }]);
    expect(changesAt(2, 1)).toEqual([]);
  });

  it('is asked only of events that say what they set', () => {
    expect(recordEventOf(sunk)).toBe(sunk);
    expect(
      recordEventOf(event('test.ship-seen', { data: z.object({ id: z.uuid() }), record: sunk.record })),
    ).toBeNull();
    expect(recordEventOf(undefined)).toBeNull();
  });
});
