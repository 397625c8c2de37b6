import { isRejection } from '@daybook/kernel';
import fc from 'fast-check';
import { isMitigated, sodViolationsIn } from '../segregation-of-duties/sod-violations.js';
import { roleDefined } from '../role/role.events.js';
import { keepsAdmin } from './last-admin.js';
import { tenantDecider } from './tenant.decider.js';
import type { TenantState } from './tenant.state.js';
import type { TenantCommand } from './tenant.stream.js';
import { admitted, companyA, companyB, created, decideOn, declared, folded, holds, kari, liv, ola, per } from './testing/given.js'; // prettier-ignore

/* What is always true of a tenant's rights, after any commands by anybody on any day. */
const people = [kari, ola, liv, per];
const anybody = fc.constantFrom(...people);
const roleIds = [1, 2, 3].map((n) => `0190a1b2-0000-7000-8000-0000000000d${n}`);
const anyRole = fc.constantFrom('Admin', 'Accountant', 'Staff', 'Auditor', ...roleIds);
const somewhere = fc.constantFrom(undefined, companyA, companyB);
const until = fc.constantFrom(undefined, undefined, '2026-04-01', '2026-04-15');
const word = fc.constantFrom(undefined, 'The board reviews it');
const permissions = fc.subarray([...declared.permissions]);
const reason = fc.constant('R');
const ruleId = fc.constantFrom('give-and-post', 'give-and-import', 'roles-and-post', 'own-rule');
/** A grant by its place in the list, so that commands hit existing grants. */
const nth = fc.nat(8);

type Wanted = { name: TenantCommand['name']; input: Record<string, unknown> };
const command = (name: TenantCommand['name'], input: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Wanted> =>
  fc.record({ name: fc.constant(name), input: fc.record(input) });
const role = { name: fc.string({ minLength: 1 }), description: fc.constant(''), permissions, fields: fc.constant([]) };

const commands = fc.oneof(
  command('identity.member.add', {
    personId: anybody,
    role: anyRole,
    companyId: somewhere,
    until,
    also: fc.subarray(['Admin', 'Accountant'] as const),
    mitigation: word,
  }),
  command('identity.member.record-deactivation', { personId: anybody, reason }),
  command('identity.member.reactivate', { personId: anybody, reason }),
  {
    weight: 4,
    arbitrary: command('identity.grant.give', {
      holder: fc.constant('person'),
      holderId: anybody,
      role: anyRole,
      companyId: somewhere,
      until,
      mitigation: word,
    }),
  },
  { weight: 3, arbitrary: command('identity.grant.revoke', { grantId: nth, reason }) },
  command('identity.role.define', role),
  { weight: 2, arbitrary: command('identity.role.change', { roleId: fc.constantFrom(...roleIds), ...role }) },
  command('identity.role.remove', { roleId: fc.constantFrom(...roleIds) }),
  command('identity.sod-rule.set', {
    ruleId,
    first: fc.constantFrom(...declared.permissions),
    second: fc.constantFrom(...declared.permissions),
    risk: fc.constant('Fraud'),
    mitigation: word,
    onDocument: fc.boolean(),
  }),
  command('identity.sod-rule.remove', { ruleId }),
);
const steps = fc.array(
  fc.record({ wanted: commands, by: fc.option(anybody), days: fc.constantFrom(0, 0, 0, 5), id: fc.nat(2) }),
  { maxLength: 40 },
);

const empty = (roleId: string) =>
  roleDefined.of({ roleId, name: roleId, description: '', permissions: [], fields: [] });
/** Two roles are held from the start, so that changing them matters. */
const begun = folded([
  created,
  admitted(kari),
  holds(kari, 'Admin'),
  admitted(ola),
  empty(roleIds[0]!),
  empty(roleIds[1]!),
  holds(ola, roleIds[0]!),
  holds(ola, roleIds[1]!),
]);
let unique = 0;

interface Walk {
  readonly state: TenantState;
  readonly day: string;
  readonly accepted: number;
}
type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never;
function walk(list: Steps, check: (walk: Walk) => void): number {
  let state = begun;
  let [day, accepted] = ['2026-03-31', 0];
  for (const { wanted, by, days, id } of list) {
    day = new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
    const input = { ...wanted.input };
    if (typeof input['grantId'] === 'number') {
      const ids = [...state.grants.keys()];
      input['grantId'] = ids[input['grantId'] % ids.length];
    }
    unique += 1;
    const newId =
      wanted.name === 'identity.role.define'
        ? roleIds[id]!
        : `0190a1b2-0000-7000-8000-${unique.toString(16).padStart(12, '0')}`;
    if (wanted.name === 'identity.role.define' && state.roles.has(newId)) continue;
    const decision = decideOn(state, wanted.name, input as never, by, { newId, now: `${day}T09:00:00Z` });
    if (!isRejection(decision)) {
      state = decision.events.reduce((s, event) => tenantDecider.evolve(s, event, { revision: 0 }), state);
      accepted += 1;
    }
    check({ state, day, accepted });
  }
  return accepted;
}

describe('any tenant, after any commands', () => {
  it('has a permanent Admin', () => {
    fc.assert(
      fc.property(steps, (list) => void walk(list, ({ state }) => expect(keepsAdmin(state)).toBe(true))),
      {
        numRuns: 400,
      },
    );
  });

  it('has no unmitigated segregation of duties violation', () => {
    fc.assert(
      fc.property(steps, (list) => {
        walk(list, ({ state, day }) => {
          expect(sodViolationsIn(state, declared, day).filter((one) => !isMitigated(one))).toEqual([]);
        });
      }),
      { numRuns: 400 },
    );
  });

  it('has nobody but Admins give permissions that they do not hold', () => {
    fc.assert(
      fc.property(steps, permissions, (list, held) => {
        let state = begun;
        walk(list, (reached) => void (state = reached.state));
        const roleId = '0190a1b2-0000-7000-8000-0000000000e1';
        const clerk = '0190a1b2-0000-7000-8000-0000000000e2';
        const wanted = '0190a1b2-0000-7000-8000-0000000000e3';
        const given = folded([
          created,
          admitted(kari),
          holds(kari, 'Admin'),
          admitted(clerk),
          {
            type: 'identity.role-defined',
            data: { roleId, name: 'Own', description: '', permissions: held, fields: [] },
          },
          holds(clerk, roleId),
          admitted(wanted),
        ]);
        for (const [id, own] of state.roles) {
          const decision = decideOn(
            { ...given, roles: new Map([...given.roles, [id, own]]) },
            'identity.grant.give',
            { holder: 'person', holderId: wanted, role: id, mitigation: 'R' },
            clerk,
          );
          const own_ = new Set([...held, 'identity.password.change', 'identity.session.read']);
          const within = own.permissions.every((permission) => own_.has(permission));
          if (!isRejection(decision)) expect(within).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
});
