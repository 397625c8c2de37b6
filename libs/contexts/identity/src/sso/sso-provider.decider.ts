import { accept, assertNever, type Decider, type EventsOf, reject } from '@daybook/kernel';
import { type SsoProviderEvent, ssoProviderRemoved, ssoProviderSet } from './sso-provider.events.js';
import type { SsoProviderCommand } from './sso-provider.internal.js';

/* Invariants: a removed provider returns only by being set up again; it is removed once; a change that was based on an
   older version is rejected. */
export type SsoProviderState =
  | { readonly status: 'absent' | 'removed'; readonly version: number }
  | { readonly status: 'set'; readonly settings: EventsOf<[typeof ssoProviderSet]>['data']; readonly version: number };

export const ssoProviderDecider: Decider<SsoProviderState, SsoProviderCommand, SsoProviderEvent> = {
  initial: { status: 'absent', version: 0 },

  decide(command, state) {
    const { providerId } = command.input;
    switch (command.name) {
      case 'identity.sso-provider.record': {
        const { version, ...settings } = command.input;
        return version === state.version
          ? accept(providerId, state.version + 1, ssoProviderSet.of(settings))
          : reject(
              'identity.sso-provider-changed',
              'The SSO provider was changed in the meantime. Review it and submit your change again.',
            );
      }
      case 'identity.sso-provider.retire':
        return state.status === 'set'
          ? accept(providerId, state.version + 1, ssoProviderRemoved.of({ providerId, label: state.settings.label }))
          : reject('identity.sso-provider-not-found', 'There is no such SSO provider.', { status: 404 });
      default:
        return assertNever(command);
    }
  },

  evolve(state, event) {
    const version = state.version + 1;
    switch (event.type) {
      case 'identity.sso-provider-set':
        return { status: 'set', settings: event.data, version };
      case 'identity.sso-provider-removed':
        return { status: 'removed', version };
      default:
        return assertNever(event);
    }
  },
};
