import { type CustomField, type DeclaredPermissions, declaredPermissions, type Decision } from '@daybook/kernel';
import { deciding, outcome, rejected } from '@daybook/projections/testing/given';
import { tenantDecider } from '../tenant.decider.js';
import { type Grant, type TenantFacts, type TenantState } from '../tenant.state.js';
import { tenantCreated } from '../tenant.events.js';
import { grantGiven } from '../../grant/grant.events.js';
import { memberAdded } from '../../member/member.events.js';
import type { TenantCommand, TenantEvent } from '../tenant.stream.js';

/* A tenant for specs of its decider: given(...events).when(name, input, by). */
export const tenantId = '0190a1b2-0000-7000-8000-00000000a001';
export const companyA = '0190a1b2-0000-7000-8000-0000000000aa';
export const companyB = '0190a1b2-0000-7000-8000-0000000000bb';
const person = (n: number) => `0190a1b2-0000-7000-8000-0000000000c${n}`;
export const [kari, ola, liv, per] = [person(1), person(2), person(3), person(4)] as const;
export const today = '2026-03-31';

/** A fixed list of permissions, so that new operations do not change the specs. */
const permissions: readonly string[] = [
  'accounting.account.add',
  'accounting.entry.post',
  'accounting.entry.read',
  'accounting.import.post',
  'accounting.subledger-line.read',
  'approvals.request.approve',
  'audit.event.read',
  'identity.grant.give',
  'identity.grant.revoke',
  'identity.invitation.send',
  'identity.member.read',
  'identity.password.change',
  'identity.role.change',
  'identity.session.read',
];
/** Their roles, as the contexts give them. */
export const declared: DeclaredPermissions = declaredPermissions(permissions, [
  {
    name: 'accounting',
    roles: {
      Admin: ['accounting.*.read', 'accounting.account.*'],
      Accountant: ['accounting.*'],
      Staff: ['accounting.*.read'],
      Auditor: ['accounting.*.read'],
      Vendor: ['accounting.subledger-line.read'],
    },
  },
  { name: 'approvals', roles: { Admin: ['approvals.*'], Accountant: ['approvals.request.*'] } },
  { name: 'audit', roles: { Admin: ['audit.*'], Accountant: ['audit.*.read'], Auditor: ['audit.*.read'] } },
  {
    name: 'identity',
    roles: { Admin: ['identity.*'], Accountant: ['identity.*.read'], Auditor: ['identity.*.read'] },
  },
]);
export const guarded: readonly string[] = ['accounting.entry.description', 'identity.person.email'];

export const created = tenantCreated.of({ tenantId, name: 'Fjord' });
export const admitted = (personId: string) => memberAdded.of({ personId, invitedBy: null, invitationId: null });
export const holds = (holderId: string, role: string, more: Partial<Grant> = {}) =>
  grantGiven.of({
    grantId: grantIdOf(holderId, role),
    holder: 'person',
    holderId,
    role,
    companyId: null,
    party: null,
    until: null,
    mitigation: null,
    ...more,
  });
/** One id for each holder and role, so that a spec can name it. */
export const grantIdOf = (holderId: string, role: string): string =>
  `${holderId.slice(0, -12)}${[...role]
    .reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 0xffffff, 7)
    .toString(16)
    .padStart(8, '0')}${holderId.slice(-4)}`;

/** Kari is Admin, Ola Accountant. */
export const fjord: readonly TenantEvent[] = [
  created,
  admitted(kari),
  holds(kari, 'Admin'),
  admitted(ola),
  holds(ola, 'Accountant'),
];

const decisions = deciding(tenantDecider, {
  now: `${today}T12:00:00Z`,
  tenant: tenantId,
  newId: '0190a1b2-0000-7000-8000-0000000000ff',
});
export const folded = decisions.fold;

type InputOf<N extends TenantCommand['name']> = Extract<TenantCommand, { name: N }>['input'];

/** `by`: who executes the command; null for the system itself. */
export const decideOn = <N extends TenantCommand['name']>(
  state: TenantState,
  name: N,
  input: InputOf<N>,
  by: string | null = kari,
  {
    erased = false,
    companyExists = true,
    ...more
  }: {
    newId?: string;
    expectedVersion?: number | null;
    now?: string;
    erased?: boolean;
    companyExists?: boolean;
    customFields?: readonly CustomField[];
  } = {},
): Decision<TenantEvent> => {
  const facts: TenantFacts = {
    declared,
    guarded,
    giver: by === null ? null : { holder: 'person', id: by },
    erased,
    companyExists,
  };
  return decisions.decideCommand(state, { name, input } as TenantCommand, { actor: by ?? 'set-up', ...more, facts });
};

export const given = (...events: readonly TenantEvent[]) => ({
  when: <N extends TenantCommand['name']>(
    name: N,
    input: InputOf<N>,
    by: string | null = kari,
    more: Parameters<typeof decideOn>[4] = {},
  ) => decideOn(folded(events), name, input, by, more),
});

export const code = outcome;
export { rejected };
