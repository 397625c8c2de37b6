import { accept, type Decider } from '@daybook/kernel';
import { type FailedSignInEvent, signInFailed } from './session.events.js';
import type { FailedSignInCommand } from './session.internal.js';

/** Records counts that were made elsewhere; a retry is recognised by its command id (idempotency). */
export const failedSignInDecider: Decider<null, FailedSignInCommand, FailedSignInEvent> = {
  initial: null,
  decide: ({ input }) => accept(input.identifier, 1, signInFailed.of(input)),
  evolve: (state) => state,
};
