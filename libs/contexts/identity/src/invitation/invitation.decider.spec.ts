import { deciding, outcome } from '@daybook/projections/testing/given';
import { invitationDecider } from './invitation.decider.js';
import { invitationAccepted, type InvitationEvent, invitationSent, invitationWithdrawn } from './invitation.events.js';
import type { InvitationCommand } from './invitation.internal.js';

const id = (n: number): string => `0190a1b2-0000-7000-8000-0000000000${n}0`;
const [first, second, other] = [id(11), id(12), id(13)];
const kari = id(21);
const now = '2026-03-01T12:00:00.000Z';
const none = { companyId: null, party: null, until: null };

const sent = (invitationId: string, email = 'kari@example.org') =>
  invitationSent.of({
    invitationId,
    email,
    role: 'Staff',
    ...none,
    expiresAt: '2026-03-15T12:00:00.000Z',
  });
const withdrawn = (invitationId: string, replacedBy: string | null = null) =>
  invitationWithdrawn.of({ invitationId, replacedBy });
const accepted = (invitationId: string) => invitationAccepted.of({ invitationId, personId: kari });

const record: InvitationCommand = {
  name: 'identity.invitation.record',
  input: { invitationId: second, email: 'kari@example.org', role: 'Staff' },
};
const withdraw: InvitationCommand = { name: 'identity.invitation.withdraw', input: { invitationId: first } };
const complete: InvitationCommand = {
  name: 'identity.invitation.complete',
  input: { invitationId: first, personId: kari },
};

const decisions = deciding(invitationDecider, { now, actor: kari });
const given = (...events: InvitationEvent[]) => ({
  when: (command: InvitationCommand, at: { now?: string; expectedVersion?: number } = {}) =>
    outcome(decisions.given(...events).whenSent(command, at)),
});

describe('an invitation', () => {
  it('names a party by its kind and id, or none', () => {
    const asked = (more: object) =>
      given().when({ ...record, input: { ...record.input, ...more } } as InvitationCommand);
    expect(asked({ party: '10021' })).toBe('identity.party-type-required');
    expect(asked({ partyType: 'supplier' })).toBe('identity.party-required');
    expect(asked({ partyType: 'supplier', party: '10021' })).toMatchObject([
      { data: { party: { type: 'supplier', id: '10021' } } },
    ]);
  });

  it('is sent for fourteen days', () => {
    expect(given().when(record)).toEqual([sent(second)]);
  });

  it('replaces an open one to the same address, and no other', () => {
    expect(given(sent(first), sent(other, 'ola@example.org')).when(record)).toEqual([
      withdrawn(first, second),
      sent(second),
    ]);
    expect(given(sent(first), accepted(first)).when(record)).toEqual([sent(second)]);
    expect(given(sent(first), withdrawn(first)).when(record)).toEqual([sent(second)]);
  });

  it('is withdrawn while it is open, in the expected version', () => {
    expect(given().when(withdraw)).toBe('identity.invitation-not-found');
    expect(given(sent(first)).when(withdraw)).toEqual([withdrawn(first)]);
    expect(given(sent(first)).when(withdraw, { expectedVersion: 2 })).toBe('platform.version-stale');
    expect(given(sent(first), withdrawn(first)).when(withdraw)).toBe('identity.invitation-closed');
    expect(given(sent(first), accepted(first)).when(withdraw)).toBe('identity.invitation-closed');
  });

  it('is accepted once, before it expires', () => {
    expect(given().when(complete)).toBe('identity.invitation-not-found');
    expect(given(sent(first)).when(complete)).toEqual([accepted(first)]);
    expect(given(sent(first)).when(complete, { now: '2026-03-15T12:00:00.000Z' })).toBe('identity.invitation-expired');
    expect(given(sent(first), withdrawn(first)).when(complete)).toBe('identity.invitation-closed');
  });

  it('can be accepted again after an interruption', () => {
    expect(given(sent(first), accepted(first)).when(complete)).toEqual([]);
  });
});
