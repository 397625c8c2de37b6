import { customKey, customKinds, field, mostChoices, record } from '@daybook/kernel';
import * as z from 'zod';

const choices = z
  .array(
    z
      .string()
      .trim()
      .min(1)
      .max(100)
      .regex(/^[^,\n]+$/, 'A choice has no comma.'),
  )
  .max(mostChoices)
  .refine((words) => new Set(words).size === words.length, 'Each choice is named once.');

/** A field that the tenant adds to the records of one type. */
export const customField = record('customization.custom-field', {
  one: 'custom field',
  many: 'custom fields',
  icon: 'list-filter',
  calledBy: 'label',
  type: 'CustomField',
  fields: {
    recordType: field.own('code', 'Record', z.string().max(60), { fixed: true }),
    label: field.text('Label', { max: 60 }),
    key: field.own('code', 'Key', customKey, {
      fixed: true,
      hint: 'What programs and files call it, like costCentre. It stays.',
    }),
    kind: field.choice('Kind', customKinds, { fixed: true }),
    choices: field.own('note', 'Choices', choices, {
      optional: true,
      hint: 'Of a choice: one in each line. What was chosen before stays.',
    }),
    required: field.yesNo('Required', { default: false, hint: 'New records must have it.' }),
    personal: field.yesNo('Personal data', {
      default: false,
      fixed: true,
      hint: 'Only of records that are about a person: it is erased with them.',
    }),
    position: field.whole('Order', { max: 999, default: 0 }),
    status: field.status('Status', { active: null, retired: { icon: 'archive' } }),
  },
});
