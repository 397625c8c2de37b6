import { expectGolden } from '@daybook/event-store/testing/golden';
import { emailChanged } from '../email-link/email.events.js';
import { ssoProviderEvents, ssoProviderRemoved, ssoProviderSet } from '../sso/sso-provider.events.js';
import { invitationAccepted, invitationEvents, invitationSent, invitationWithdrawn } from './invitation.events.js';

const [invitationId, personId, companyId, providerId] = [1, 2, 3, 4].map(
  (n) => `0190a1b2-0000-7000-8000-0000000000d${n}`,
) as [string, string, string, string];
const invited = { invitationId, email: 'kari@example.org', expiresAt: '2026-04-14T12:00:00Z' };
const provider = {
  providerId,
  label: 'Fjord login',
  issuer: 'https://login.example.org',
  clientId: 'daybook',
  domains: ['fjord.example', 'fjord.example.net'],
};

const samples = [
  () =>
    expectGolden(invitationSent, [
      { ...invited, role: 'Staff', companyId: null, party: null, until: null },
      { ...invited, role: 'Vendor', companyId, party: { type: 'supplier', id: '10021' }, until: '2026-12-31' },
    ]),
  () =>
    expectGolden(invitationWithdrawn, [
      { invitationId, replacedBy: null },
      { invitationId, replacedBy: companyId },
    ]),
  () => expectGolden(invitationAccepted, [{ invitationId, personId }]),
  () => expectGolden(ssoProviderSet, [provider, { ...provider, domains: [] }]),
  () => expectGolden(ssoProviderRemoved, [{ providerId, label: provider.label }]),
  () => expectGolden(emailChanged, [{ personId, email: 'kari@example.com' }]),
];

describe('events of invitations, providers and addresses', () => {
  it('keep their stored format', () => {
    expect(samples).toHaveLength(invitationEvents.length + ssoProviderEvents.length + 1);
    for (const sample of samples) sample();
  });
});
