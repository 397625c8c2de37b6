import { guarded, opaque, pageOf } from '@daybook/kernel';
import fc from 'fast-check';
import * as z from 'zod';
import { guardsIn, restrict, restrictedInput } from './restrict.js';

const email = guarded(z.string().nullable(), 'people.person.email', 'E-mail address of a person');
const text = guarded(z.string().nullable(), 'people.note.text', 'Text of a note');
const person = z.object({ id: z.string(), email, notes: z.array(z.object({ text })).default([]) });
const hide = { 'people.person.email': 'hide' } as const;
const mask = { 'people.person.email': 'mask' } as const;
const ada = { id: '1', email: 'ada@example.org', notes: [{ text: 'Counts' }] };

describe('a restricted answer', () => {
  it('shows hidden fields as null and masked ones in part, and leaves the value itself alone', () => {
    expect(restrict(person, ada, hide)).toEqual({ ...ada, email: null });
    expect(restrict(person, ada, mask)).toEqual({ ...ada, email: 'a•••@•••' });
    expect(restrict(person, ada, { 'people.note.text': 'hide' })).toEqual({ ...ada, notes: [{ text: null }] });
    expect(ada.email).toBe('ada@example.org');
  });

  it('is the same value where no rule holds or no field is guarded', () => {
    expect(restrict(person, ada, {})).toBe(ada);
    expect(restrict(person, ada, { 'people.person.shoe': 'hide' })).toEqual(ada);
    const plain = { id: '1' };
    expect(restrict(z.object({ id: z.string() }), plain, hide)).toBe(plain);
  });

  it('reaches lists, maps, unions, optional fields and what stands below them', () => {
    expect(restrict(pageOf(person), { items: [ada], next: null }, hide)).toEqual({ items: [{ ...ada, email: null }], next: null }); // prettier-ignore
    expect(restrict(z.record(z.string(), person), { one: ada }, hide)).toEqual({ one: { ...ada, email: null } });
    const either = z.union([z.object({ kind: z.literal('a'), of: person }), z.object({ kind: z.literal('b'), email })]);
    expect(restrict(either, { kind: 'a', of: ada }, hide)).toEqual({ kind: 'a', of: { ...ada, email: null } });
    expect(restrict(either, { kind: 'b', email: 'x' }, hide)).toEqual({ kind: 'b', email: null });
    const optional = z.object({ of: person.nullable().optional() });
    expect(restrict(optional, { of: ada }, hide)).toEqual({ of: { ...ada, email: null } });
    expect(restrict(optional, { of: null }, hide)).toEqual({ of: null });
  });

  it('shows nothing of what holds fields of something else, where any field is restricted', () => {
    const waiting = z.object({ id: z.string(), input: opaque(z.record(z.string(), z.unknown()).nullable()) });
    const value = { id: '1', input: { to: 'ada@example.org' } };
    expect(restrict(waiting, value, hide)).toEqual({ id: '1', input: null });
    expect(restrict(waiting, value, {})).toBe(value);
  });

  it('shows nothing of a masked value that is no text', () => {
    const amount = guarded(z.number().nullable(), 'people.person.pay', 'Pay');
    expect(restrict(z.object({ amount }), { amount: 7 }, { 'people.person.pay': 'mask' })).toEqual({ amount: null });
  });

  it('never holds the value that is hidden, wherever it stands', () => {
    const tree: z.ZodType = z.object({ list: z.array(person), map: z.record(z.string(), z.object({ deep: person })) });
    const some = fc.record({ id: fc.constant('1'), email: fc.constant('secret@example.org'), notes: fc.constant([]) });
    const value = fc.record({
      list: fc.array(some),
      map: fc.dictionary(fc.constantFrom('a', 'b'), fc.record({ deep: some })),
    });
    fc.assert(
      fc.property(value, (given) => {
        expect(JSON.stringify(restrict(tree, given, hide))).not.toContain('secret');
        expect(JSON.stringify(restrict(tree, given, mask))).not.toContain('ecret');
      }),
    );
  });
});

describe('a question about a hidden field', () => {
  const input = z.object({ email: email.optional(), id: z.string().optional() });

  it('is refused, for its answer would tell what the field holds', () => {
    expect(restrictedInput(input, { email: 'ada@example.org' }, mask)).toMatchObject({
      status: 403,
      code: 'platform.field-hidden',
      errors: [{ pointer: '/email', code: 'hidden' }],
    });
    expect(restrictedInput(input, { id: '1' }, hide)).toBeNull();
    expect(restrictedInput(input, { email: 'ada@example.org' }, {})).toBeNull();
  });
});

describe('the guarded fields below a schema', () => {
  it('are told once for each place, with their titles', () => {
    expect(guardsIn(pageOf(person))).toEqual([
      { name: 'people.person.email', title: 'E-mail address of a person' },
      { name: 'people.note.text', title: 'Text of a note' },
    ]);
  });
});
