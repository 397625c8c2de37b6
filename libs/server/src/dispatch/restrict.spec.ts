import { guarded } from '@daybook/kernel';
import * as z from 'zod';
import { guardsIn, restrict, restrictedInput } from './restrict.js';

const email = guarded(z.string(), 'people.email', 'E-mail address');
const bank = guarded(z.object({ iban: z.string() }).meta({ id: 'SpecBank' }), 'people.bank', 'Bank account');
const person = z.object({ name: z.string(), email: email.nullable(), bank: bank.nullable().optional() });
const answer = z.object({
  items: z.array(person),
  first: person.nullable(),
  byId: z.record(z.string(), person),
  either: z.union([z.object({ kind: z.literal('none') }), z.object({ kind: z.literal('one'), email })]),
});
const ada = { name: 'Ada', email: 'ada@example.com', bank: { iban: 'NO93' } };
const value = { items: [ada], first: ada, byId: { a: ada }, either: { kind: 'one', email: 'ada@example.com' } };

describe('a field rule', () => {
  it('hides the field wherever the schema says it stands: in lists, records, alternatives', () => {
    const hidden = { ...ada, email: null };
    expect(restrict(answer, value, { 'people.email': 'hide' })).toEqual({
      items: [hidden],
      first: hidden,
      byId: { a: hidden },
      either: { kind: 'one', email: null },
    });
  });

  it('masks text to its first letter, and hides what is no text', () => {
    const rules = { 'people.email': 'mask', 'people.bank': 'mask' } as const;
    expect(restrict(person, ada, rules)).toEqual({ name: 'Ada', email: 'a•••@•••', bank: null });
  });

  it('leaves the value itself and every other field as they are', () => {
    const before = structuredClone(value);
    restrict(answer, value, { 'people.email': 'hide' });
    expect(value).toEqual(before);
    expect(restrict(answer, value, {})).toBe(value);
    expect(restrict(answer, value, { 'people.phone': 'hide' })).toEqual(value);
  });

  it('keeps null and missing fields', () => {
    expect(restrict(person, { name: 'Ada', email: null }, { 'people.email': 'mask', 'people.bank': 'hide' })).toEqual({
      name: 'Ada',
      email: null,
    });
  });

  it('refuses a question about a field that may not be seen, and names it', () => {
    const input = z.object({ email: email.optional(), name: z.string().optional() });
    expect(restrictedInput(input, { email: 'a' }, { 'people.email': 'hide' })).toMatchObject({
      status: 403,
      code: 'platform.field-hidden',
      errors: [{ pointer: '/email' }],
    });
    expect(restrictedInput(input, { name: 'a' }, { 'people.email': 'hide' })).toBeNull();
    expect(restrictedInput(input, { email: 'a' }, {})).toBeNull();
  });

  it('is offered for each guarded field once it is found', () => {
    expect(guardsIn(answer).map(({ name }) => name)).toEqual(expect.arrayContaining(['people.email', 'people.bank']));
  });
});
