import { deciding, versioned } from '@daybook/projections/testing/given';
import { personDecider } from '../person.decider.js';
import { type PersonEvent, personRegistered, platformTenant } from '../person.events.js';
import type { PersonCommand } from '../person.internal.js';

/* Given events, when a command, then events or the code of a rejection: the way a person's own record is specified. */
export const personId = '0190a1b2-0000-7000-8000-0000000000c1';
export const registered = personRegistered.of({ personId, name: 'Kari', email: 'kari@example.org' });

const decisions = deciding(personDecider, { tenant: platformTenant, facts: { personId } });
export const given = (...events: PersonEvent[]) => ({
  when: (command: PersonCommand, actor = 'set-up') =>
    versioned(decisions.given(...events).whenSent(command, { actor })),
});
