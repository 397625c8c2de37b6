import { describe, expect, it } from 'vitest';
import { chosenFrom, filled, formsToAsk, mappingOf, unfit, withTemplate } from './import-rows-model';

type Inspected = Parameters<typeof chosenFrom>[0];
const known = { kind: 'known', forms: ['day-first'], lines: [] } as const;
const column = (place: number, name: string, occurrence = 1): Inspected['columns'][number] => ({
  place,
  name,
  occurrence,
  samples: [],
  dates: { ...known, forms: ['day-first'], lines: [] },
  decimals: { kind: 'known', forms: ['point'], lines: [] },
});
const field = (name: string, more: Partial<Inspected['fields'][number]> = {}): Inspected['fields'][number] => ({
  name,
  label: name,
  kind: 'text',
  isRequired: false,
  matches: false,
  column: null,
  ...more,
});
const file: Inspected = {
  format: 'csv',
  encoding: 'utf-8',
  separator: ',',
  rows: 2,
  columns: [column(1, 'Name'), column(2, 'Phone'), column(3, 'Phone', 2), column(4, 'Born')],
  fields: [
    field('name', { isRequired: true, column: 1 }),
    field('mobile'),
    field('office'),
    field('born', { kind: 'date' }),
  ],
};

describe('columns of a file', () => {
  it('fill the fields that they are called like, and nothing else until somebody says so', () => {
    expect(chosenFrom(file).columns.map((one) => one.field)).toEqual(['name', '', '', '']);
    expect(unfit(file, chosenFrom(file))).toBeNull();
    expect(unfit(file, { ...chosenFrom(file), columns: [] })).toBe('No column fills name.');
  });

  it('are known to a template by name and occurrence', () => {
    const fields = [
      { field: 'mobile', name: 'Phone', occurrence: 1, blank: 'keep' },
      { field: 'office', name: 'Phone', occurrence: 2, blank: 'clear' },
      { field: 'fax', name: 'Fax', occurrence: 1, blank: 'keep' },
    ] as const;
    const chosen = withTemplate(file, { fields: [...fields], forms: {}, match: null, unmatched: 'create' });
    expect(chosen.columns.map((one) => one.field)).toEqual(['', 'mobile', 'office', '']);
    expect(mappingOf(chosen).fields).toEqual(fields.slice(0, 2));
  });

  it('of dates that can be read in two ways are asked about', () => {
    const asked = { ...column(4, 'Born'), dates: { kind: 'ask' as const, forms: ['day-first' as const, 'month-first' as const], lines: [] } }; // prettier-ignore
    const open = { ...file, columns: [...file.columns.slice(0, 3), asked] };
    const chosen = { ...chosenFrom(open), columns: chosenFrom(open).columns.map((one) => (one.place === 4 ? { ...one, field: 'born' } : one)) }; // prettier-ignore
    expect(formsToAsk(open, chosen).map((one) => one.field)).toEqual(['born']);
    expect(unfit(open, chosen)).toBe('Say how born is written.');
    expect(unfit(open, { ...chosen, forms: { born: 'month-first' } })).toBeNull();
  });

  it('fill a field by one column, and match by none that no column fills', () => {
    const column = { occurrence: 1, blank: 'keep' as const };
    const columns = [{ ...column, place: 1, name: 'A', field: 'email' }, { ...column, place: 2, name: 'B', field: '' }]; // prettier-ignore
    const chosen = { columns, forms: {}, match: 'email', unmatched: 'create' as const };
    const moved = filled(chosen, 2, 'email');
    expect([moved.columns.map(({ field }) => field), moved.match]).toEqual([['', 'email'], 'email']);
    expect(filled(moved, 2, 'name').match).toBeNull();
  });
});
