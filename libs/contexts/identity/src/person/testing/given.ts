import { isRejection } from '@daybook/kernel';
import { personDecider, type PersonState } from '../person.decider.js';
import { type PersonEvent, personRegistered, platformTenant } from '../person.events.js';
import type { PersonCommand } from '../person.internal.js';

/* Given events, when a command, then events or the code of a rejection: the way a person's own record is specified. */
export const personId = '0190a1b2-0000-7000-8000-0000000000c1';
export const registered = personRegistered.of({ personId, name: 'Kari', email: 'kari@example.org' });

export const given = (...events: PersonEvent[]) => ({
  when: (command: PersonCommand, actor = 'set-up') => {
    const state = events.reduce<PersonState>(
      (s, e, revision) => personDecider.evolve(s, e, { revision }),
      personDecider.initial,
    );
    const context = {
      now: '2026-01-01T00:00:00Z',
      tenant: platformTenant,
      actor,
      commandId: 'c',
      newId: 'n',
      expectedVersion: null,
      reason: null,
    };
    const decision = personDecider.decide(command, state, context, { personId });
    return isRejection(decision) ? decision.code : { version: decision.version, events: [...decision.events] };
  },
});
