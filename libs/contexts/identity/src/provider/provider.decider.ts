import { accept, assertNever, type Decider, reject } from '@daybook/kernel';
import { type ProviderEvent, providerRemoved, providerSet } from './provider.events.js';
import type { ProviderCommand } from './provider.operations.js';

/* Invariants: a provider that was removed comes back only by being set up again; it is removed once. */
export type ProviderState =
  | { readonly status: 'absent' | 'removed'; readonly version: number }
  | { readonly status: 'set'; readonly label: string; readonly version: number };

export const providerDecider: Decider<ProviderState, ProviderCommand, ProviderEvent> = {
  initial: { status: 'absent', version: 0 },

  decide(command, state) {
    const { providerId } = command.input;
    switch (command.name) {
      case 'identity.provider.record':
        return accept(providerId, state.version + 1, providerSet.of(command.input));
      case 'identity.provider.retire':
        return state.status === 'set'
          ? accept(providerId, state.version + 1, providerRemoved.of({ providerId, label: state.label }))
          : reject('identity.provider-missing', 'There is no such sign-in provider.', { status: 404 });
      default:
        return assertNever(command);
    }
  },

  evolve(state, event) {
    const version = state.version + 1;
    switch (event.type) {
      case 'identity.provider-set':
        return { status: 'set', label: event.data.label, version };
      case 'identity.provider-removed':
        return { status: 'removed', version };
      default:
        return assertNever(event);
    }
  },
};
