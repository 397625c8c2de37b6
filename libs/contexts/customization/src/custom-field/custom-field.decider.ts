import {
  decideRecord,
  deciderOf,
  type EventsOf,
  fieldInvalid,
  type FoldsOf,
  mostCustomFields,
  recordExists,
  reject,
  type Rejection,
  type RulesOf,
} from '@daybook/kernel';
import {
  customFieldChanged,
  customFieldCreated,
  type CustomFieldEvent,
  customFieldEvents,
  customFieldRestored,
  customFieldRetired,
  type Field,
  type Fields,
  withEvent,
} from './custom-field.events.js';
import {
  changeCustomField,
  createCustomField,
  customFieldCommands,
  restoreCustomField,
  retireCustomField,
} from './custom-field.operations.js';
import { customField } from './custom-field.record.js';

/*
 * The custom fields of a tenant.
 * - A key has one kind for ever in a record type: a retired field keeps it, so that its values can always be read and compared.
 * - A record type has at most 100, retired ones included.
 * - Only a choice has choices, and it has some.
 * - Personal data is only for records that are sealed for a person: elsewhere nobody could erase it.
 */
/** The record types that take custom fields: what one is called, and whether it is sealed for a person. */
export type RecordTypes = ReadonlyMap<string, { readonly one: string; readonly personal: boolean }>;
type Definition = Pick<Field, 'recordType' | 'key' | 'kind'> & {
  readonly choices?: readonly string[] | null | undefined;
  readonly personal?: boolean;
};

const invalid = (at: string, message: string) => fieldInvalid('customization.custom-field-invalid', at, message);

function unfit({ recordType, personal }: Definition, types: RecordTypes): Rejection | null {
  const type = types.get(recordType);
  if (!type) return invalid('recordType', `Records of the type ${recordType} take no custom fields.`);
  return personal && !type.personal
    ? invalid(
        'personal',
        `No ${type.one} is sealed for a person, so personal data in it could not be erased. Leave the mark out, and enter none.`,
      )
    : null;
}

const unfitChoices = ({ kind, choices }: Definition): Rejection | null => {
  const has = (choices ?? []).length > 0;
  if (kind === 'choice' && !has) return invalid('choices', 'Name what can be chosen.');
  return kind !== 'choice' && has ? invalid('choices', 'Only a choice has choices. Leave them out.') : null;
};

function taken({ recordType, key }: Definition, state: Fields): Rejection | null {
  const others = [...state.values()].filter((one) => one.recordType === recordType);
  const same = others.find((one) => one.key === key);
  if (same) {
    const way = same.status === 'retired' ? 'Restore it' : 'Change it';
    return recordExists(customField, 'key', `${key} is the key of ${same.label} already. ${way}, or use another key.`, {
      id: same.id,
    });
  }
  return others.length < mostCustomFields
    ? null
    : reject(
        'customization.custom-field-too-many',
        `There are ${mostCustomFields} custom fields for this record type, the most there can be. Change one of them.`,
      );
}

const rules: RulesOf<typeof customFieldCommands, Fields, CustomFieldEvent, RecordTypes> = {
  'customization.custom-field.create': (input, state, context, types) =>
    decideRecord(
      createCustomField,
      customFieldEvents,
      null,
      input,
      context,
      (asked) => unfit(asked, types) ?? unfitChoices(asked) ?? taken(asked, state) ?? customFieldCreated.of(asked),
    ),
  'customization.custom-field.change': (input, state, context) => {
    const known = state.get(input.id) ?? null;
    return decideRecord(
      changeCustomField,
      customFieldEvents,
      known,
      input,
      context,
      (asked) => (known && unfitChoices({ ...known, ...asked })) ?? customFieldChanged.of(asked),
    );
  },
  'customization.custom-field.retire': (input, state, context) =>
    decideRecord(
      retireCustomField,
      customFieldEvents,
      state.get(input.id) ?? null,
      input,
      context,
      customFieldRetired.of,
    ),
  'customization.custom-field.restore': (input, state, context) =>
    decideRecord(
      restoreCustomField,
      customFieldEvents,
      state.get(input.id) ?? null,
      input,
      context,
      customFieldRestored.of,
    ),
};

const fold =
  <T extends CustomFieldEvent['type']>(type: T) =>
  (state: Fields, data: EventsOf<typeof customFieldEvents>['data']): Fields =>
    withEvent(state, { type, data } as CustomFieldEvent);
const folds: FoldsOf<CustomFieldEvent, Fields> = {
  'customization.custom-field-created': fold('customization.custom-field-created'),
  'customization.custom-field-changed': fold('customization.custom-field-changed'),
  'customization.custom-field-retired': fold('customization.custom-field-retired'),
  'customization.custom-field-restored': fold('customization.custom-field-restored'),
};

export const customFieldDecider = deciderOf<typeof customFieldCommands, Fields, CustomFieldEvent, RecordTypes>({
  commands: customFieldCommands,
  initial: new Map(),
  rules,
  folds,
});
