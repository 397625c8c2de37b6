import { amount, decimal, instant, plainDate } from '@daybook/kernel';
import * as z from 'zod';
import { canonicalRow, columnsOf } from './columns.js';
import { tableOf } from './table.js';

const row = z.object({
  code: z.string(),
  name: z.string().max(20).describe('A name'),
  balance: amount.describe('Debit positive'),
  rate: decimal.nullable(),
  day: plainDate.optional(),
  at: instant,
  count: z.int().default(0),
  share: z.number(),
  open: z.boolean(),
  side: z.enum(['debit', 'credit']),
  person: z.uuid(),
  tags: z.array(z.string()).nullable(),
  source: z.object({ line: z.int() }),
});
const table = tableOf('accounts', row, ['code']);
const values = {
  code: '1500',
  name: 'Ødegård',
  balance: '12.5000',
  rate: '1.10',
  at: '2026-03-31T14:00:00.120000+02:00',
  count: 1,
  share: 0.5,
  open: true,
  side: 'debit',
  person: '0190A1B2-0000-7000-8000-00000000A001',
  tags: ['x'],
  source: { line: 1 },
  unknown: 'left out',
};

describe('columns of a table', () => {
  it('follow from the schema of its rows', () => {
    expect(columnsOf(table).map((c) => `${c.name} ${c.kind}${c.nullable ? '?' : ''}`)).toEqual([
      'code code', 'name text', 'balance amount', 'rate decimal?', 'day date?', 'at instant', 'count integer', 'share float',
      'open boolean', 'side code', 'person uuid', 'tags json?', 'source json',
    ]); // prettier-ignore
  });

  it('hold values in one form, as they are read back', () => {
    expect(canonicalRow(table, values)).toEqual({
      code: '1500',
      name: 'Ødegård',
      balance: '12.5',
      rate: '1.1',
      day: null,
      at: '2026-03-31T12:00:00.12Z',
      count: 1,
      share: 0.5,
      open: true,
      side: 'debit',
      person: '0190a1b2-0000-7000-8000-00000000a001',
      tags: ['x'],
      source: { line: 1 },
    });
    expect(canonicalRow(table, { ...values, balance: '-0.00', rate: '100' })).toMatchObject({
      balance: '0',
      rate: '100',
    });
  });

  it.each([
    ['a JSON number as an amount', { balance: 12.5 }, /balance cannot hold such a number: it is of kind amount$/],
    ['a fraction as a whole number', { count: 1.5 }, /count cannot hold such a number: it is of kind integer$/],
    ['nothing where something must be', { name: null }, /name has no value/],
  ])('refuse %s', (_, wrong, message) => {
    expect(() => canonicalRow(table, { ...values, ...wrong })).toThrow(message);
  });

  it('refuse what the engine owns, a key that may be missing and a type without a column', () => {
    const of = (schema: z.ZodObject, key: string) => () => columnsOf(tableOf('t', schema, [key]));
    expect(of(z.object({ id: z.string(), tenant: z.string() }), 'id')).toThrow('the engine owns tenant');
    expect(of(z.object({ id: z.string().nullable() }), 'id')).toThrow('a key cannot be null');
    expect(of(z.object({ id: z.string(), when: z.date() }), 'id')).toThrow('no column type for zod date');
  });
});
