import { mostCustomFields } from '@daybook/kernel';
import {
  accepted,
  deciding,
  outcome,
  projected,
  rejected,
  testContext,
  testId,
} from '@daybook/projections/testing/given';
import { customFieldDecider, type RecordTypes } from './custom-field.decider.js';
import {
  customFieldChanged,
  customFieldCreated,
  type CustomFieldEvent,
  customFieldRestored,
  customFieldRetired,
} from './custom-field.events.js';
import { createCustomField } from './custom-field.operations.js';
import { customFieldProjection } from './custom-field.projection.js';
import { customFieldsByType } from './custom-field.published.js';

const types: RecordTypes = new Map([
  ['works.site', { one: 'site', personal: false }],
  ['works.visitor', { one: 'visitor', personal: true }],
]);
const { given } = deciding(customFieldDecider, { facts: types });
const id = testId(1);
const size = { recordType: 'works.site', label: 'Size', key: 'size', kind: 'number', required: false, personal: false, position: 0 } as const; // prettier-ignore
const region = { ...size, label: 'Region', key: 'region', kind: 'choice', choices: ['North', 'South'], position: 1 } as const; // prettier-ignore
const created = customFieldCreated.of({ id, ...size });
const chosen = customFieldCreated.of({ id: testId(2), ...region, choices: [...region.choices] });
const retired = customFieldRetired.of({ id });
const create = (input: object, ...before: CustomFieldEvent[]) =>
  given(...before).when('customization.custom-field.create', { ...size, ...input });

describe('a custom field', () => {
  it('is created for a record type that takes some, with a key of its own', () => {
    expect(outcome(create({}))).toEqual([customFieldCreated.of({ id: testContext.newId, ...size })]);
    expect(outcome(create({ recordType: 'works.visitor' }, created))).toHaveLength(1);
    expect(rejected(create({ recordType: 'works.ship' })).errors).toMatchObject([{ pointer: '/recordType' }]);
    expect(rejected(create({ label: 'Other' }, created))).toMatchObject({
      code: 'customization.custom-field-exists',
      message: 'size is the key of Size already. Change it, or use another key.',
      errors: [{ pointer: '/key' }],
    });
    expect(rejected(create({ kind: 'text' }, created, retired)).message).toContain('Restore it');
  });

  it('has no key that every object has', () => {
    const fits = (key: string) => createCustomField.input.shape.key.safeParse(key).success;
    expect(['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'].filter(fits)).toEqual([]);
    expect(fits('costCentre')).toBe(true);
  });

  it('is personal data only where records are sealed for a person', () => {
    expect(outcome(create({ recordType: 'works.visitor', personal: true }))).toHaveLength(1);
    expect(rejected(create({ personal: true })).errors).toMatchObject([{ pointer: '/personal' }]);
  });

  it('has choices exactly if it is a choice', () => {
    expect(rejected(create({ kind: 'choice' })).errors).toMatchObject([{ pointer: '/choices' }]);
    expect(rejected(create({ choices: ['A'] })).errors).toMatchObject([{ pointer: '/choices' }]);
    const change = (choices: string[] | null) =>
      given(chosen).when('customization.custom-field.change', { id: testId(2), choices });
    expect(outcome(change(['West']))).toEqual([customFieldChanged.of({ id: testId(2), choices: ['West'] })]);
    expect(rejected(change(null)).errors).toMatchObject([{ pointer: '/choices' }]);
    expect(rejected(given(created).when('customization.custom-field.change', { id, choices: ['A'] })).code).toBe('customization.custom-field-invalid'); // prettier-ignore
  });

  it('is one of at most 100 of its record type', () => {
    const full = Array.from({ length: mostCustomFields }, (_, n) => customFieldCreated.of({ ...size, id: testId(100 + n), key: `k${n}` })); // prettier-ignore
    expect(rejected(create({}, ...full)).code).toBe('customization.custom-field-too-many');
    expect(outcome(create({ recordType: 'works.visitor' }, ...full))).toHaveLength(1);
  });

  it('is changed, retired and restored, each one version on, and not changed in between', () => {
    const changed = given(created).when('customization.custom-field.change', { id, label: 'Area', required: true });
    expect(accepted(changed)).toMatchObject({ id, version: 2, events: [{ data: { id, label: 'Area', required: true } }] }); // prettier-ignore
    expect(outcome(given(created).when('customization.custom-field.retire', { id }))).toEqual([retired]);
    expect(outcome(given(created, retired).when('customization.custom-field.change', { id, label: 'Area' }))).toBe('customization.custom-field-retired'); // prettier-ignore
    expect(accepted(given(created, retired).when('customization.custom-field.restore', { id }))).toMatchObject({ version: 3, events: [customFieldRestored.of({ id })] }); // prettier-ignore
    expect(outcome(given(created).when('customization.custom-field.restore', { id }))).toBe('customization.custom-field-active'); // prettier-ignore
    expect(rejected(given().when('customization.custom-field.retire', { id })).status).toBe(404);
    expect(rejected(given().when('customization.custom-field.change', { id, label: 'X' })).status).toBe(404);
    expect(rejected(given(created).when('customization.custom-field.change', { id, label: 'X' }, { expectedVersion: 2 })).status).toBe(412); // prettier-ignore
  });
});

describe('the custom fields that decisions and lists know', () => {
  const story = [created, chosen, customFieldChanged.of({ id, position: 2 }), retired, customFieldRestored.of({ id })];

  it('are those of each record type, in their order, retired ones too', () => {
    const after = (...events: CustomFieldEvent[]) =>
      events.reduce((state, event, revision) => customFieldsByType.evolve(state, event, { revision }), customFieldsByType.initial); // prettier-ignore
    expect(after(...story).get('works.site')).toMatchObject([{ key: 'region', choices: ['North', 'South'] }, { key: 'size', position: 2, status: 'active' }]); // prettier-ignore
    expect(after(created, retired).get('works.site')).toMatchObject([
      { key: 'size', kind: 'number', status: 'retired' },
    ]);
    expect(after(...story).get('works.visitor')).toBeUndefined();
  });

  it('are a row each, the same when every event comes twice', () => {
    const rows = projected(customFieldProjection, story)['custom_fields'];
    expect(rows).toMatchObject([
      { id, key: 'size', position: 2, choices: null, status: 'active', version: 4 },
      { id: testId(2), key: 'region', choices: ['North', 'South'], version: 1 },
    ]);
    expect(projected(customFieldProjection, story.flatMap((one) => [one, one]))['custom_fields']?.map(({ version: _, ...row }) => row)).toEqual(rows?.map(({ version: _, ...row }) => row)); // prettier-ignore
  });
});
