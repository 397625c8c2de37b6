import { face } from '@daybook/kernel';
import { contact } from './contact/contact.record.js';
import { contactView } from './contact/contact.view.js';

export const crm = face('crm', {
  title: 'Customers',
  icon: 'handshake',
  records: [contact],
  views: [contactView],
  roles: { Admin: ['crm.*'], Accountant: ['crm.*.read'], Auditor: ['crm.*.read', 'crm.contact.read-all'] },
});
export * from './contact/contact.events.js';
export * from './contact/contact.operations.js';
