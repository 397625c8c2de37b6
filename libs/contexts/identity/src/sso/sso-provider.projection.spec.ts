import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import { ssoProviderRemoved, ssoProviderSet } from './sso-provider.events.js';
import { ssoProviderProjection } from './sso-provider.projection.js';

const providerId = '0190a1b2-0000-7000-8000-0000000000e1';
const settings = {
  providerId,
  label: 'Fjord login',
  issuer: 'https://login.example.org',
  clientId: 'daybook',
  domains: ['fjord.example'],
};
const version = (version: number, recordedAt = '2026-03-31T12:00:00Z') => ({
  recordedAt,
  meta: { record: { type: 'identity.sso-provider', id: providerId, version } },
});

describe('the providers read model', () => {
  it('contains each provider with its current settings, and since when it exists', () => {
    const rows = rowsAfter(ssoProviderProjection, [
      recorded(ssoProviderSet, settings, version(1)),
      recorded(ssoProviderSet, { ...settings, label: 'Fjord', domains: [] }, version(2, '2026-04-01T12:00:00Z')),
    ]);
    expect(rows['sso_providers']).toEqual([
      expect.objectContaining({ ...settings, label: 'Fjord', domains: [], since: '2026-03-31T12:00:00Z', version: 2 }),
    ]);
    expect(rows['sso_providers']).toMatchObject([{ emailClaim: 'email', trustsAddresses: false }]);
  });

  it('contains which claim identifies a person, and whether unverified addresses are accepted', () => {
    const trusted = { ...settings, emailClaim: 'upn' as const, trustsAddresses: true };
    const set = recorded(ssoProviderSet, trusted, version(1));
    for (const events of [[set], [set, set]]) {
      expect(rowsAfter(ssoProviderProjection, events)['sso_providers']).toMatchObject([
        { emailClaim: 'upn', trustsAddresses: true },
      ]);
    }
    const anew = recorded(ssoProviderSet, settings, version(2));
    expect(rowsAfter(ssoProviderProjection, [set, anew])['sso_providers']).toMatchObject([{ trustsAddresses: false }]);
  });

  it('removes a provider', () => {
    const removed = recorded(ssoProviderRemoved, { providerId, label: 'Fjord login' }, version(2));
    expect(
      rowsAfter(ssoProviderProjection, [recorded(ssoProviderSet, settings, version(1)), removed])['sso_providers'],
    ).toEqual([]);
  });
});
