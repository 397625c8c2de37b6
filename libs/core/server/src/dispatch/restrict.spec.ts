import { guarded, guardsIn, opaque, pageOf } from '@daybook/kernel';
import { markedSchemas } from '@daybook/kernel/testing/marked-schemas';
import fc from 'fast-check';
import * as z from 'zod';
import { restrict, restrictedInput } from './restrict.js';

const email = guarded(z.string().nullable(), 'people.person.email', 'E-mail address of a person');
const text = guarded(z.string().nullable(), 'people.note.text', 'Text of a note');
const person = z.object({ id: z.string(), email, notes: z.array(z.object({ text })).default([]) });
const hide = { 'people.person.email': 'hide' } as const;
const mask = { 'people.person.email': 'mask' } as const;
const ada = { id: '1', email: 'ada@example.org', notes: [{ text: 'Counts' }] };

describe('a restricted answer', () => {
  it('shows hidden fields as null and masked ones in part, without changing the original value', () => {
    expect(restrict(person, ada, hide)).toEqual({ ...ada, email: null });
    expect(restrict(person, ada, mask)).toEqual({ ...ada, email: 'a•••@•••' });
    expect(restrict(person, ada, { 'people.note.text': 'hide' })).toEqual({ ...ada, notes: [{ text: null }] });
    expect(ada.email).toBe('ada@example.org');
  });

  it('is the same value when no rule applies or no field is guarded', () => {
    expect(restrict(person, ada, {})).toBe(ada);
    expect(restrict(person, ada, { 'people.person.shoe': 'hide' })).toEqual(ada);
    const plain = { id: '1' };
    expect(restrict(z.object({ id: z.string() }), plain, hide)).toBe(plain);
  });

  it('restricts fields in lists, maps, unions, optional fields and below them', () => {
    expect(restrict(pageOf(person), { items: [ada], next: null }, hide)).toEqual({ items: [{ ...ada, email: null }], next: null }); // prettier-ignore
    expect(restrict(z.record(z.string(), person), { one: ada }, hide)).toEqual({ one: { ...ada, email: null } });
    const either = z.union([z.object({ kind: z.literal('a'), of: person }), z.object({ kind: z.literal('b'), email })]);
    expect(restrict(either, { kind: 'a', of: ada }, hide)).toEqual({ kind: 'a', of: { ...ada, email: null } });
    expect(restrict(either, { kind: 'b', email: 'x' }, hide)).toEqual({ kind: 'b', email: null });
    const optional = z.object({ of: person.nullable().optional() });
    expect(restrict(optional, { of: ada }, hide)).toEqual({ of: { ...ada, email: null } });
    expect(restrict(optional, { of: null }, hide)).toEqual({ of: null });
  });

  it('hides opaque values when any field is restricted', () => {
    const waiting = z.object({ id: z.string(), input: opaque(z.record(z.string(), z.unknown()).nullable()) });
    const value = { id: '1', input: { to: 'ada@example.org' } };
    expect(restrict(waiting, value, hide)).toEqual({ id: '1', input: null });
    expect(restrict(waiting, value, {})).toBe(value);
  });

  it('hides a masked value that is not text', () => {
    const amount = guarded(z.number().nullable(), 'people.person.pay', 'Pay');
    expect(restrict(z.object({ amount }), { amount: 7 }, { 'people.person.pay': 'mask' })).toEqual({ amount: null });
  });

  it('hides a guarded field wherever its mark is in the schema', () => {
    const guards = markedSchemas((schema) => guarded(schema, 'people.person.email', 'E-mail'));
    fc.assert(
      fc.property(guards, ({ schema, value }) => {
        const before = JSON.stringify(value);
        for (const rules of [hide, mask]) expect(JSON.stringify(restrict(schema, value, rules))).not.toContain('ecret');
        expect(JSON.stringify(value)).toBe(before);
        expect(restrict(schema, value, { 'people.person.shoe': 'hide' })).toEqual(value);
        expect(guardsIn(schema).map(({ name }) => name)).toEqual(['people.person.email']);
      }),
      { numRuns: 400 },
    );
  });

  it('hides an opaque value wherever its mark is in the schema', () => {
    fc.assert(
      fc.property(markedSchemas(opaque), ({ schema, value }) => {
        expect(JSON.stringify(restrict(schema, value, hide))).not.toContain('ecret');
      }),
      { numRuns: 200 },
    );
  });

  it('picks the alternative of a union by its literal fields, and otherwise hides what any alternative hides', () => {
    const kinds = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('person'), email }),
      z.object({ kind: z.literal('system'), email: z.string() }),
    ]);
    expect(restrict(kinds, { kind: 'system', email: 'ops' }, hide)).toEqual({ kind: 'system', email: 'ops' });
    expect(restrict(kinds, { kind: 'person', email: 'ada' }, hide)).toEqual({ kind: 'person', email: null });
    expect(restrict(kinds, { kind: 'newer', email: 'ada' }, hide)).toEqual({ kind: 'newer', email: null });
    const either = z.union([z.object({ email: z.string() }), z.object({ email })]);
    expect(restrict(either, { email: 'ada' }, hide)).toEqual({ email: null });
  });

  it('hides what a transformation makes of a guarded field', () => {
    const joined = z.array(z.object({ email })).transform((all) => all.map((one) => one.email).join());
    expect(restrict(z.object({ joined }), { joined: 'ada,bert' }, hide)).toEqual({ joined: null });
  });

  it('never contains a hidden value, wherever it is', () => {
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

describe('a filter on a hidden field', () => {
  const input = z.object({ email: email.optional(), id: z.string().optional() });

  it('is rejected, since the answer would reveal the value', () => {
    expect(restrictedInput(input, { email: 'ada@example.org' }, mask)).toMatchObject({
      status: 403,
      code: 'platform.field-hidden',
      errors: [{ pointer: '/email', code: 'hidden' }],
    });
    expect(restrictedInput(input, { id: '1' }, hide)).toBeNull();
    expect(restrictedInput(input, { email: 'ada@example.org' }, {})).toBeNull();
  });
});

describe('the guarded fields of a schema', () => {
  it('are listed once each, with their titles', () => {
    expect(guardsIn(pageOf(person))).toEqual([
      { name: 'people.person.email', title: 'E-mail address of a person' },
      { name: 'people.note.text', title: 'Text of a note' },
    ]);
  });
});
