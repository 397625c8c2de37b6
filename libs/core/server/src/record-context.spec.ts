import {
  aggregate,
  commandIdOf,
  create,
  created,
  eventOf,
  face,
  type Field,
  field,
  needs,
  newId,
  record,
  series,
} from '@daybook/kernel';
import type { Caller, OperationContext } from './binding.js';
import { CommandExecutor, newIdOf } from './command/command-executor.js';
import { Bindings } from './dispatch/bindings.js';
import { holdEvents } from './hold/hold.events.js';
import { numberOf } from './hold/numbers.js';
import { bound, contextOf } from './record-context.js';
import { MemoryStore, plainCatalogue } from './testing/memory-store.js';
import { listParcels, parcel, parcelAnswers, parcelProjection } from './testing/parcels.js';

const post = face('post', { title: 'Post', icon: 'mail', records: [parcel] });
const leaf = (to: `${string}.${string}`) =>
  record('tree.leaf', {
    one: 'leaf', many: 'leaves', icon: 'leaf', calledBy: 'name',
    fields: { name: field.text('Name'), branch: field.reference('Branch', to, { optional: true }) },
  }); // prettier-ignore
const tenant = '0190a1b2-0000-7000-8000-00000000a001';

describe('a context of pieces', () => {
  it('tells changes of a list on its channel to those who may list', () => {
    const made = contextOf(post, [...parcelAnswers, parcelProjection]);
    expect(made.channels).toEqual({ parcels: listParcels });
    expect(made.projections).toEqual([parcelProjection]);
    expect(made.bindings.map(({ kind }) => kind)).toEqual(['answer', 'answer']);
  });

  it('binds an aggregate to a stream for each record', () => {
    const one = leaf('tree.leaf');
    const events = [created(one)] as const;
    const tree = aggregate(one, { commands: [create(one)], events, rules: { create: events[0].of } });
    const made = contextOf(face('tree', { title: 'Trees', icon: 'leaf', records: [one] }), [tree]);
    expect(made.events).toEqual(events);
    const [binding] = made.bindings;
    const stream = (input: object) =>
      binding?.kind === 'decide' && binding.stream(input, { tenant } as Caller, 'new', {});
    expect(stream({ name: 'x' })).toBe(`tree.leaf-${tenant}-new`);
    expect(stream({ id: 'old' })).toBe(`tree.leaf-${tenant}-old`);
  });

  it('gives rules the facts that are bound to their command: a number of a series', async () => {
    const quote = record('trade.quote', {
      one: 'quote', many: 'quotes', icon: 'box', calledBy: 'title',
      fields: { title: field.text('Title'), number: field.code('Number', { given: true }) },
    }); // prettier-ignore
    const numbered = eventOf(quote, 'numbered', {
      data: { number: field.code('Number') },
      sets: ({ number }: { number: string }) => ({ number }),
    });
    const events = [created(quote), numbered] as const;
    const createQuote = create(quote);
    const quotes = aggregate(quote, {
      commands: [createQuote],
      events,
      facts: needs<{ 'trade.quote.create': { number: string } }>(),
      rules: {
        create: (input, _state, _context, { number }) => [events[0].of(input), numbered.of({ id: input.id, number })],
      },
    });
    const quoteNumbers = series('trade.quote', { by: 'year', prefix: 'Q', digits: 4 });
    const held = { number: { held: ({ now }: { now: string }) => numberOf(quoteNumbers, { day: now }) } };
    // @ts-expect-error There is no such command.
    bound(quotes, { facts: { 'trade.quote.create': held, 'trade.quote.lose': held } });
    const piece = bound(quotes, { facts: { 'trade.quote.create': held } });
    const made = contextOf(face('trade', { title: 'Trade', icon: 'box', records: [quote] }), [piece]);
    expect([made.events, made.bindings]).toEqual([events, [piece.binding]]);

    const store = new MemoryStore();
    const executor = new CommandExecutor({
      store,
      catalogue: plainCatalogue([...events, ...holdEvents]),
      context: {} as OperationContext,
      secret: 'a secret of more than thirty-two characters',
    });
    const caller: Caller = {
      tenant, actor: { kind: 'person', id: 'ada' }, channel: 'rest', address: null, correlationId: 'trace', reason: null,
    }; // prettier-ignore
    for (const title of ['A roof', 'A door']) {
      const commandId = commandIdOf(tenant, 'ada', createQuote.name, newId());
      const of = { commandId, newId: newIdOf(commandId), causationId: null, expectedVersion: null };
      await executor.execute(piece.binding, { operation: createQuote, input: { title }, caller, ...of });
    }
    const given = store.all.flatMap(({ type, data }) => (type.startsWith(numbered.name) ? [data] : []));
    expect(given).toMatchObject([/0001$/, /0002$/].map((number) => ({ number: expect.stringMatching(number) })));
  });

  it('keeps a value unique where its field says so, and refuses one that no erasure would free', () => {
    const bindingOf = (placeCode: Field) => {
      const seat = record('hall.seat', {
        one: 'seat', many: 'seats', icon: 'box', calledBy: 'placeCode', within: 'company',
        fields: { placeCode, owner: field.person('Owner') },
      }); // prettier-ignore
      const events = [created(seat)] as const;
      const seats = aggregate(seat, { commands: [create(seat)], events, rules: { create: events[0].of } });
      return contextOf(face('hall', { title: 'Hall', icon: 'box', records: [seat] }), [seats]).bindings[0];
    };
    const binding = bindingOf(field.code('Place', { unique: 'company' }));
    const [unique] = binding?.kind === 'decide' ? binding.unique : [];
    expect(unique).toMatchObject({ name: 'hall.seat.place-code', pointer: '/placeCode', personal: false });
    expect(unique?.of(null)).toBeNull();
    expect(unique?.of({ id: 's', companyId: 'c', placeCode: null })).toEqual({ owner: 's', value: '', companyId: 'c' });
    const ofOwner = field.code('Place', { unique: 'company', personal: 'owner' });
    expect(() => bindingOf(ofOwner)).toThrow('hall.seat.placeCode is personal data of another subject');
  });

  it('does not start with a reference to a record that no context has', () => {
    const of = (to: `${string}.${string}`) =>
      new Bindings([contextOf(face('tree', { title: 'Trees', icon: 'leaf', records: [leaf(to)] }), [])]);
    expect(() => of('tree.leaf')).not.toThrow();
    expect(() => of('tree.branch')).toThrow(
      'tree.leaf.branch refers to tree.branch, which is no record of any context',
    );
  });
});
