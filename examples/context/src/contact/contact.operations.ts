import { act, change, create, listOf, readOf } from '@daybook/kernel';
import { contact } from './contact.record.js';

export const createContact = create(contact);
export const changeContact = change(contact, { when: { status: 'active' } });
export const archiveContact = act(contact, 'archive', { says: 'archived', icon: 'archive', undo: 'restore' });
export const restoreContact = act(contact, 'restore', {
  says: 'restored',
  icon: 'archive-restore',
  when: { status: 'archived' },
  undo: 'archive',
});
export const contactCommands = [createContact, changeContact, archiveContact, restoreContact] as const;

export const listContacts = listOf(contact, {
  text: ['name', 'email'],
  filters: ['manager', 'owner', 'language', 'status'],
  sorts: ['name', 'title'],
});
export const readContact = readOf(contact);
