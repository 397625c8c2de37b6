import { aggregate, reject } from '@daybook/kernel';
import { contactArchived, contactChanged, contactCreated, contactEvents, contactRestored } from './contact.events.js';
import { contactCommands } from './contact.operations.js';
import { contact } from './contact.record.js';

/*
 * A contact.
 * - Archived contacts are not changed; they are restored first (`when` of the commands).
 * - Nobody reports to themselves.
 */
export const contactAggregate = aggregate(contact, {
  commands: contactCommands,
  events: contactEvents,
  rules: {
    create: contactCreated.of,
    change: (input) =>
      input.manager === input.id
        ? reject('crm.contact-own-manager', 'Nobody reports to themselves. Choose somebody else, or leave it empty.')
        : contactChanged.of(input),
    archive: contactArchived.of,
    restore: contactRestored.of,
  },
});
