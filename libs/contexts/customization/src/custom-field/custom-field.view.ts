import { type FilterDeclaration, viewOf } from '@daybook/kernel';
import {
  changeCustomField,
  createCustomField,
  listCustomFields,
  listRecordTypes,
  restoreCustomField,
  retireCustomField,
} from './custom-field.operations.js';

const types: NonNullable<FilterDeclaration['choices']> = { query: listRecordTypes, value: 'name', label: 'title' };

const declared = viewOf(listCustomFields, {
  columns: ['label', 'recordType', 'key', 'kind', 'choices', 'required', 'personal', 'position', 'status'],
  hidden: ['choices', 'personal', 'position'],
  saved: [{ name: 'In use', where: { status: 'active' } }],
  actions: { create: createCustomField, row: [changeCustomField, retireCustomField, restoreCustomField] },
  empty: 'No record has custom fields. Add the first one: it is then asked for in forms, and shown in lists.',
});
const create = declared.actions.create?.action;

/** The record types are known to the server alone. */
export const customFieldView: typeof declared = {
  ...declared,
  filters: declared.filters.map((one) => (one.field === 'recordType' ? { ...one, choices: types } : one)),
  actions: {
    ...declared.actions,
    ...(create && {
      create: {
        label: 'New custom field',
        action: {
          ...create,
          ask: {
            ...create.ask,
            recordType: { label: 'Record', as: 'choice' as const, required: true, choices: types },
          },
        },
      },
    }),
  },
};
