import { isRejection, recordNotFound } from '@daybook/kernel';
import { inOneTrip } from '@daybook/projections';
import { answerJoined, type ContextPart, type Injected, perform, type QueryContext } from '@daybook/server';
import { memberTable } from '../access/access.projection.js';
import { memberGrants } from '../access/access-rows.js';
import { shownOf, shownStatements } from '../access/memberships.js';
import { inFields } from '../grant/party.schema.js';
import { deps } from '../injected.js';
import { endSessions } from '../session/session-ending.js';
import { decidedByTenant } from '../tenant/decided.js';
import { deactivateMember, listMembers, memberCommands, readMember, signOutMember } from './member.operations.js';
import { memberSteps, recordDeactivation } from './member.internal.js';
import { member } from './member.record.js';
import { activityOf, lastActivity } from './last-activity.js';

/* Names, addresses and last activity are those that the tenant may see now, even when the past is read. */
const using = deps('memberships', 'sessionRows', 'tenantStates');

async function joined(ids: readonly string[] | null, read: QueryContext, { tenantStates }: Injected<typeof using>) {
  const { tenant } = read;
  const { members } = await tenantStates.current(tenant);
  const wanted = (ids ?? [...members.keys()]).filter((id) => members.has(id));
  const statements = [
    memberGrants(read, wanted),
    lastActivity(tenant, read.forNames ? [] : wanted),
    ...shownStatements(read, wanted),
  ] as const;
  const [given, active, ...shown] = await inOneTrip(read.db, ...statements);
  const seen = activityOf(active);
  const people = new Map(shownOf(...shown).map((person) => [person.id, person]));
  const grants = Map.groupBy(given, ({ holderId }) => holderId);
  return new Map(
    wanted.map((id) => {
      const { lastSeenAt = null, secondFactor = false } = seen.get(id) ?? {};
      return [
        id,
        {
          name: people.get(id)?.name ?? null,
          email: people.get(id)?.email ?? null,
          roles: (grants.get(id) ?? []).map(({ grantId, role, roleName, companyId, party, until }) => ({
            ...{ grantId, role, roleName: roleName ?? role, companyId, until },
            ...inFields(party),
          })),
          lastSeenAt,
          secondFactor: members.get(id)?.status === 'active' && secondFactor,
        },
      ];
    }),
  );
}

export const memberPart: ContextPart = {
  bindings: [
    decidedByTenant(memberCommands),
    perform(deactivateMember, using, async (input, context, { memberships, sessionRows }) => {
      const [person] = await memberships.shownIn(context.caller.tenant, [input.personId]);
      const { name = null, email = null } = person ?? {};
      const outcome = await context.execute(recordDeactivation, { ...input, name, email });
      if (isRejection(outcome)) return outcome;
      const ofMember = { personId: input.personId, tenant: context.caller.tenant };
      await endSessions(sessionRows, context, ofMember, 'deactivated');
      return outcome;
    }),
    perform(signOutMember, using, async ({ personId }, context, { tenantStates, sessionRows }) => {
      const { tenant } = context.caller;
      if (!(await tenantStates.current(tenant)).members.has(personId)) return recordNotFound(member);
      return { ended: await endSessions(sessionRows, context, { personId, tenant }, 'ended-by-admin') };
    }),
    answerJoined(listMembers, memberTable, using, joined),
    answerJoined(readMember, memberTable, using, joined),
  ],
  internal: [decidedByTenant(memberSteps)],
};
