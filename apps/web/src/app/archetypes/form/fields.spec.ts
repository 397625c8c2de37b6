import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { changedFrom, fieldsOf, readField } from './fields';

const input = z.object({
  id: z.string(),
  name: z.string().min(1).optional(),
  note: z.string().optional(),
  above: z.string().nullable().optional(),
  domains: z.array(z.string()).default([]),
});
const from = { id: 'id', name: 'name', note: 'note', above: 'above', domains: 'domains' };
const ask = { name: {}, note: {}, above: {}, domains: {} };
const row = { id: '1', name: 'A•••', note: 'n', above: '10', domains: ['a.example'] };

describe('what a form sends of a row that it changes', () => {
  const sent = (typed: Record<string, unknown>) => changedFrom(row, from, ask, input, typed);

  it('leaves out what was not touched, a masked value among it', () => {
    expect(sent({ name: 'A•••', note: 'other', above: '10', domains: ['a.example'] })).toEqual({
      note: 'other',
      domains: ['a.example'],
    });
  });

  it('sends null for what was emptied, an empty text where there is no null', () => {
    expect(sent({ name: 'A•••', domains: ['a.example'] })).toEqual({ note: '', above: null, domains: ['a.example'] });
  });

  it('sends an empty list for one that was emptied, where what is left out stays', () => {
    const lists = z.object({ id: z.string(), domains: z.array(z.string()).optional() });
    const sentOf = (was: string[], is?: string[]) =>
      changedFrom({ id: '1', domains: was }, { domains: 'domains' }, { domains: {} }, lists, is ? { domains: is } : {});
    expect(sentOf(['a.example'])).toEqual({ domains: [] });
    expect(sentOf(['a.example'], ['a.example'])).toEqual({});
    expect(sentOf([])).toEqual({});
    expect(sentOf([], ['a.example'])).toEqual({ domains: ['a.example'] });
  });
});

describe('what a form says of a value that does not fit', () => {
  const input = z.object({ name: z.string().max(5), seats: z.int().max(9), weight: z.string() });
  const fields = fieldsOf(input, {
    name: { label: 'Name' },
    seats: { label: 'Seats' },
    weight: { label: 'Weight', as: 'quantity' },
  });
  const said = (name: string, typed: string) => {
    const field = fields.find((one) => one.name === name)!;
    return readField(field, typed, '2026-05-12', '1 234,50').problem;
  };

  it.each([
    ['speaks of strings and signs', 'name', 'Too long', 'At most 5 characters.'],
    ['calls a count an amount', 'seats', '1,5', 'Not a whole number. Write it like 12.'],
    ['speaks of numbers and signs', 'seats', '10', 'At most 9.'],
    ['calls a weight an amount', 'weight', 'heavy', 'Not a figure. Write it like 1\u00a0234,50.'],
  ])('%s: %s', (_, name, typed, words) => expect(said(name, typed)).toBe(words));
});
