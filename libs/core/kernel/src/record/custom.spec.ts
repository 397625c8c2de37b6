import fc from 'fast-check';
import { accepted, deciding, outcome, rejected, testId } from '../testing/given.js';
import { isRejection } from '../rejection.js';
import { aggregate } from './aggregate.js';
import {
  type CustomField,
  customCondition,
  customFieldsInOrder,
  customFilter,
  customSaid,
  type CustomValues,
  customValues,
} from './custom.js';
import * as field from './field.js';
import { changed, created } from './record-events.js';
import { change, create } from './record-operations.js';
import { viewOf } from './record-view.js';
import { listOf } from './record-list.js';
import { record } from './record.js';

const site = record('works.site', {
  one: 'site', many: 'sites', icon: 'map', calledBy: 'name',
  fields: { name: field.text('Name'), custom: field.custom() },
}); // prettier-ignore
const events = [created(site), changed(site)] as const;
const [siteCreated, siteChanged] = events;
const commands = [create(site), change(site)] as const;
const { given } = deciding(
  aggregate(site, { commands, events, rules: { create: siteCreated.of, change: siteChanged.of } }),
);
const id = testId(1);

const define = (key: string, kind: CustomField['kind'], more: Partial<CustomField> = {}): CustomField => ({
  key, kind, label: key.toUpperCase(), choices: null, required: false, position: 0, status: 'active', ...more,
}); // prettier-ignore
const customFields = [
  define('region', 'choice', { choices: ['North', 'South'] }),
  define('size', 'number'),
  define('until', 'date'),
  define('lit', 'yes-no'),
  define('note', 'text'),
  define('owner', 'person'),
  define('old', 'text', { status: 'retired' }),
];
const of = (custom?: Record<string, string | boolean | null>) => ({ name: 'Pier', ...(custom && { custom }) });
const made = (custom?: Record<string, string | boolean | null>, fields: readonly CustomField[] = customFields) =>
  given().when('works.site.create', of(custom), { customFields: fields });
const pier = siteCreated.of({ id, name: 'Pier', custom: { old: 'x', region: 'North', size: '2' } });
const after = (custom: Record<string, string | boolean | null> | null, fields: readonly CustomField[] = customFields) =>
  given(pier).when('works.site.change', { id, custom }, { customFields: fields });

describe('custom fields of a record', () => {
  it('are kept as their kind has them, in the order of their keys', () => {
    const custom = { until: '2026-03-31', size: '12.50', region: 'South', note: ' two  words ', lit: false, owner: id };
    expect(accepted(made(custom)).events).toMatchObject([{ data: { custom: { ...custom, size: '12.5', note: 'two words' } } }]); // prettier-ignore
    expect(Object.keys((accepted(made(custom)).events[0]?.data as { custom: object }).custom)).toEqual(Object.keys(custom).sort()); // prettier-ignore
  });

  it('are not in the event where none are given', () => {
    for (const custom of [undefined, {}, { note: null }] as (Record<string, null> | undefined)[])
      expect(accepted(made(custom)).events[0]?.data).not.toHaveProperty('custom');
  });

  it.each([
    ['region', 'West', 'REGION is one of: North, South.'],
    ['region', true, 'REGION is one of: North, South.'],
    ['size', '1,5', 'exact decimal'],
    ['size', true, 'exact decimal'],
    ['until', '2026-02-30', 'UNTIL'],
    ['lit', 'true', 'Give true or false.'],
    ['note', ' ', 'This is required.'],
    ['owner', 'me', 'Give the id of a person.'],
    ['old', 'y', 'OLD is retired.'],
    ['tall', '1', 'No custom field of a site is called tall. There are: lit, note, owner, region, size, until.'],
    ['constructor', '1', 'No custom field of a site is called constructor.'],
  ])('refuse %s: %j at its pointer, with the way out', (key, value, message) => {
    const { code, status, errors } = rejected(made({ [key]: value }));
    expect([code, status]).toEqual(['works.site-invalid', 409]);
    expect(errors).toEqual([{ pointer: `/custom/${key}`, code, message: expect.stringContaining(message) }]);
  });

  it('of a choice are its words, though one of them reads like yes or no', () => {
    const answer = [define('answer', 'choice', { choices: ['true', 'maybe'] })];
    expect(rejected(made({ answer: true }, answer)).errors).toMatchObject([{ pointer: '/custom/answer' }]);
    expect(outcome(made({ answer: 'true' }, answer))).toMatchObject([{ data: { custom: { answer: 'true' } } }]);
  });

  it('name every field that is wrong at once', () => {
    expect(rejected(made({ size: 'x', lit: 'y', note: 'fine' })).errors?.map(({ pointer }) => pointer)).toEqual(['/custom/size', '/custom/lit']); // prettier-ignore
  });

  it('change one by one: others stay, null empties one, and what is so already is no event', () => {
    expect(outcome(after({ size: '3', region: null }))).toEqual([
      siteChanged.of({ id, custom: { old: 'x', size: '3' } }),
    ]);
    expect(outcome(after({ size: '2.0', region: 'North', note: null }))).toEqual([]);
    expect(outcome(after(null))).toEqual([siteChanged.of({ id, custom: null })]);
    expect(outcome(given(pier).when('works.site.change', { id, name: 'Pier' }, { customFields }))).toEqual([]);
  });

  it('that are retired are emptied and kept, but not changed', () => {
    expect(outcome(after({ old: null }))).toEqual([siteChanged.of({ id, custom: { region: 'North', size: '2' } })]);
    expect(outcome(after({ old: 'x', size: '3' }))).toMatchObject([{ data: { custom: { old: 'x', size: '3' } } }]);
    expect(rejected(after({ old: 'y' })).errors).toMatchObject([{ pointer: '/custom/old' }]);
    // The definition is gone from what the decision knows: what was entered stays.
    expect(outcome(after({ size: '3' }, [define('size', 'number')]))).toMatchObject([{ data: { custom: { old: 'x' } } }]); // prettier-ignore
  });

  it('that are required are asked of new records, and not emptied; older records may lack them', () => {
    const required = [...customFields, define('code', 'text', { required: true })];
    expect(rejected(made({}, required)).errors).toMatchObject([{ pointer: '/custom/code' }]);
    expect(rejected(made(undefined, required)).errors).toMatchObject([{ pointer: '/custom/code' }]);
    expect(outcome(made({ code: 'A' }, required))).toMatchObject([{ data: { custom: { code: 'A' } } }]);
    expect(outcome(after({ size: '3' }, required))).toHaveLength(1);
    expect(rejected(after({ code: null }, required)).errors).toMatchObject([{ pointer: '/custom/code' }]);
    const retired = [define('code', 'text', { required: true, status: 'retired' })];
    expect(outcome(made({}, retired))).toHaveLength(1);
  });

  it('are unknown where the tenant defined none', () => {
    expect(rejected(given().when('works.site.create', of({ size: '1' }))).message).toContain('It has none.');
  });

  it('are shown, filtered and asked for by the screen of the record, without a word of its own', () => {
    const list = listOf(site, { sorts: ['name'] });
    const screen = viewOf(list, { columns: ['name'], actions: { create: commands[0], row: [commands[1]] }, empty: '' });
    const entering = [screen.actions.create?.action, screen.actions.row[0]].map((one) => one?.operation.custom?.record);
    expect([screen.list.custom, ...entering]).toEqual(Array(3).fill(site));
    expect(Object.keys(screen.actions.row[0]?.ask ?? {})).toEqual(['name']);
    expect(list.input.safeParse({ custom: ['size>=10', 'region=North'], customSort: '-size' }).success).toBe(true);
    expect(list.input.safeParse({ custom: ['size'] }).success).toBe(false);
    expect(customCondition('note=a>=b')).toEqual({ key: 'note', is: '=', value: 'a>=b' });
    expect(customFilter.safeParse('Size=1').success).toBe(false);
  });

  it('may be called kind, and say rejection', () => {
    const fields = [define('kind', 'text')];
    expect(accepted(made({ kind: 'rejection' }, fields)).events).toMatchObject([{ data: { custom: { kind: 'rejection' } } }]); // prettier-ignore
  });

  it('are decided by the same lines where the decider is written by hand', () => {
    const fieldsOfPass = { size: field.text('Size'), custom: field.custom() };
    const pass = record('works.pass', {
      one: 'pass',
      many: 'passes',
      icon: '',
      calledBy: 'size',
      fields: fieldsOfPass,
    });
    const fields = [define('size', 'number'), define('code', 'text', { required: true })];
    const said = (does: 'create' | 'change', given: Parameters<typeof customSaid>[1], before: CustomValues | null) =>
      customSaid({ record: pass, does }, given, before, { customFields: fields });
    expect(said('create', { size: '1.0', code: 'a' }, null)).toEqual({ custom: { code: 'a', size: '1' } });
    expect(said('create', undefined, null)).toMatchObject({ code: 'works.pass-invalid', errors: [{ pointer: '/custom/code' }] }); // prettier-ignore
    expect(said('change', undefined, null)).toEqual({});
    expect(said('change', { size: '1' }, { size: '1' })).toEqual({});
    expect(said('change', { size: '2' }, { size: '1' })).toEqual({ custom: { size: '2' } });
    expect(said('change', { size: null }, { size: '1' })).toEqual({ custom: null });
    expect(said('change', null, { size: '1', old: 'x' })).toEqual({ custom: null });
  });

  it('are in the order of their positions, then of the alphabet', () => {
    const fields = [define('z', 'text', { label: 'Ärla' }), define('b', 'text', { label: 'zone' }), define('c', 'text', { label: 'Berth' }), define('d', 'text', { label: 'Zebra', position: -1 })]; // prettier-ignore
    expect(customFieldsInOrder(fields).map(({ label }) => label)).toEqual(['Zebra', 'Berth', 'zone', 'Ärla']);
  });

  it('have a name of their own', () => {
    const named = (fields: object) => () =>
      record('x.y', { one: 'y', many: 'ys', icon: '', calledBy: 'name', fields: { name: field.text('N'), ...fields } });
    expect(named({ more: field.custom() })).toThrow('is called custom');
    expect(named({ custom: field.text('Custom') })).toThrow('is called custom');
  });

  it('stay what they are when they are given again, whatever the definitions and values', () => {
    const values: Record<CustomField['kind'], fc.Arbitrary<string | boolean>> = {
      text: fc.stringMatching(/^[a-zæøå0-9]{1,20}$/),
      number: fc.tuple(fc.integer(), fc.nat(999)).map(([whole, part]) => `${whole}.${part}`),
      date: fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map((day) => day.toISOString().slice(0, 10)),
      choice: fc.constantFrom('North', 'South'),
      'yes-no': fc.boolean(),
      person: fc.uuid(),
    }; // prettier-ignore
    const entered = fc.dictionary(fc.stringMatching(/^[a-z][A-Za-z0-9]{0,10}$/), fc.constantFrom(...(Object.keys(values) as CustomField['kind'][])), { maxKeys: 12 }).chain((kinds) =>
      fc.record({ kinds: fc.constant(kinds), said: fc.record(Object.fromEntries(Object.entries(kinds).map(([key, kind]) => [key, values[kind]]))) }),
    ); // prettier-ignore
    fc.assert(
      fc.property(entered, ({ kinds, said }) => {
        const fields = Object.entries(kinds).map(([key, kind]) => define(key, kind, { choices: ['North', 'South'] }));
        const after = (given: Parameters<typeof customValues>[2], before: CustomValues | null) => {
          const kept = customValues(site, fields, given, before);
          if (isRejection(kept)) throw new Error(kept.message);
          return kept.values;
        };
        const kept = after(said, null);
        expect(Object.keys(kept)).toEqual(Object.keys(said).sort());
        expect(after(kept, kept)).toEqual(kept);
        expect(after(Object.fromEntries(Object.keys(said).map((key) => [key, null])), kept)).toEqual({});
      }),
    );
  });
});
