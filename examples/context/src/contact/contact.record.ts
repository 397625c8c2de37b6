import { field, record } from '@daybook/kernel';

/** A person whom a company deals with: personal data of their own, sealed under a key of their own. */
export const contact = record('crm.contact', {
  one: 'contact',
  many: 'contacts',
  icon: 'contact',
  key: 'P',
  calledBy: 'name',
  seenBy: ['owner'],
  fields: {
    name: field.text('Name', { personal: true }),
    email: field.email('E-mail', { optional: true, personal: true, guarded: true, unique: 'tenant' }),
    phone: field.phone('Phone', { optional: true, personal: true, guarded: true }),
    title: field.text('Title', { optional: true, max: 100 }),
    manager: field.reference('Reports to', 'crm.contact', { optional: true }),
    owner: field.person('Owner', { default: 'caller' }),
    language: field.choice('Language', { nb: 'Norwegian', en: 'English', de: 'German' }, { optional: true }),
    status: field.status('Status', { active: null, archived: { icon: 'archive' } }),
    custom: field.custom({ personal: true }),
  },
});
