import { accept, assertNever, type Decider, type EventsOf, reject } from '@daybook/kernel';
import { type ProviderEvent, providerRemoved, providerSet } from './provider.events.js';
import type { ProviderCommand } from './provider.operations.js';

/* Invariants: a provider that was removed comes back only by being set up again; it is removed once; what was asked of
   one version does not undo what made the next. */
export type ProviderState =
  | { readonly status: 'absent' | 'removed'; readonly version: number }
  | { readonly status: 'set'; readonly settings: EventsOf<[typeof providerSet]>['data']; readonly version: number };

export const providerDecider: Decider<ProviderState, ProviderCommand, ProviderEvent> = {
  initial: { status: 'absent', version: 0 },

  decide(command, state) {
    const { providerId } = command.input;
    switch (command.name) {
      case 'identity.provider.record': {
        const { version, ...settings } = command.input;
        return version === state.version
          ? accept(providerId, state.version + 1, providerSet.of(settings))
          : reject('identity.provider-changed', 'The sign-in provider was changed meanwhile. Look at it and ask anew.');
      }
      case 'identity.provider.retire':
        return state.status === 'set'
          ? accept(providerId, state.version + 1, providerRemoved.of({ providerId, label: state.settings.label }))
          : reject('identity.provider-missing', 'There is no such sign-in provider.', { status: 404 });
      default:
        return assertNever(command);
    }
  },

  evolve(state, event) {
    const version = state.version + 1;
    switch (event.type) {
      case 'identity.provider-set':
        return { status: 'set', settings: event.data, version };
      case 'identity.provider-removed':
        return { status: 'removed', version };
      default:
        return assertNever(event);
    }
  },
};
