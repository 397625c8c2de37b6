import { accept, assertNever, type Decider, reject } from '@daybook/kernel';
import { credentialChanged, personRenamed } from '../mfa/mfa.events.js';
import { emailChanged } from '../email-link/email.events.js';
import { personErased, type PersonEvent, personRegistered, tenantJoined } from './person.events.js';
import type { PersonCommand } from './person.internal.js';

/*
 * Invariants: a person is registered once, under an id that is passed in (derived from the keyed hash of the first e-mail
 * address); a person joins a tenant once; nothing happens to a person after erasure. That no two people sign in with one
 * address is ensured by a unique index.
 */
export type PersonState =
  | { readonly status: 'absent' }
  | { readonly status: 'erased'; readonly version: number }
  | { readonly status: 'registered'; readonly tenants: readonly string[]; readonly version: number };

export interface PersonFacts {
  readonly personId: string;
}

const noPerson = () => reject('identity.person-not-found', 'There is no such person.', { status: 404 });

export const personDecider: Decider<PersonState, PersonCommand, PersonEvent, PersonFacts> = {
  initial: { status: 'absent' },

  decide(command, state, _context, { personId }) {
    if (state.status === 'erased') {
      return command.name === 'identity.person.forget'
        ? accept(personId, state.version)
        : reject('identity.person-erased', 'This person was erased, so nothing can be added to them.');
    }
    switch (command.name) {
      case 'identity.person.register':
        return state.status === 'absent'
          ? accept(personId, 1, personRegistered.of({ ...command.input, personId }))
          : reject('identity.person-exists', 'A person with this e-mail address already exists.');
      case 'identity.person.join': {
        if (state.status === 'absent') return noPerson();
        const { tenantId } = command.input;
        return state.tenants.includes(tenantId)
          ? reject('identity.tenant-joined', 'The person can already sign in to this tenant.')
          : accept(personId, state.version + 1, tenantJoined.of({ personId, tenantId }));
      }
      case 'identity.person.forget':
        // Also a person who was invited and never came: their id must not be used again, because its key is gone.
        return accept(personId, state.status === 'absent' ? 1 : state.version + 1, personErased.of({ personId }));
      case 'identity.email.change':
        return state.status === 'absent'
          ? noPerson()
          : accept(personId, state.version + 1, emailChanged.of(command.input));
      case 'identity.credential.record':
        return state.status === 'absent'
          ? noPerson()
          : accept(personId, state.version + 1, credentialChanged.of(command.input));
      case 'identity.person.rename':
        return state.status === 'absent'
          ? noPerson()
          : accept(personId, state.version + 1, personRenamed.of(command.input));
      default:
        return assertNever(command);
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'identity.person-registered':
        return { status: 'registered', tenants: [], version: 1 };
      case 'identity.tenant-joined':
        return state.status !== 'registered'
          ? state
          : { ...state, tenants: [...state.tenants, event.data.tenantId], version: state.version + 1 };
      case 'identity.email-changed':
      case 'identity.credential-changed':
      case 'identity.person-renamed':
        return state.status === 'absent' ? state : { ...state, version: state.version + 1 };
      case 'identity.person-erased':
        return { status: 'erased', version: (state.status === 'absent' ? 0 : state.version) + 1 };
      default:
        return assertNever(event);
    }
  },
};
