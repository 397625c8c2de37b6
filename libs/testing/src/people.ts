import type { AppInternals } from './app-internals.js';

export type TestRole = 'Admin' | 'Accountant' | 'Auditor' | 'Staff' | 'Vendor';
export type TestTenant = 'north' | 'south';

export interface Account {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly tenantId: string;
}

const roles: readonly TestRole[] = ['Admin', 'Accountant', 'Auditor', 'Staff', 'Vendor'];
/** The Vendor starts as supplier 10021 of a company that does not exist; a spec gives them a grant for one of its own. */
export const testVendor = {
  companyId: '0199a9b2-0000-7000-8000-0000000000cc',
  partyType: 'supplier',
  party: '10021',
} as const;
export const testTenants: Readonly<Record<TestTenant, string>> = {
  north: '0199a9b2-0000-7000-8000-0000000000a1',
  south: '0199a9b2-0000-7000-8000-0000000000b2',
};
export const accountOf = (role: TestRole, tenant: TestTenant): Account => ({
  email: `${role.toLowerCase()}@${tenant}.example`,
  password: `a long password of ${role} ${tenant}`,
  name: `${role} ${tenant}`,
  tenantId: testTenants[tenant],
});

export const setUpPeople = ({ identitySetUp }: AppInternals): Promise<unknown> =>
  identitySetUp.run({
    tenants: Object.entries(testTenants).map(([name, id]) => ({ id, name })),
    people: (['north', 'south'] as const).flatMap((tenant) =>
      roles.map((role) => ({
        ...accountOf(role, tenant),
        memberships: [{ tenant: testTenants[tenant], role, ...(role === 'Vendor' ? testVendor : {}) }],
      })),
    ),
  });
