import { patch, projection, put, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { role } from '../role.schema.js';
import { membershipGranted, roleChanged, tenantCreated } from '../tenant/tenant.events.js';

export const tenantTable = tableOf('tenants', z.object({ tenantId: z.uuid(), name: z.string() }), ['tenantId']);

export const membershipTable = tableOf('memberships', z.object({ personId: z.uuid(), role, version: z.int() }), [
  'personId',
]);

/** Who may do what in a tenant: read for every request. */
export const access = projection({
  name: 'access',
  version: 1,
  tables: [tenantTable, membershipTable],
  on: [
    when(tenantCreated, ({ data }) => [put(tenantTable, data)]),
    when(membershipGranted, ({ data, meta }) => [
      put(membershipTable, { personId: data.personId, role: data.role, version: meta.record.version }),
    ]),
    when(roleChanged, ({ data, meta }) => [
      patch(membershipTable, { personId: data.personId }, { role: data.role, version: meta.record.version }),
    ]),
  ],
  views: ['people'],
});
