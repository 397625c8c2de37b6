import { related, viewOf } from '@daybook/kernel';
import {
  archiveContact,
  changeContact,
  createContact,
  listContacts,
  readContact,
  restoreContact,
} from './contact.operations.js';

export const contactView = viewOf(listContacts, {
  columns: ['name', 'title', 'manager', 'email', 'owner', 'status'],
  saved: [{ name: 'Mine', where: { owner: 'me' } }],
  record: {
    read: readContact,
    facts: ['title', 'manager', 'phone', 'email', 'owner', 'language'],
    sections: [
      related(listContacts, {
        label: 'Reports',
        by: 'manager',
        columns: ['name', 'title'],
        empty: 'Nobody reports to this contact.',
      }),
    ],
  },
  actions: { create: createContact, row: [changeContact, archiveContact, restoreContact], bulk: [archiveContact] },
  empty: 'Nobody yet. Add the first contact.',
});
