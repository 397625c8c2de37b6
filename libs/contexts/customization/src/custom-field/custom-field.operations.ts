import { act, change, create, listOf, query, readOf } from '@daybook/kernel';
import * as z from 'zod';
import { customField } from './custom-field.record.js';

export const createCustomField = create(customField);
export const changeCustomField = change(customField, { when: { status: 'active' } });
export const retireCustomField = act(customField, 'retire', {
  says: 'retired',
  icon: 'archive',
  when: { status: 'active' },
  undo: 'restore',
});
export const restoreCustomField = act(customField, 'restore', {
  says: 'restored',
  icon: 'archive-restore',
  when: { status: 'retired' },
  undo: 'retire',
});
export const customFieldCommands = [
  createCustomField,
  changeCustomField,
  retireCustomField,
  restoreCustomField,
] as const;

export const listCustomFields = listOf(customField, {
  text: ['label', 'key'],
  filters: ['recordType', 'kind', 'status'],
  sorts: ['label', 'recordType', 'position'],
  whole: true,
  scope: 'caller',
  delegated: true,
});
export const readCustomField = readOf(customField, { scope: 'caller', delegated: true });

export const listRecordTypes = query('customization.record-type.list', {
  title: 'List the record types that take custom fields',
  http: 'GET /v1/customization/record-types',
  permission: 'customization.custom-field.read',
  scope: 'caller',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z
        .object({
          name: z.string(),
          title: z.string(),
          personal: z.boolean().describe('Its records are about a person, so fields may be personal data'),
        })
        .meta({ id: 'CustomizableRecordType' }),
    ),
  }),
  rows: 'items',
});
