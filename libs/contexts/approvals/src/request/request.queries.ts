import { allOf, anyOf } from '@daybook/projections';
import type { Operation, Rejection } from '@daybook/kernel';
import {
  answer,
  type Caller,
  type EffectiveGrant,
  type FieldRules,
  isOnlyVouchedFor,
  type QueryContext,
  restrict,
  taggedAs,
} from '@daybook/server';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { type Expression, type SqlBool, sql } from 'kysely';
import type * as z from 'zod';
import { personOf } from './gate.js';
import { approveRequest, type requestRow, listApprovalRequests, readApprovalRequest } from './request.operations.js';
import {
  requestNotFound,
  approvedAlready,
  approvesElsewhere,
  contentHidden,
  onlyPersons,
  ownProofToApprove,
  recordNotVisible,
  roleMissing,
  whyIneligible,
} from './request.messages.js';
import { requests } from './request.projection.js';
import { Approvables } from './approvables.js';
import { approversAt, unreachableRequirement, whyStuck } from './approvers.js';
import { inputFields } from './input-fields.js';
import { counts, rolesOf, unmet } from './requirements.js';
import { seeingApprovers } from './seeing-approvers.js';
import { inputRules, inSight, readableRows, requestReader, sightOf } from './visibility.js';

type RequestRow = z.infer<(typeof requests)['row']>;

/** The reader's part in pending requests: who they are, and in which roles they approve where. */
interface Reader {
  readonly caller: Caller;
  readonly holder: string;
  readonly approves: boolean;
  readonly grants: readonly EffectiveGrant[];
  readonly isDelegate: boolean;
  readonly approvables: Approvables;
  readonly roleNames: ReadonlyMap<string, string>;
}
/** What it takes to say whether somebody can approve. */
type ReachRow = Pick<
  RequestRow,
  | 'status'
  | 'operation'
  | 'companyId'
  | 'recordType'
  | 'recordId'
  | 'requirements'
  | 'approvals'
  | 'contentVersion'
  | 'ineligibleApprovers'
>;
const readerRolesIn = ({ grants }: Reader, companyId: string | null): string[] =>
  grants.filter((one) => one.companyId === null || one.companyId === companyId).map(({ role }) => role);

async function readerOf(caller: Caller, approvables: Approvables): Promise<Reader> {
  const { people } = approvables;
  const { grants, isDelegate } = await requestReader(caller, approvables);
  const roleNames = await people.rolesIn(caller.tenant);
  return {
    caller,
    holder: personOf(caller),
    approves:
      caller.actor.kind === 'person' &&
      !caller.onBehalfOf &&
      grants.some(({ permissions }) => permissions.has(approveRequest.name)),
    grants,
    isDelegate,
    approvables,
    roleNames,
  };
}

const counted = ({ approvals, contentVersion }: Pick<RequestRow, 'approvals' | 'contentVersion'>) =>
  approvals.filter((one) => one.contentVersion === contentVersion);

/** Tells of those of these that wait why nobody can approve them, as rights are now; null while somebody can. */
async function stuckAmong(rows: readonly ReachRow[], read: QueryContext, { approvables, roleNames }: Reader) {
  const pending = rows.filter(({ status }) => status === 'pending');
  const holders = pending.length === 0 ? [] : await approvables.people.holdersOf(read.tenant, approveRequest.name);
  const sees = await seeingApprovers(read, pending, approvables);
  return (row: ReachRow): string | null => {
    if (row.status !== 'pending') return null;
    const waits = { requirements: row.requirements, given: counted(row), ineligibleApprovers: row.ineligibleApprovers };
    const able = holders.filter((holder) => sees(holder, row));
    const found = unreachableRequirement(waits, approversAt(able, row.companyId));
    return found && whyStuck(found, roleNames);
  };
}

const readPermission = readApprovalRequest.permission!;
/** A delegate and a key see as their own what they submitted themselves, not all that their person did. */
const isOwn = ({ caller, holder }: Reader): Expression<SqlBool> =>
  caller.onBehalfOf
    ? sql<SqlBool>`(c."initiatorId" = ${holder} and c."requestedBy" = ${caller.actor.id})`
    : sql<SqlBool>`c."initiatorId" = ${holder}`;

/** The requests that the reader sees (visibility.ts), as `c`. */
const rowsOf = (read: QueryContext, reader: Reader) =>
  read.db
    .selectFrom(read.rows(requests).as('c'))
    .selectAll('c')
    .where((w) => w.or([isOwn(reader), readableRows(read, reader, reader.approvables)]));

/** For who may approve it and may not read what it is about, that it is there; for everybody else it is not. */
async function notVisible(read: QueryContext, reader: Reader, requestId: string): Promise<Rejection> {
  const row = await read.db
    .selectFrom(read.rows(requests).as('c'))
    .select(['c.operation', 'c.companyId'])
    .where('c.id', '=', requestId)
    .executeTakeFirst();
  const isThere = row && reader.approves && sightOf(reader, row, approveRequest.name, reader.approvables) !== 'absent';
  return isThere ? recordNotVisible() : requestNotFound(requestId);
}
const sightIn = (row: RequestRow, reader: Reader, permission = readPermission) =>
  sightOf(reader, row, permission, reader.approvables);

/** Waits for this reader: they neither submitted nor approved it, and hold a role there that is still required. */
const awaitsReader = (reader: Reader): Expression<SqlBool> => {
  const { caller, grants, approves } = reader;
  if (!approves) return sql<SqlBool>`false`;
  const me = JSON.stringify([caller.actor.id]);
  const inTenant = grants.flatMap(({ role, companyId }) => (companyId === null ? [role] : []));
  const inCompanies = grants.flatMap(({ role, companyId }) =>
    companyId === null ? [] : [sql<SqlBool>`(c."companyId" = ${companyId} and c."openRoles" ?| ${[role]}::text[])`],
  );
  const asked = [sql<SqlBool>`c."openRoles" ?| ${['*', ...inTenant]}::text[]`, ...inCompanies];
  const whole = inSight(reader, ['whole'], approveRequest.name, reader.approvables);
  return sql<SqlBool>`c.status = 'pending' and ${whole} and not c."ineligibleApprovers" @> ${me}::jsonb and not c."approvedBy" @> ${me}::jsonb
    and (${sql.join(asked, sql` or `)})`;
};

const yourPart = (row: RequestRow, reader: Reader): z.infer<typeof requestRow>['yourPart'] => {
  const { caller, holder, approves } = reader;
  if (row.initiatorId === holder) return row.status === 'pending' || row.status === 'failed' ? 'own' : 'none';
  const me = caller.actor.id;
  if (!approves || row.status !== 'pending' || row.ineligibleApprovers.includes(me) || row.approvedBy.includes(me))
    return 'none';
  if (!counts(unmet(row.requirements, counted(row)), readerRolesIn(reader, row.companyId))) return 'none';
  const sight = sightIn(row, reader, approveRequest.name);
  return sight === 'whole' ? 'approve' : sight === 'part' ? 'reject' : 'none';
};

/** Why the reader cannot approve it, or what proof of identity they give first; null where nothing is in the way. */
function eligibilityOf(row: RequestRow, reader: Reader): string | null {
  const { caller, holder, approves } = reader;
  const me = caller.actor.id;
  if (row.status !== 'pending' || row.initiatorId === holder || !mayApprove(reader)) return null;
  const sight = sightIn(row, reader, approveRequest.name);
  if (sight === 'absent') return approvesElsewhere;
  if (!approves) return onlyPersons;
  if (row.ineligibleApprovers.includes(me)) return whyIneligible(me, row);
  if (row.approvedBy.includes(me)) return approvedAlready;
  const open = unmet(row.requirements, counted(row));
  if (!counts(open, readerRolesIn(reader, row.companyId))) return roleMissing(open, reader.roleNames);
  if (sight !== 'whole') return contentHidden;
  return isOnlyVouchedFor(caller) ? ownProofToApprove : null;
}
const mayApprove = ({ grants }: Reader): boolean =>
  grants.some(({ permissions }) => permissions.has(approveRequest.name));

type Stuck = Awaited<ReturnType<typeof stuckAmong>>;
const shown = (row: RequestRow, reader: Reader, stuck: Stuck): z.infer<typeof requestRow> => ({
  id: row.id,
  operation: row.operation,
  operationTitle: reader.approvables.titleOf(row.operation),
  summary: row.summary,
  amount: sightIn(row, reader) === 'part' ? null : row.amount,
  companyId: row.companyId,
  status: row.status,
  requestedBy: row.requestedBy,
  requestedAt: row.requestedAt,
  given: row.approvedBy.length,
  needed: row.needed,
  approverRoles: rolesOf(row.requirements),
  yourPart: yourPart(row, reader),
  stuck: stuck(row) !== null,
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
  const stuck = await stuckAmong(rows, read, reader);
  return rows.filter((row) => stuck(row) !== null).map(({ id }) => id);
}

/** A field that the reader's role hides is hidden here too; of an operation that is no more, all of them. */
const restricted = (operation: Operation | undefined, input: Record<string, unknown>, fields: FieldRules) => {
  if (operation) return restrict(operation.input, input, fields) as Record<string, unknown>;
  return Object.keys(fields).length > 0 ? null : input;
};

const using = { approvables: Approvables, bindings: Bindings } as const;

export const requestAnswers = [
  answer(listApprovalRequests, using, async ({ limit, cursor, ...filters }, read, { approvables, bindings }) => {
    const reader = await readerOf(read.caller, approvables);
    const { status, statusNot, mine, operation: operations } = filters;
    const of = { type: 'approvals.request', id: sql<string>`c.id::text` };
    const tagged = taggedAs(bindings.recordTags, of, filters, read);
    const stuck = filters.stuck === undefined ? [] : await stuckOnes(read, reader);
    const page = await read.page<RequestRow>(
      { limit, cursor },
      filters,
      (row) => [row.submissionOrder],
      (after, count) =>
        rowsOf(read, reader)
          .$if(status !== undefined, (q) => q.where('c.status', '=', anyOf(status!)))
          .$if(statusNot !== undefined, (q) => q.where('c.status', '<>', allOf(statusNot!)))
          .$if(operations !== undefined, (q) => q.where('c.operation', '=', anyOf(operations!)))
          .where(({ and }) => and(tagged))
          .$if(mine === 'requested', (q) => q.where('c.initiatorId', '=', reader.holder))
          .$if(mine === 'approve', (q) => q.where(awaitsReader(reader)))
          .$if(filters.stuck !== undefined, (q) => q.where(sql<SqlBool>`c.id = any(${stuck}::uuid[])`))
          .$if(after !== null, (q) => q.where('c.submissionOrder', '<', after![0]!))
          .orderBy('c.submissionOrder', 'desc')
          .limit(count)
          .execute(),
    );
    const isStuck = await stuckAmong(page.items, read, reader);
    return { items: page.items.map((row) => shown(row, reader, isStuck)), next: page.next };
  }),
  answer(readApprovalRequest, using, async ({ requestId }, read, { approvables }) => {
    const reader = await readerOf(read.caller, approvables);
    const row = await rowsOf(read, reader).where('c.id', '=', requestId).executeTakeFirst();
    if (!row) return notVisible(read, reader, requestId);
    const asked = approvables.operation(row.operation);
    const given = row.input === null ? null : (JSON.parse(row.input) as Record<string, unknown>);
    const input = given && restricted(asked, given, inputRules(reader, row, read.caller, approvables));
    const stuck = await stuckAmong([row], read, reader);
    const { expectedVersion, requirements, problem, result, reason, decidedBy } = row;
    return {
      ...shown(row, reader, stuck),
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
      stuckReason: stuck(row),
      changeable: approvables.ruledAs(row.operation) === row.operation,
      eligibility: eligibilityOf(row, reader),
      stamp: read.stamp,
    };
  }),
];
