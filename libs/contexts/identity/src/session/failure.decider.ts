import { accept, type Decider } from '@daybook/kernel';
import { type FailureEvent, signInFailed } from './session.events.js';
import type { FailureCommand } from './session.operations.js';

/** Facts that are counted elsewhere and kept here; a repeat is recognised by its command id. */
export const failureDecider: Decider<null, FailureCommand, FailureEvent> = {
  initial: null,
  decide: ({ input }) => accept(input.identifier, 1, signInFailed.of(input)),
  evolve: (state) => state,
};
