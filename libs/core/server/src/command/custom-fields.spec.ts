import {
  act,
  change,
  create,
  type CustomField,
  type CustomFieldsByType,
  field,
  publishedState,
  record,
} from '@daybook/kernel';
import type { Caller, CustomFieldRegistry } from '../context.js';
import type { FactReader } from '../facts.js';
import { customFieldsFor } from './custom-fields.js';

const site = record('works.site', {
  one: 'site', many: 'sites', icon: 'map', calledBy: 'name',
  fields: { name: field.text('Name'), custom: field.custom() },
}); // prettier-ignore
const plain = record('works.gate', { one: 'gate', many: 'gates', icon: 'map', calledBy: 'name', fields: { name: field.text('Name') } }); // prettier-ignore
const state = publishedState<CustomFieldsByType, []>('spec', { of: 'spec', events: [], initial: new Map(), evolve: (one) => one }); // prettier-ignore
const registry: CustomFieldRegistry = { state, fieldsAt: async () => [] };
const caller = {} as Caller;
const size: CustomField = {
  key: 'size',
  label: 'Size',
  kind: 'number',
  required: false,
  position: 0,
  status: 'active',
};

/** What is in memory, and what is recorded by now; says which were asked. */
function facts(known: readonly CustomField[], current: readonly CustomField[]) {
  const asked: string[] = [];
  const reader = (grade: 'soft' | 'binding', fields: readonly CustomField[]) => () => ({
    of: async () => {
      asked.push(grade);
      return new Map([[site.name, fields]]);
    },
  });
  const of = { soft: reader('soft', known), binding: reader('binding', current) } as unknown as FactReader;
  return { of, asked };
}

describe('the custom fields that a command is decided on', () => {
  it('are those in memory where these take what is entered, also if a field was retired a moment ago', async () => {
    const { of, asked } = facts([size], [{ ...size, status: 'retired' }]);
    const operation = create(site);
    expect(await customFieldsFor({ operation, input: { custom: { size: '1' } }, caller }, registry, of)).toEqual([
      size,
    ]);
    expect(asked).toEqual(['soft']);
  });

  it('are asked anew before anything is refused: a field that is there by now is taken', async () => {
    const { of, asked } = facts([], [size]);
    const operation = change(site);
    expect(await customFieldsFor({ operation, input: { custom: { size: '1' } }, caller }, registry, of)).toEqual([
      size,
    ]);
    expect(asked).toEqual(['soft', 'binding']);
  });

  it('are asked of a new record that gives none, since some may be required', async () => {
    const { of, asked } = facts([{ ...size, required: true }], [size]);
    expect(await customFieldsFor({ operation: create(site), input: {}, caller }, registry, of)).toEqual([size]);
    expect(asked).toEqual(['soft', 'binding']);
  });

  it('are asked of nothing else', async () => {
    const { of, asked } = facts([], []);
    for (const operation of [change(site), act(site, 'close', { says: 'closed' }), create(plain)])
      expect(await customFieldsFor({ operation, input: {}, caller }, registry, of)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});
