import { aggregate, create, created, face, field, record } from '@daybook/kernel';
import type { Caller } from './binding.js';
import { Bindings } from './dispatch/bindings.js';
import { contextOf } from './record-context.js';
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

  it('keeps a value unique where its field says so, and refuses one that no erasure would free', () => {
    const seat = (personal?: 'owner') =>
      record('hall.seat', {
        one: 'seat', many: 'seats', icon: 'box', calledBy: 'placeCode', within: 'company',
        fields: {
          placeCode: field.code('Place', { unique: 'company', ...(personal ? { personal } : {}) }),
          owner: field.person('Owner'),
        },
      }); // prettier-ignore
    const bindingOf = (personal?: 'owner') => {
      const one = seat(personal);
      const events = [created(one)] as const;
      const seats = aggregate(one, { commands: [create(one)], events, rules: { create: events[0].of } });
      return contextOf(face('hall', { title: 'Hall', icon: 'box', records: [one] }), [seats]).bindings[0];
    };
    const binding = bindingOf();
    const [unique] = binding?.kind === 'decide' ? binding.unique : [];
    expect(unique).toMatchObject({ name: 'hall.seat.place-code', pointer: '/placeCode', personal: false });
    expect(unique?.of(null)).toBeNull();
    expect(unique?.of({ id: 's', companyId: 'c', placeCode: null })).toEqual({ owner: 's', value: '', companyId: 'c' });
    expect(() => bindingOf('owner')).toThrow('hall.seat.placeCode is personal data of another subject');
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
