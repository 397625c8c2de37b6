import { anyOf } from '@daybook/projections';
import type { Operation } from '@daybook/kernel';
import {
  answer,
  type Caller,
  type EffectiveGrant,
  isOnlyVouchedFor,
  type People,
  type QueryContext,
  restrict,
  rightsHolder,
} from '@daybook/server';
import { type Expression, type SqlBool, sql } from 'kysely';
import type * as z from 'zod';
import { personOf } from './gate.js';
import { approveRequest, type requestRow, listApprovalRequests, readApprovalRequest } from './request.operations.js';
import {
  requestNotFound,
  approvedAlready,
  onlyPersons,
  ownProofToApprove,
  roleMissing,
  whyIneligible,
} from './request.decider.js';
import { requests } from './request.projection.js';
import { Approvables } from './approvables.js';
import { approversAt, unreachableRequirement, whyStuck } from './approvers.js';
import { inputFields } from './input-fields.js';
import { counts, rolesOf, unmet } from './requirements.js';

type RequestRow = z.infer<(typeof requests)['row']>;

/** The reader's part in pending requests: who they are, and in which roles they approve where. */
interface Reader {
  readonly caller: Caller;
  readonly holder: string;
  readonly approves: boolean;
  readonly grants: readonly EffectiveGrant[];
  readonly roleNames: ReadonlyMap<string, string>;
  readonly stuck: (row: ReachRow) => string | null;
}
/** What it takes to say whether somebody can approve. */
type ReachRow = Pick<
  RequestRow,
  'status' | 'companyId' | 'requirements' | 'approvals' | 'contentVersion' | 'ineligibleApprovers'
>;
const readerRolesIn = ({ grants }: Reader, companyId: string | null): string[] =>
  grants.filter((one) => one.companyId === null || one.companyId === companyId).map(({ role }) => role);

async function readerOf(caller: Caller, people: People): Promise<Reader> {
  const rights = await people.rightsOf(caller.tenant, rightsHolder(caller));
  const grants = rights?.grants ?? [];
  const roleNames = await people.rolesIn(caller.tenant);
  return {
    caller,
    holder: personOf(caller),
    approves:
      caller.actor.kind === 'person' &&
      !caller.onBehalfOf &&
      grants.some(({ permissions }) => permissions.has(approveRequest.name)),
    grants,
    roleNames,
    stuck: await stuckIn(caller.tenant, roleNames, people),
  };
}

const counted = ({ approvals, contentVersion }: Pick<RequestRow, 'approvals' | 'contentVersion'>) =>
  approvals.filter((one) => one.contentVersion === contentVersion);

/** Tells of what waits why nobody can approve it, as rights are now; null while somebody can. */
async function stuckIn(tenant: string, roles: Reader['roleNames'], people: People): Promise<Reader['stuck']> {
  const holders = await people.holdersOf(tenant, approveRequest.name);
  return (row) => {
    if (row.status !== 'pending') return null;
    const waits = { requirements: row.requirements, given: counted(row), ineligibleApprovers: row.ineligibleApprovers };
    const found = unreachableRequirement(waits, approversAt(holders, row.companyId));
    return found && whyStuck(found, roles);
  };
}

const rowsOf = (read: QueryContext, { caller, holder }: Reader) => {
  const own = sql<SqlBool>`c."initiatorId" = ${holder}`;
  return read.db
    .selectFrom(read.rows(requests).as('c'))
    .selectAll('c')
    .$if(caller.companies !== undefined && caller.companies !== 'all', (q) =>
      q.where((w) => w.or([own, within(caller.companies as readonly string[])])),
    )
    .$if(caller.parties !== undefined && caller.parties !== 'all', (q) => q.where(own));
};
const within = (companies: readonly string[]): Expression<SqlBool> =>
  sql<SqlBool>`c."companyId" = any(${[...companies]})`;

/** Waits for this reader: they neither submitted nor approved it, and hold a role there that is still required. */
const awaitsReader = ({ caller, grants, approves }: Reader): Expression<SqlBool> => {
  if (!approves) return sql<SqlBool>`false`;
  const me = JSON.stringify([caller.actor.id]);
  const inTenant = grants.flatMap(({ role, companyId }) => (companyId === null ? [role] : []));
  const inCompanies = grants.flatMap(({ role, companyId }) =>
    companyId === null ? [] : [sql<SqlBool>`(c."companyId" = ${companyId} and c."openRoles" ?| ${[role]}::text[])`],
  );
  const asked = [sql<SqlBool>`c."openRoles" ?| ${['*', ...inTenant]}::text[]`, ...inCompanies];
  return sql<SqlBool>`c.status = 'pending' and not c."ineligibleApprovers" @> ${me}::jsonb and not c."approvedBy" @> ${me}::jsonb
    and (${sql.join(asked, sql` or `)})`;
};

const yourPart = (row: RequestRow, reader: Reader): 'approve' | 'own' | 'none' => {
  const { caller, holder, approves } = reader;
  if (row.initiatorId === holder) return row.status === 'pending' || row.status === 'failed' ? 'own' : 'none';
  const me = caller.actor.id;
  if (!approves || row.status !== 'pending' || row.ineligibleApprovers.includes(me) || row.approvedBy.includes(me))
    return 'none';
  return counts(unmet(row.requirements, counted(row)), readerRolesIn(reader, row.companyId)) ? 'approve' : 'none';
};

/** Why the reader cannot approve it, or what proof of identity they give first; null where nothing is in the way. */
function eligibilityOf(row: RequestRow, reader: Reader): string | null {
  const { caller, holder, approves } = reader;
  const me = caller.actor.id;
  if (row.status !== 'pending' || row.initiatorId === holder || !mayApprove(reader)) return null;
  if (!approves) return onlyPersons;
  if (row.ineligibleApprovers.includes(me)) return whyIneligible(me, row);
  if (row.approvedBy.includes(me)) return approvedAlready;
  const open = unmet(row.requirements, counted(row));
  if (!counts(open, readerRolesIn(reader, row.companyId))) return roleMissing(open, reader.roleNames);
  return isOnlyVouchedFor(caller) ? ownProofToApprove : null;
}
const mayApprove = ({ grants }: Reader): boolean =>
  grants.some(({ permissions }) => permissions.has(approveRequest.name));

const shown = (row: RequestRow, reader: Reader, titleOf: (name: string) => string): z.infer<typeof requestRow> => ({
  id: row.id,
  operation: row.operation,
  operationTitle: titleOf(row.operation),
  summary: row.summary,
  amount: row.amount,
  companyId: row.companyId,
  status: row.status,
  requestedBy: row.requestedBy,
  requestedAt: row.requestedAt,
  given: row.approvedBy.length,
  needed: row.needed,
  approverRoles: rolesOf(row.requirements),
  yourPart: yourPart(row, reader),
  stuck: reader.stuck(row) !== null,
  version: row.version,
});

/** Looks at every pending request, because rights are not in the read model; the oldest first, as many as anybody works off. */
const mostLookedAt = 5_000;
async function stuckOnes(read: QueryContext, reader: Reader): Promise<string[]> {
  const rows = await rowsOf(read, reader)
    .where('c.status', '=', 'pending')
    .orderBy('c.submissionOrder')
    .limit(mostLookedAt)
    .execute();
  return rows.filter((row) => reader.stuck(row) !== null).map(({ id }) => id);
}

/** A field that the reader's role hides is hidden here too; of an operation that is no more, all of them. */
const restricted = (operation: Operation | undefined, input: Record<string, unknown>, { fields = {} }: Caller) => {
  if (operation) return restrict(operation.input, input, fields) as Record<string, unknown>;
  return Object.keys(fields).length > 0 ? null : input;
};

const using = { approvables: Approvables } as const;

export const requestAnswers = [
  answer(listApprovalRequests, using, async ({ limit, cursor, ...filters }, read, { approvables }) => {
    const reader = await readerOf(read.caller, approvables.people);
    const titleOf = (name: string) => approvables.titleOf(name);
    const { status, mine, operation: operations } = filters;
    const stuck = filters.stuck === undefined ? [] : await stuckOnes(read, reader);
    const page = await read.page<RequestRow>(
      { limit, cursor },
      filters,
      (row) => [row.submissionOrder],
      (after, count) =>
        rowsOf(read, reader)
          .$if(status !== undefined, (q) => q.where('c.status', '=', anyOf(status!)))
          .$if(operations !== undefined, (q) => q.where('c.operation', '=', anyOf(operations!)))
          .$if(mine === 'requested', (q) => q.where('c.initiatorId', '=', reader.holder))
          .$if(mine === 'approve', (q) => q.where(awaitsReader(reader)))
          .$if(filters.stuck !== undefined, (q) => q.where(sql<SqlBool>`c.id = any(${stuck}::uuid[])`))
          .$if(after !== null, (q) => q.where('c.submissionOrder', '<', after![0]!))
          .orderBy('c.submissionOrder', 'desc')
          .limit(count)
          .execute(),
    );
    return { items: page.items.map((row) => shown(row, reader, titleOf)), next: page.next };
  }),
  answer(readApprovalRequest, using, async ({ requestId }, read, { approvables }) => {
    const reader = await readerOf(read.caller, approvables.people);
    const titleOf = (name: string) => approvables.titleOf(name);
    const row = await rowsOf(read, reader).where('c.id', '=', requestId).executeTakeFirst();
    if (!row) return requestNotFound(requestId);
    const asked = approvables.operation(row.operation);
    const given = row.input === null ? null : (JSON.parse(row.input) as Record<string, unknown>);
    const input = given && restricted(asked, given, read.caller);
    const { expectedVersion, requirements, problem, result, reason, decidedBy } = row;
    return {
      ...shown(row, reader, titleOf),
      input,
      fields: inputFields(input ?? {}),
      expectedVersion,
      requirements,
      approvals: row.approvals.map(({ by, at, comment, contentVersion }) => ({
        by,
        at,
        comment,
        void: contentVersion !== row.contentVersion,
      })),
      problem,
      result,
      reason,
      decidedBy,
      stuckReason: reader.stuck(row),
      changeable: approvables.ruledAs(row.operation) === row.operation,
      eligibility: eligibilityOf(row, reader),
      stamp: read.stamp,
    };
  }),
];
