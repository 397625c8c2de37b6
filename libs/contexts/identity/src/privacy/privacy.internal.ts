import { command, type CommandOf } from '@daybook/kernel';
import * as z from 'zod';
import { erasedPlace } from './privacy.events.js';
import { erasePerson, type privacyCommands } from './privacy.operations.js';

/* Steps that only the product itself takes. Their routes are names, and never served. */
const { personId, reason } = erasePerson.input.shape;

export const eraseKept = command('identity.erasure.erase-kept', {
  title: 'Erase what is kept about a person beside the read models, and their keys',
  http: 'POST /v1/identity/erasures/{personId}/kept',
  says: 'erased what was kept about a person',
  input: z.object({ personId }),
});
export const eraseAlias = command('identity.alias.erase', {
  title: 'Erase an address that is kept under an alias',
  http: 'POST /v1/identity/aliases/{subject}/erasure',
  says: 'erased an invitation: {reason}',
  input: z.object({ subject: z.uuid(), reason }),
});
export const finishErasure = command('identity.erasure.finish', {
  title: 'Finish erasing a person',
  http: 'POST /v1/identity/erasures/{personId}/finish',
  says: 'made {events} events unreadable',
  input: z.object({ personId, positions: z.array(z.string()), events: z.int(), places: z.array(erasedPlace) }),
});
export const privacySteps = [eraseAlias, finishErasure] as const;
export type PrivacyCommand = CommandOf<(typeof privacyCommands)[number] | (typeof privacySteps)[number]>;
