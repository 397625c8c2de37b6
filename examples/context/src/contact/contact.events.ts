import { changed, created, eventOf } from '@daybook/kernel';
import { contact } from './contact.record.js';

export const contactCreated = created(contact);
export const contactChanged = changed(contact);
export const contactArchived = eventOf(contact, 'archived', { sets: { status: 'archived' } });
export const contactRestored = eventOf(contact, 'restored', { sets: { status: 'active' } });
export const contactEvents = [contactCreated, contactChanged, contactArchived, contactRestored] as const;
