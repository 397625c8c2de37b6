/* The published face of customization: what a tenant adds to the records of the product. Browser-safe. */
import { face } from '@daybook/kernel';
import { customField } from './custom-field/custom-field.record.js';
import { customFieldView } from './custom-field/custom-field.view.js';

export const customization = face('customization', {
  title: 'Custom fields',
  icon: 'list-filter',
  administers: true,
  roles: {
    Admin: ['customization.*'],
    Accountant: ['customization.*.read'],
    Staff: ['customization.*.read'],
    Auditor: ['customization.*.read'],
  },
  records: [customField],
  views: [customFieldView],
});
export * from './custom-field/custom-field.events.js';
export * from './custom-field/custom-field.operations.js';
