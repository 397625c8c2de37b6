import { deciderOf } from '../decider-tables.js';
import type { EventsOf } from '../event.js';
import { deciding, outcome, rejected, testContext, testId } from '../testing/given.js';
import * as field from './field.js';
import { changed, created, eventOf } from './record-events.js';
import { act, change, create } from './record-operations.js';
import { decideRecord } from './record-step.js';
import { record, type StateOfRecord } from './record.js';
import { foldsInto } from './records.js';

/* Shelves of one warehouse: many records in one stream, each given an id by a name of its own. */
const shelf = record('stock.shelf', {
  one: 'shelf',
  many: 'shelves',
  icon: 'box',
  calledBy: 'label',
  id: 'shelfId',
  fields: {
    shelfId: field.own('code', 'Shelf', field.text('Shelf').schema, { given: true }),
    label: field.text('Label'),
    goods: field.list('Goods', field.text('Good').schema, { default: [] }),
    status: field.status('Status', { open: null, closed: {} }),
  },
});
const [built, relabelled] = [created(shelf, { verb: 'built' }), changed(shelf)];
const closed = eventOf(shelf, 'closed', { sets: { status: 'closed' } });
const events = [built, relabelled, closed] as const;
const [build, relabel] = [create(shelf, { verb: 'build' }), change(shelf)];
const close = act(shelf, 'close', { says: 'closed', when: { status: 'open' } });
const commands = [build, relabel, close] as const;

interface Warehouse {
  readonly shelves: ReadonlyMap<string, StateOfRecord<typeof shelf>>;
}
const decider = deciderOf<typeof commands, Warehouse, EventsOf<typeof events>, undefined>({
  commands,
  initial: { shelves: new Map() },
  rules: {
    'stock.shelf.build': (input, _state, context) => decideRecord(build, events, null, input, context, built.of),
    'stock.shelf.change': (input, { shelves }, context) =>
      decideRecord(relabel, events, shelves.get(input.shelfId) ?? null, input, context, relabelled.of),
    'stock.shelf.close': (input, { shelves }, context) =>
      decideRecord(close, events, shelves.get(input.shelfId) ?? null, input, context, closed.of),
  },
  folds: foldsInto(shelf, 'shelves', events),
});
const { given, fold } = deciding(decider);
const [a, b] = [testId(1), testId(2)];
const two = [built.of({ shelfId: a, label: 'A', goods: [] }), built.of({ shelfId: b, label: 'B', goods: ['tea'] })];

describe('records that are many in one stream', () => {
  it('are given their ids by a name of their own', () => {
    const decision = given().when('stock.shelf.build', { label: 'A', goods: [] });
    expect(outcome(decision)).toEqual([built.of({ shelfId: testContext.newId, label: 'A', goods: [] })]);
    expect(decision).toMatchObject({ id: testContext.newId, version: 1 });
  });

  it('have a version each, and what their events set', () => {
    const { shelves } = fold([...two, relabelled.of({ shelfId: a, label: 'C' }), closed.of({ shelfId: b })]);
    expect(shelves.get(a)).toEqual({ shelfId: a, label: 'C', goods: [], status: 'open', version: 2 });
    expect(shelves.get(b)).toEqual({ shelfId: b, label: 'B', goods: ['tea'], status: 'closed', version: 2 });
  });

  it('are decided one by one: what differs, what is there, and in what status it is', () => {
    const ask = given(...two, closed.of({ shelfId: b }));
    const change = (shelfId: string, goods: string[]) => ask.when('stock.shelf.change', { shelfId, label: 'A', goods });
    expect(outcome(change(a, ['tea']))).toEqual([relabelled.of({ shelfId: a, goods: ['tea'] })]);
    expect(outcome(change(a, []))).toEqual([]);
    expect(rejected(change(testId(3), []))).toMatchObject({
      code: 'stock.shelf-not-found',
      message: 'There is no such shelf.',
    });
    expect(outcome(ask.when('stock.shelf.close', { shelfId: b }))).toBe('stock.shelf-closed');
  });
});
