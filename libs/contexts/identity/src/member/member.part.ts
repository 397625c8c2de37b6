import { isRejection, reject } from '@daybook/kernel';
import { answer, type ContextPart, type Injected, perform, type QueryContext } from '@daybook/server';
import { type MemberRows, memberRows } from '../access/access-rows.js';
import { inFields } from '../grant/party.schema.js';
import { deps } from '../injected.js';
import { endSessions } from '../session/session-ending.js';
import { decidedByTenant } from '../tenant/decided.js';
import {
  deactivateMember,
  listMembers,
  memberCommands,
  type MemberRow,
  readMember,
  signOutMember,
} from './member.operations.js';
import { memberSteps, recordDeactivation } from './member.internal.js';
import { lastActivityOf } from './last-activity.js';

/* Names, addresses and last activity are those that the tenant may see now, even when the past is read. */
const using = deps('memberships', 'em', 'sessionRows', 'tenantStates');

async function rowsOf(
  rows: MemberRows,
  ids: readonly string[],
  read: QueryContext,
  { memberships, em, tenantStates }: Injected<typeof using>,
): Promise<MemberRow[]> {
  const { tenant } = read;
  const [shown, seen] = await Promise.all([memberships.shownIn(tenant, ids, read), lastActivityOf(em, tenant, ids)]);
  const people = new Map(shown.map((person) => [person.id, person]));
  const isSecured = [...seen.values()].some(({ secondFactor }) => secondFactor);
  const members = isSecured ? (await tenantStates.current(tenant)).members : null;
  return rows.members
    .filter(({ personId }) => ids.includes(personId))
    .map(({ personId, status, since, version }) => ({
      personId,
      name: people.get(personId)?.name ?? null,
      email: people.get(personId)?.email ?? null,
      status,
      roles: rows.grants
        .filter(({ holderId }) => holderId === personId)
        .map(({ grantId, role, roleName, companyId, party, until }) => ({
          grantId,
          role,
          roleName: roleName ?? role,
          companyId,
          ...inFields(party),
          until,
        })),
      since,
      lastSeenAt: seen.get(personId)?.lastSeenAt ?? null,
      secondFactor: members?.get(personId)?.status === 'active' && (seen.get(personId)?.secondFactor ?? false),
      version,
    }));
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
      if (!(await tenantStates.current(tenant)).members.has(personId)) return noMember();
      return { ended: await endSessions(sessionRows, context, { personId, tenant }, 'ended-by-admin') };
    }),
    answer(listMembers, using, async ({ status, text }, read, given) => {
      const rows = await memberRows(read);
      const wanted = rows.members.filter((member) => status === undefined || member.status === status);
      const items = await rowsOf(
        rows,
        wanted.map(({ personId }) => personId),
        read,
        given,
      );
      const part = text?.toLowerCase();
      return {
        items: items
          .filter(({ name }) => part === undefined || (name ?? '').toLowerCase().includes(part))
          .sort((a, b) => ((a.name ?? '￿') < (b.name ?? '￿') ? -1 : 1)),
      };
    }),
    answer(readMember, using, async ({ personId }, read, given) => {
      const [member] = await rowsOf(await memberRows(read, personId), [personId], read, given);
      return member ?? noMember();
    }),
  ],
  internal: [decidedByTenant(memberSteps)],
};

const noMember = () => reject('identity.member-not-found', 'There is no such member.', { status: 404 });
