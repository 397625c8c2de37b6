import { newRow, patch, projection, put, recordTable, remove, rowsOf, tableOf, when } from '@daybook/projections';
import { instant, personal, type RecordedEvent } from '@daybook/kernel';
import * as z from 'zod';
import { sodRuleRemoved, sodRuleSet } from '../segregation-of-duties/sod-rule.events.js';
import { grantGiven, grantRevoked } from '../grant/grant.events.js';
import { memberAdded, memberChanged, memberDeactivated, memberReactivated } from '../member/member.events.js';
import { listMembers } from '../member/member.operations.js';
import { member } from '../member/member.record.js';
import { sessionOpened } from '../session/session.events.js';
import { provedHere } from '../session/session.schema.js';
import { roleDefined, roleRedefined, roleRemoved } from '../role/role.events.js';
import { listRoles } from '../role/role.operations.js';
import { roleRecord } from '../role/role.record.js';
import { builtInRoles, descriptionOf } from '../roles.js';
import { policySet, tenantCreated, tenantRenamed } from '../tenant/tenant.events.js';

export const tenantTable = tableOf(
  'tenants',
  z.object({ tenantId: z.uuid(), name: z.string(), mfaRequired: z.boolean(), version: z.int() }),
  ['tenantId'],
);
export const memberTable = recordTable(member, [listMembers]);
/**
 * Name and address of deactivated members as the tenant last saw them. Reactivating a member reveals no newer ones: the
 * row stays until the person signs in here with a credential of their own. The word of the tenant's SSO provider does
 * not count as one.
 */
export const formerMemberTable = tableOf(
  'former_members',
  z.object({
    personId: z.uuid(),
    name: personal(z.string().nullable(), 'personId'),
    email: personal(z.string().nullable(), 'personId'),
  }),
  ['personId'],
  { history: 'none' },
);
export const grantTable = tableOf(
  'grants',
  grantGiven.data.omit({ invitedBy: true }).extend({ givenAt: instant, givenBy: z.string() }),
  ['grantId'],
  { indexes: [['holderId']] },
);
/** With the built-in roles, which every tenant has from its first event on. */
export const roleTable = recordTable(roleRecord, [listRoles]);
const builtIn = builtInRoles.map((name) => ({ roleId: name, name, description: descriptionOf(name) }));
/** Rules that the tenant set or removed. The built-in ones are in segregation-of-duties/sod-rules.ts. */
export const sodRuleTable = tableOf('sod_rules', sodRuleSet.data.extend({ removed: z.boolean(), version: z.int() }), [
  'ruleId',
]);

const versionOf = ({ meta }: RecordedEvent): number => meta.record.version;

/** Who may do what in a tenant, for people to read. Requests are authorised from the stream itself. */
export const access = projection({
  name: 'access',
  version: 5,
  tables: [tenantTable, memberTable, formerMemberTable, grantTable, roleTable, sodRuleTable],
  on: [
    {
      ...when(tenantCreated, ({ data }) => [
        put(tenantTable, { ...data, mfaRequired: false, version: 1 }),
        ...builtIn.map((one) => newRow(roleTable, { ...one, permissions: [], fields: [], builtIn: true, version: 0 })),
      ]),
      meaning: JSON.stringify(builtIn),
    },
    when(tenantRenamed, (event) => [
      patch(tenantTable, { tenantId: event.data.tenantId }, { name: event.data.name, version: versionOf(event) }),
    ]),
    when(policySet, (event) => {
      const { tenantId, mfaRequired } = event.data;
      return [patch(tenantTable, { tenantId }, { mfaRequired, version: versionOf(event) })];
    }),
    when(memberAdded, ({ data: { personId }, recordedAt }) => [newRow(memberTable, { personId, since: recordedAt })]),
    when(memberDeactivated, (event) => {
      const { personId, name = null, email = null } = event.data;
      const left = { status: 'deactivated', version: versionOf(event) } as const;
      return [patch(memberTable, { personId }, left), put(formerMemberTable, { personId, name, email })];
    }),
    ...rowsOf(memberTable, [memberReactivated, memberChanged]),
    when(sessionOpened, ({ data: { personId, methods } }) =>
      provedHere(methods) ? [remove(formerMemberTable, { personId })] : [],
    ),
    when(grantGiven, ({ data: { invitedBy, ...grant }, recordedAt, meta }) => [
      put(grantTable, { ...grant, givenAt: recordedAt, givenBy: invitedBy ?? meta.actor.id }),
    ]),
    when(grantRevoked, ({ data }) => [remove(grantTable, { grantId: data.grantId })]),
    ...rowsOf(roleTable, [roleDefined, roleRedefined]),
    when(roleRemoved, ({ data }) => [remove(roleTable, { roleId: data.roleId })]),
    when(sodRuleSet, (event) => [put(sodRuleTable, { ...event.data, removed: false, version: versionOf(event) })]),
    when(sodRuleRemoved, (event) => [
      put(sodRuleTable, {
        ruleId: event.data.ruleId,
        removed: true,
        first: '',
        second: '',
        risk: '',
        mitigation: null,
        onDocument: false,
        version: versionOf(event),
      }),
    ]),
  ],
  channels: ['people', 'access'],
});
