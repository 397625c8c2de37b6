import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import { invitationAccepted, invitationSent, invitationWithdrawn } from './invitation.events.js';
import { invitationProjection } from './invitation.projection.js';

const [one, two, kari] = ['1', '2', '3'].map((n) => `0190a1b2-0000-7000-8000-0000000000c${n}`) as [
  string,
  string,
  string,
];
const data = (invitationId: string) => ({
  invitationId,
  email: 'kari@example.org',
  role: 'Vendor',
  companyId: two,
  party: { type: 'supplier', id: '10021' } as const,
  until: '2026-12-31',
  expiresAt: '2026-04-14T12:00:00Z',
});
const version = (id: string, version: number) => ({ meta: { record: { type: 'identity.invitation', id, version } } });
const sent = [recorded(invitationSent, data(one)), recorded(invitationSent, data(two))];

describe('the invitations read model', () => {
  it('contains who was invited, by whom and with which role', () => {
    const rows = rowsAfter(invitationProjection, sent);
    expect(rows['invitations']).toHaveLength(2);
    expect(rows['invitations']).toMatchObject([
      {
        invitationId: one,
        email: 'kari@example.org',
        role: 'Vendor',
        status: 'sent',
        sentBy: 'ingrid',
        closedAt: null,
      },
      { invitationId: two },
    ]);
  });

  it('has the outcome of each', () => {
    const rows = rowsAfter(invitationProjection, [
      ...sent,
      recorded(invitationWithdrawn, { invitationId: one, replacedBy: two }, version(one, 2)),
      recorded(invitationAccepted, { invitationId: two, personId: kari }, version(two, 2)),
    ]);
    expect(rows['invitations']).toMatchObject([
      { invitationId: one, status: 'withdrawn', closedAt: '2026-03-31T12:00:00Z', version: 2 },
      { invitationId: two, personId: kari, status: 'accepted', closedAt: '2026-03-31T12:00:00Z', version: 2 },
    ]);
  });

  it('has no address once it is erased, and no person before it is accepted', () => {
    const rows = rowsAfter(invitationProjection, [recorded(invitationSent, { ...data(one), email: null } as never)]);
    expect(rows['invitations']).toMatchObject([{ email: null, personId: null }]);
  });
});
