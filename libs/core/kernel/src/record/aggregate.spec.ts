import { accepted, deciding, outcome, rejected, testContext, testId } from '../testing/given.js';
import { reject } from '../rejection.js';
import { aggregate } from './aggregate.js';
import * as field from './field.js';
import { changed, created, eventOf } from './record-events.js';
import { act, change, create } from './record-operations.js';
import { record } from './record.js';

const order = record('shop.order', {
  one: 'order',
  many: 'orders',
  icon: 'box',
  calledBy: 'title',
  fields: {
    title: field.text('Title'),
    note: field.note('Note', { optional: true }),
    buyer: field.person('Buyer', { default: 'caller' }),
    currency: field.currency('Currency'),
    total: field.money('Total', { in: 'currency', optional: true }),
    urgent: field.yesNo('Urgent', { default: false }),
    status: field.status('Status', { open: null, 'in-work': null, done: { label: 'Finished' } }),
  },
});
const [orderCreated, orderChanged] = [created(order), changed(order)];
const started = eventOf(order, 'started', { sets: { status: 'in-work' } });
const finished = eventOf(order, 'finished', { data: { by: field.person('By') }, sets: { status: 'done' } });
const reminded = eventOf(order, 'reminded');
const events = [orderCreated, orderChanged, started, finished, reminded] as const;

const commands = [
  create(order),
  change(order, { when: { status: ['open', 'in-work'] } }),
  act(order, 'start', { says: 'started', when: { status: 'open' }, undo: 'reopen' }),
  act(order, 'finish', { says: 'finished', when: { status: 'in-work', urgent: false } }),
  act(order, 'repeat-start', { title: 'Start again', says: 'started {title}' }),
  act(order, 'remind', { title: 'Remind', says: 'reminded', input: { times: field.whole('Times') } }),
] as const;

const { given, fold } = deciding(
  aggregate(order, {
    commands,
    events,
    initial: { reminders: 0 },
    rules: {
      create: orderCreated.of,
      change: orderChanged.of,
      start: started.of,
      finish: ({ id }, _state, { actor }) => finished.of({ id, by: actor }),
      'repeat-start': started.of,
      remind: ({ id, times }, { reminders }) =>
        reminders >= 3
          ? reject('shop.order-reminded', 'Three reminders are enough.')
          : times === 0
            ? null
            : Array.from({ length: times }, () => reminded.of({ id })),
    },
    folds: { 'shop.order-reminded': ({ reminders }) => ({ reminders: reminders + 1 }) },
  }),
);
const id = testId(1);
const made = orderCreated.of({ id, title: 'Beans', buyer: testId(7), currency: 'NOK', total: '5.00', urgent: false });

describe('an aggregate of one record', () => {
  it('creates with a new id, and the caller where a person is not named', () => {
    const decision = given().when('shop.order.create', { title: 'Beans', currency: 'NOK', urgent: false });
    expect(accepted(decision)).toEqual({
      kind: 'accepted',
      id: testContext.newId,
      version: 1,
      events: [orderCreated.of({ id: testContext.newId, title: 'Beans', currency: 'NOK', urgent: false, buyer: testId(7) })], // prettier-ignore
    });
  });

  it('has after its events what they set, and a status its first word to begin with', () => {
    expect(fold([made])).toEqual({ title: 'Beans', note: null, buyer: testId(7), currency: 'NOK', total: '5.00', urgent: false, status: 'open', reminders: 0, id, version: 1 }); // prettier-ignore
    const after = fold([made, orderChanged.of({ id, total: null }), started.of({ id }), reminded.of({ id })]);
    expect(after).toMatchObject({ total: null, status: 'in-work', reminders: 1, version: 4 });
  });

  it('is 404 where there is none, and 412 for another version than the one that was seen', () => {
    const { code, status, details } = rejected(given().when('shop.order.start', { id }));
    expect({ code, status, details }).toEqual({ code: 'shop.order-not-found', status: 404, details: {} });
    const stale = given(made).when('shop.order.start', { id }, { expectedVersion: 2 });
    expect(rejected(stale)).toMatchObject({ code: 'platform.version-stale', status: 412 });
  });

  it('is 404, before anything else is looked at, for who is not named in it and may not see all', () => {
    const lead = record('shop.lead', {
      ...{ one: 'lead', many: 'leads', icon: 'flag', calledBy: 'title', seenBy: ['owner'] },
      fields: { title: field.text('Title'), owner: field.person('Owner', { default: 'caller' }) },
    });
    const [leadCreated, leadChanged] = [created(lead), changed(lead)];
    const leadCommands = [create(lead), change(lead)] as const;
    const decisions = deciding(
      aggregate(lead, {
        commands: leadCommands,
        events: [leadCreated, leadChanged] as const,
        rules: { create: leadCreated.of, change: leadChanged.of },
      }),
    );
    const owned = decisions.given(leadCreated.of({ id, title: 'Beans', owner: testId(7) }));
    const by = (person: string | null, allRows: readonly string[] | undefined) =>
      outcome(owned.when('shop.lead.change', { id, title: 'Tea' }, { person, allRows, expectedVersion: 9 }));
    for (const [person, allRows] of [
      [testId(8), []],
      [null, []],
      [testId(8), ['shop.other.read-all']],
    ] as const) {
      expect(by(person, allRows)).toBe('shop.lead-not-found');
    }
    expect(by(testId(7), [])).toBe('platform.version-stale');
    expect(by(testId(8), ['shop.lead.read-all'])).toBe('platform.version-stale');
    expect(by(null, undefined)).toBe('platform.version-stale');
  });

  it('keeps of a change what differs, and nothing of one that changes nothing', () => {
    const change = (input: object) => given(made).when('shop.order.change', { id, ...input });
    expect(outcome(change({ title: 'Beans', total: '6.00', note: undefined }))).toEqual([orderChanged.of({ id, total: '6.00' })]); // prettier-ignore
    expect(accepted(change({ title: 'Beans', note: null }))).toMatchObject({ id, version: 1, events: [] });
    expect(accepted(change({ note: 'Soon' }))).toMatchObject({ version: 2 });
  });

  it('accepts an act that leaves all as it is, without an event', () => {
    expect(accepted(given(made, started.of({ id })).when('shop.order.repeat-start', { id }))).toMatchObject({ version: 2, events: [] }); // prettier-ignore
    expect(accepted(given(made).when('shop.order.remind', { id, times: 0 }))).toMatchObject({ version: 1, events: [] });
  });

  it('records an event that says more than what it sets', () => {
    const done = [made, started.of({ id }), finished.of({ id, by: testId(7) })];
    expect(fold(done)).toMatchObject({ status: 'done', version: 3 });
    expect(accepted(given(made).when('shop.order.remind', { id, times: 2 }))).toMatchObject({ version: 3 });
  });

  it('refuses in a status that does not fit, says it in its own word, and what is possible', () => {
    const done = [made, started.of({ id }), finished.of({ id, by: testId(7) })];
    expect(rejected(given(...done).when('shop.order.change', { id, title: 'x' }))).toMatchObject({
      code: 'shop.order-done',
      status: 409,
      message: 'Change an order: this is not possible, because it is finished.',
      details: { status: 'done' },
    });
    expect(rejected(given(made, started.of({ id })).when('shop.order.start', { id }))).toMatchObject({
      code: 'shop.order-in-work',
      message: 'Start an order: this is not possible, because it is in work. Possible now: finish.',
    });
    const urgent = [made, orderChanged.of({ id, urgent: true }), started.of({ id })];
    expect(rejected(given(...urgent).when('shop.order.finish', { id }))).toMatchObject({
      code: 'shop.order-urgent-unfit',
      message: 'Finish an order: this is not possible, because Urgent is yes.',
    });
  });

  it('refuses an amount with more decimals than its currency has, also when the currency changes', () => {
    const create = (total: string, currency: string) =>
      given().when('shop.order.create', { title: 'Beans', currency, total, urgent: false });
    expect(rejected(create('5.005', 'NOK'))).toMatchObject({ code: 'shop.order-invalid', status: 409, errors: [{ pointer: '/total' }] }); // prettier-ignore
    expect(accepted(create('5', 'JPY'))).toMatchObject({ version: 1 });
    expect(rejected(create('5.5', 'JPY')).message).toBe('Total: JPY has no decimals.');
    const odd = orderCreated.of({ id, title: 'Beans', buyer: id, currency: 'KWD', total: '5.125', urgent: false });
    expect(outcome(given(odd).when('shop.order.change', { id, currency: 'NOK' }))).toBe('shop.order-invalid');
    expect(outcome(given(odd).when('shop.order.change', { id, title: 'Tea' }))).toEqual([orderChanged.of({ id, title: 'Tea' })]); // prettier-ignore
  });

  it('asks a program to name the person whom it cannot be', () => {
    const create = given().when('shop.order.create', { title: 'x', currency: 'NOK', urgent: false }, { person: null });
    expect(rejected(create)).toMatchObject({ code: 'shop.order-invalid', errors: [{ pointer: '/buyer' }] });
  });
});
