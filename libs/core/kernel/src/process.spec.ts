import * as z from 'zod';
import { event, type RecordedEvent } from './event.js';
import { command } from './operation.js';
import {
  carryOut,
  done,
  dueAt,
  later,
  process,
  react,
  remember,
  type Send,
  send,
  StepRejected,
  type Step,
} from './process.js';
import { reject } from './rejection.js';

const record = ({ orderId }: { orderId: string }) => ({ type: 'shop.order', id: orderId });
const placed = event('shop.order-placed', { data: z.object({ orderId: z.string(), lines: z.int() }), record });
const paid = event('shop.order-paid', { data: z.object({ orderId: z.string() }), record });
const pack = command('shop.parcel.pack', {
  title: 'Pack a parcel',
  http: 'POST /v1/shop/parcels',
  says: 'packed a parcel',
  input: z.object({ orderId: z.string(), lines: z.int() }),
});

const packing = process('shop.packing', {
  title: 'Pack what is paid',
  version: 1,
  initial: { lines: 0 },
  on: (when, due) => [
    when(placed, 'orderId', ({ data }) => [remember({ lines: data.lines }), dueAt('forget', '2026-04-07T12:00:00Z')]),
    when(paid, 'orderId', ({ data: { orderId } }, { lines }) => [send('pack', pack, { orderId, lines }), done()]),
    due('forget', () => [done()]),
  ],
});
const happened = (type: string, data: object) => ({ type, data }) as unknown as RecordedEvent;
const fold = (...events: RecordedEvent[]): Map<string, unknown> => {
  const states = new Map<string, unknown>();
  for (const one of events) {
    for (const { instance, state } of react(packing, one, (of) => states.get(of))) states.set(instance, state);
  }
  return states;
};

describe('a process', () => {
  it('keeps a state for each instance, from the events it names, until the instance is done', () => {
    const [one, two] = ['a', 'b'].map((orderId, n) => happened(placed.name, { orderId, lines: n + 1 })) as [RecordedEvent, RecordedEvent]; // prettier-ignore
    expect([...fold(one, two)]).toEqual([['a', { lines: 1 }], ['b', { lines: 2 }]]); // prettier-ignore
    expect(fold(one, two, happened(paid.name, { orderId: 'a' })).get('a')).toBeUndefined();
    expect(fold(happened('shop.order-lost', { orderId: 'a' })).size).toBe(0);
  });

  it('starts from the initial state, and hears of time only while it is under way', () => {
    const [reacted] = react(packing, happened(paid.name, { orderId: 'a' }), () => undefined);
    expect(reacted?.steps[0]).toMatchObject({ name: 'pack', input: { orderId: 'a', lines: 0 } });
    const time = (process: string) =>
      happened('platform.process-due', { process, instance: 'a', step: 'forget', dueAt: '2026-04-07T12:00:00Z' });
    expect(react(packing, time('shop.packing'), () => undefined)).toEqual([]);
    expect(react(packing, time('shop.packing'), () => ({ lines: 1 }))).toHaveLength(1);
    expect(react(packing, time('shop.other'), () => ({ lines: 1 }))).toEqual([]);
  });

  it('is named after its context', () => {
    expect(() => process('packing', { title: 'P', version: 1, on: () => [] })).toThrow('no name of a process');
  });

  it('accepts no state and no field that it does not declare', () => {
    process('shop.wrong', {
      title: 'W',
      version: 1,
      initial: { lines: 0 },
      on: (when) => [
        // @ts-expect-error: the instance is named by a text
        when(placed, 'lines', () => []),
        // @ts-expect-error: the state has no such field
        when(paid, 'orderId', () => [remember({ line: 0 })]),
        // @ts-expect-error: the command takes lines too
        when(paid, 'orderId', ({ data }) => [send('pack', pack, { orderId: data.orderId })]),
      ],
    });
  });

  it('reckons a moment so many days or hours later', () => {
    expect(later('2026-03-31T12:00:00Z', { days: 7 })).toBe('2026-04-07T12:00:00.000Z');
    expect(later('2026-03-31T12:00:00Z', { hours: 13 })).toBe('2026-04-01T01:00:00.000Z');
  });
});

describe('steps', () => {
  const full = reject('shop.full', 'No room.');
  const packed = (name: string, rejected: Send['rejected'] = {}): Send =>
    send(name, pack, { orderId: name, lines: 1 }, { rejected });
  const run = (steps: readonly Step<unknown>[], ...refused: string[]): string[] => {
    const names: string[] = [];
    const going = carryOut(steps);
    for (let next = going.next(null); !next.done;) {
      names.push(next.value.name);
      next = going.next(refused.includes(next.value.name) ? full : null);
    }
    return names;
  };

  it('are done in their order', () => {
    expect(run([packed('a'), remember(1), dueAt('b', '2026-04-07T12:00:00Z'), packed('c')])).toEqual(['a', 'b', 'c']);
  });

  it('give way to what a rejection that is named calls for', () => {
    const steps = [packed('a', { 'shop.full': ({ code }) => [packed(`instead: ${code}`)] }), packed('b')];
    expect(run(steps)).toEqual(['a', 'b']);
    expect(run(steps, 'a')).toEqual(['a', 'instead: shop.full']);
  });

  it('end at a rejection that is not named', () => {
    expect(() => run([packed('a', { 'shop.closed': () => [] })], 'a')).toThrow(new StepRejected('a', full));
  });

  it('each have a name of their own', () => {
    expect(() => run([packed('a'), packed('a')])).toThrow('Two steps on one event are called "a".');
  });
});
