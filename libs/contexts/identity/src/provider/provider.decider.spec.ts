import { isRejection } from '@daybook/kernel';
import { providerDecider } from './provider.decider.js';
import { type ProviderEvent, providerRemoved, providerSet } from './provider.events.js';
import type { ProviderCommand } from './provider.operations.js';

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
const set = providerSet.of(settings);
const removed = providerRemoved.of({ providerId, label: 'Fjord login' });
const record = (version: number): ProviderCommand => ({
  name: 'identity.provider.record',
  input: { ...settings, version },
});
const retire: ProviderCommand = { name: 'identity.provider.retire', input: { providerId } };

const given = (...events: ProviderEvent[]) => ({
  when: (command: ProviderCommand) => {
    const state = events.reduce(
      (s, e, revision) => providerDecider.evolve(s, e, { revision }),
      providerDecider.initial,
    );
    const context = {
      now: '2026-01-01T00:00:00Z',
      tenant: providerId,
      actor: 'ingrid',
      commandId: 'c',
      newId: 'n',
      expectedVersion: null,
      reason: null,
    };
    const decision = providerDecider.decide(command, state, context, undefined);
    return isRejection(decision) ? decision.code : { version: decision.version, events: [...decision.events] };
  },
});

describe('a sign-in provider', () => {
  it('is set up, and set up anew', () => {
    expect(given().when(record(0))).toEqual({ version: 1, events: [set] });
    expect(given(set).when(record(1))).toEqual({ version: 2, events: [set] });
    expect(given(set, removed).when(record(2))).toEqual({ version: 3, events: [set] });
  });

  it('is not set back by settings that were asked for before it was changed', () => {
    expect(given(set, set).when(record(1))).toBe('identity.provider-changed');
  });

  it('is removed once, while it is there', () => {
    expect(given().when(retire)).toBe('identity.provider-missing');
    expect(given(set).when(retire)).toEqual({ version: 2, events: [removed] });
    expect(given(set, removed).when(retire)).toBe('identity.provider-missing');
  });
});
