import { describe, expect, it } from 'vitest';
import { customFormFields, customStart, withCustomInput } from '../archetypes/form/custom-form';
import { customConditions, type CustomField, withCustom } from './custom-fields';

const define = (key: string, kind: CustomField['kind'], more: Partial<CustomField> = {}): CustomField => ({
  id: key, recordType: 'works.site', key, label: key, kind, choices: null, required: false, personal: false, position: 0,
  status: 'active', version: 1, ...more,
}); // prettier-ignore
const fields = [
  define('size', 'number', { required: true }),
  define('lit', 'yes-no'),
  define('old', 'text', { status: 'retired' }),
];

describe('custom fields', () => {
  it('are fields of their own in a row', () => {
    expect(withCustom({ id: '1', custom: { size: '2' } })).toEqual({
      id: '1',
      custom: { size: '2' },
      'custom.size': '2',
    });
    expect(withCustom({ id: '1', custom: null })).toEqual({ id: '1', custom: null });
  });

  it('are conditions of a list as the address says them', () => {
    const filters = [
      { field: 'custom.region', label: '', as: 'text', choices: [] },
      { field: 'custom.note', label: '', as: 'text' },
      { field: ['custom.size.from', 'custom.size.until'], label: '', as: 'quantity' },
    ] as const;
    const query = {
      'custom.region': 'North,South',
      'custom.note': 'a,b',
      'custom.size.from': '1',
      'custom.size.until': '',
    };
    expect(customConditions(filters, query)).toEqual(['region=North', 'region=South', 'note=a,b', 'size>=1']);
  });

  it('are asked for unless they are retired; an older record may lack a required one', () => {
    expect(customFormFields(fields, undefined).map(({ name, required }) => [name, required])).toEqual([['custom.size', true], ['custom.lit', false]]); // prettier-ignore
    expect(customFormFields(fields, { custom: null })[0]?.required).toBe(false);
    expect(customFormFields(fields, { custom: { size: '1' } })[0]?.required).toBe(true);
  });

  it('offer what was chosen before though the list has it no more', () => {
    const region = define('region', 'choice', { choices: ['North', 'South'] });
    const offered = (custom: Record<string, string> | null) => customFormFields([region], { custom })[0]!.choices.map(({ value }) => value); // prettier-ignore
    expect(offered({ region: 'West' })).toEqual(['North', 'South', 'West']);
    expect([offered({ region: 'South' }), offered(null)]).toEqual([
      ['North', 'South'],
      ['North', 'South'],
    ]);
  });

  it('are sent as they differ from the record, and null where they were emptied', () => {
    const row = { custom: { size: '2', lit: true, old: 'x' } };
    expect(customStart(row)).toEqual({ 'custom.size': '2', 'custom.lit': 'true', 'custom.old': 'x' });
    expect(withCustomInput(fields, row, { name: 'A', 'custom.size': '2', 'custom.lit': 'true' })).toEqual({
      name: 'A',
    });
    expect(withCustomInput(fields, row, { 'custom.size': '3' })).toEqual({ custom: { size: '3', lit: null } });
    expect(withCustomInput(fields, undefined, { 'custom.lit': 'false' })).toEqual({ custom: { lit: false } });
  });
});
