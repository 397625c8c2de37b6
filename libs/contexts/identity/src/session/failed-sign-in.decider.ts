import { accept, type Decider } from '@daybook/kernel';
import { type FailedSignInEvent, signInFailed } from './session.events.js';
import type { FailedSignInCommand } from './session.operations.js';

/** Facts that are counted elsewhere and kept here; a repeat is recognised by its command id. */
export const failedSignInDecider: Decider<null, FailedSignInCommand, FailedSignInEvent> = {
  initial: null,
  decide: ({ input }) => accept(input.identifier, 1, signInFailed.of(input)),
  evolve: (state) => state,
};
