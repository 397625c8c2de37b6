import { deciding, versioned } from '@daybook/projections/testing/given';
import { ssoProviderDecider } from './sso-provider.decider.js';
import { type SsoProviderEvent, ssoProviderRemoved, ssoProviderSet } from './sso-provider.events.js';
import type { SsoProviderCommand } from './sso-provider.internal.js';

const providerId = '0190a1b2-0000-7000-8000-0000000000e1';
const settings = {
  providerId,
  label: 'Fjord login',
  issuer: 'https://login.example.org',
  clientId: 'daybook',
  domains: ['fjord.example'],
  emailClaim: 'email' as const,
  trustsAddresses: false,
};
const set = ssoProviderSet.of(settings);
const removed = ssoProviderRemoved.of({ providerId, label: 'Fjord login' });
const record = (version: number): SsoProviderCommand => ({
  name: 'identity.sso-provider.record',
  input: { ...settings, version },
});
const retire: SsoProviderCommand = { name: 'identity.sso-provider.retire', input: { providerId } };

const decisions = deciding(ssoProviderDecider);
const given = (...events: SsoProviderEvent[]) => ({
  when: (command: SsoProviderCommand) => versioned(decisions.given(...events).whenSent(command)),
});

describe('a sign-in provider', () => {
  it('is set up, and set up again', () => {
    expect(given().when(record(0))).toEqual({ version: 1, events: [set] });
    expect(given(set).when(record(1))).toEqual({ version: 2, events: [set] });
    expect(given(set, removed).when(record(2))).toEqual({ version: 3, events: [set] });
  });

  it('rejects settings that are based on an older version', () => {
    expect(given(set, set).when(record(1))).toBe('identity.sso-provider-changed');
  });

  it('is removed once, while it exists', () => {
    expect(given().when(retire)).toBe('identity.sso-provider-not-found');
    expect(given(set).when(retire)).toEqual({ version: 2, events: [removed] });
    expect(given(set, removed).when(retire)).toBe('identity.sso-provider-not-found');
  });
});
