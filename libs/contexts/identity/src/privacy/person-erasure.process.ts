import { process, send } from '@daybook/kernel';
import { erasureBegun } from './privacy.events.js';
import { eraseAlias, eraseKept } from './privacy.internal.js';

/** Erases a person in one tenant, once that has begun. The engine empties read models with the event itself. */
export const personErasure = process('identity.person-erasure', {
  title: 'Erase people',
  version: 1,
  on: (when) => [
    when(erasureBegun, 'personId', ({ data: { personId, aliases = [], reason } }) => [
      ...aliases.map((subject) => send(`erase ${subject}`, eraseAlias, { subject, reason })),
      send('erase what is kept', eraseKept, { personId }),
    ]),
  ],
});
