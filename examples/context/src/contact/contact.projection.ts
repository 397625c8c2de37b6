import { answers, projectionOf, recordTable } from '@daybook/projections';
import { contactEvents } from './contact.events.js';
import { listContacts, readContact } from './contact.operations.js';
import { contact } from './contact.record.js';

export const contacts = recordTable(contact, [listContacts]);
export const contactProjection = projectionOf(contacts, contactEvents);
export const contactAnswers = [answers(listContacts, contacts), answers(readContact, contacts)];
