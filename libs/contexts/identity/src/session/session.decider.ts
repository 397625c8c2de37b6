import { accept, assertNever, type Decider, reject } from '@daybook/kernel';
import { sessionEnded, type SessionEvent, sessionOpened } from './session.events.js';
import type { SessionCommand } from './session.internal.js';

/*
 * Invariants: a session opens once in a tenant and ends once. A repeat is accepted without a new event, because the rows
 * decide and the record follows them.
 */
export type SessionState =
  | { readonly status: 'absent' }
  | { readonly status: 'open'; readonly personId: string }
  | { readonly status: 'ended'; readonly personId: string };

export const sessionDecider: Decider<SessionState, SessionCommand, SessionEvent> = {
  initial: { status: 'absent' },

  decide(command, state) {
    const { sessionId } = command.input;
    switch (command.name) {
      case 'identity.session.begin':
        if (state.status === 'ended') {
          return reject('identity.session-ended', 'The session has ended.', { status: 401 });
        }
        return state.status === 'open' ? accept(sessionId, 1) : accept(sessionId, 1, sessionOpened.of(command.input));
      case 'identity.session.finish':
        if (state.status === 'absent') {
          return reject('identity.session-not-found', 'There is no such session.', { status: 404 });
        }
        if (state.status === 'ended') return accept(sessionId, 2);
        return accept(
          sessionId,
          2,
          sessionEnded.of({ sessionId, personId: state.personId, reason: command.input.reason }),
        );
      default:
        return assertNever(command);
    }
  },

  evolve(_state, event) {
    switch (event.type) {
      case 'identity.session-opened':
        return { status: 'open', personId: event.data.personId };
      case 'identity.session-ended':
        return { status: 'ended', personId: event.data.personId };
      default:
        return assertNever(event);
    }
  },
};
