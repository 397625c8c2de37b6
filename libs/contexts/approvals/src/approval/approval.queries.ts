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
} from '@daybook/server';
import { type Expression, type SqlBool, sql } from 'kysely';
import type * as z from 'zod';
import { personOf } from './gate.js';
import { approveCommand, type approvalRow, listApprovals, readApproval } from './approval.operations.js';
import {
  approvalUnknown,
  approvedAlready,
  onlyPersons,
  ownProofToApprove,
  roleMissing,
  whyOwn,
} from './approval.decider.js';
import { pendingCommands } from './approval.projection.js';
import { Approvables } from './approvables.js';
import { approversAt, outOfReach, whyStuck } from './approvers.js';
import { inWords } from './in-words.js';
import { counts, rolesOf, unmet } from './requirements.js';
import { rightsHolder } from './roles-in.js';

type Pending = z.infer<(typeof pendingCommands)['row']>;

/** The part that whoever reads has in pending commands: who he is, and in which roles he approves where. */
interface Reader {
  readonly caller: Caller;
  readonly holder: string;
  readonly approves: boolean;
  readonly grants: readonly EffectiveGrant[];
  readonly roleNames: ReadonlyMap<string, string>;
  readonly stuck: (row: Row) => string | null;
}
/** What it takes to say whether somebody can approve. */
type Row = Pick<Pending, 'status' | 'companyId' | 'requirements' | 'approvals' | 'content' | 'barred'>;
const rolesIn = ({ grants }: Reader, companyId: string | null): string[] =>
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
      grants.some(({ permissions }) => permissions.has(approveCommand.name)),
    grants,
    roleNames,
    stuck: await stuckIn(caller.tenant, roleNames, people),
  };
}

const counted = ({ approvals, content }: Pick<Pending, 'approvals' | 'content'>) =>
  approvals.filter((one) => one.content === content);

/** Tells of what waits why nobody can approve it, as rights are now; null while somebody can. */
async function stuckIn(tenant: string, roles: Reader['roleNames'], people: People): Promise<Reader['stuck']> {
  const holders = await people.holdersOf(tenant, approveCommand.name);
  return (row) => {
    if (row.status !== 'waiting') return null;
    const waits = { requirements: row.requirements, given: counted(row), barred: row.barred };
    const found = outOfReach(waits, approversAt(holders, row.companyId));
    return found && whyStuck(found, roles);
  };
}

const rowsOf = (read: QueryContext, { caller, holder }: Reader) => {
  const own = sql<SqlBool>`c."initiatorId" = ${holder}`;
  return read.db
    .selectFrom(read.rows(pendingCommands).as('c'))
    .selectAll('c')
    .$if(caller.companies !== undefined && caller.companies !== 'all', (q) =>
      q.where((w) => w.or([own, within(caller.companies as readonly string[])])),
    )
    .$if(caller.parties !== undefined && caller.parties !== 'all', (q) => q.where(own));
};
const within = (companies: readonly string[]): Expression<SqlBool> =>
  sql<SqlBool>`c."companyId" = any(${[...companies]})`;

/** Waits for this reader: he neither asked nor approved, and a role is still asked for that he holds there. */
const waitsFor = ({ caller, grants, approves }: Reader): Expression<SqlBool> => {
  if (!approves) return sql<SqlBool>`false`;
  const me = JSON.stringify([caller.actor.id]);
  const inTenant = grants.flatMap(({ role, companyId }) => (companyId === null ? [role] : []));
  const inCompanies = grants.flatMap(({ role, companyId }) =>
    companyId === null ? [] : [sql<SqlBool>`(c."companyId" = ${companyId} and c."openRoles" ?| ${[role]}::text[])`],
  );
  const asked = [sql<SqlBool>`c."openRoles" ?| ${['*', ...inTenant]}::text[]`, ...inCompanies];
  return sql<SqlBool>`c.status = 'waiting' and not c.barred @> ${me}::jsonb and not c."approvedBy" @> ${me}::jsonb
    and (${sql.join(asked, sql` or `)})`;
};

const yourPart = (row: Pending, reader: Reader): 'approve' | 'own' | 'none' => {
  const { caller, holder, approves } = reader;
  if (row.initiatorId === holder) return row.status === 'waiting' || row.status === 'failed' ? 'own' : 'none';
  const me = caller.actor.id;
  if (!approves || row.status !== 'waiting' || row.barred.includes(me) || row.approvedBy.includes(me)) return 'none';
  return counts(unmet(row.requirements, counted(row)), rolesIn(reader, row.companyId)) ? 'approve' : 'none';
};

/** Why whoever reads does not approve it, or with what they first prove who they are; null where nothing is in the way. */
function eligibilityOf(row: Pending, reader: Reader): string | null {
  const { caller, holder, approves } = reader;
  const me = caller.actor.id;
  if (row.status !== 'waiting' || row.initiatorId === holder || !mayApprove(reader)) return null;
  if (!approves) return onlyPersons;
  if (row.barred.includes(me)) return whyOwn(me, row);
  if (row.approvedBy.includes(me)) return approvedAlready;
  const open = unmet(row.requirements, counted(row));
  if (!counts(open, rolesIn(reader, row.companyId))) return roleMissing(open, reader.roleNames);
  return isOnlyVouchedFor(caller) ? ownProofToApprove : null;
}
const mayApprove = ({ grants }: Reader): boolean =>
  grants.some(({ permissions }) => permissions.has(approveCommand.name));

const shown = (row: Pending, reader: Reader, titleOf: (name: string) => string): z.infer<typeof approvalRow> => ({
  id: row.id,
  operation: row.operation,
  operationTitle: titleOf(row.operation),
  summary: row.summary,
  amount: row.amount,
  companyId: row.companyId,
  status: row.status,
  askedBy: row.askedBy,
  askedAt: row.askedAt,
  given: row.approvedBy.length,
  needed: row.needed,
  approverRoles: rolesOf(row.requirements),
  yourPart: yourPart(row, reader),
  stuck: reader.stuck(row) !== null,
  version: row.version,
});

/** Every waiting command is looked at, for rights are not in the read model; the oldest first, as many as anybody works off. */
const mostLookedAt = 5_000;
async function stuckOnes(read: QueryContext, reader: Reader): Promise<string[]> {
  const rows = await rowsOf(read, reader)
    .where('c.status', '=', 'waiting')
    .orderBy('c.ordinal')
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

export const approvalAnswers = [
  answer(listApprovals, using, async ({ limit, cursor, ...filters }, read, { approvables }) => {
    const reader = await readerOf(read.caller, approvables.people);
    const titleOf = (name: string) => approvables.titleOf(name);
    const { status, mine, operation: operations } = filters;
    const stuck = filters.stuck === undefined ? [] : await stuckOnes(read, reader);
    const page = await read.page<Pending>(
      { limit, cursor },
      filters,
      (row) => [row.ordinal],
      (after, count) =>
        rowsOf(read, reader)
          .$if(status !== undefined, (q) => q.where('c.status', '=', anyOf(status!)))
          .$if(operations !== undefined, (q) => q.where('c.operation', '=', anyOf(operations!)))
          .$if(mine === 'asked', (q) => q.where('c.initiatorId', '=', reader.holder))
          .$if(mine === 'approve', (q) => q.where(waitsFor(reader)))
          .$if(filters.stuck !== undefined, (q) => q.where(sql<SqlBool>`c.id = any(${stuck}::uuid[])`))
          .$if(after !== null, (q) => q.where('c.ordinal', '<', after![0]!))
          .orderBy('c.ordinal', 'desc')
          .limit(count)
          .execute(),
    );
    return { items: page.items.map((row) => shown(row, reader, titleOf)), next: page.next };
  }),
  answer(readApproval, using, async ({ approvalId }, read, { approvables }) => {
    const reader = await readerOf(read.caller, approvables.people);
    const titleOf = (name: string) => approvables.titleOf(name);
    const row = await rowsOf(read, reader).where('c.id', '=', approvalId).executeTakeFirst();
    if (!row) return approvalUnknown(approvalId);
    const asked = approvables.operation(row.operation);
    const given = row.input === null ? null : (JSON.parse(row.input) as Record<string, unknown>);
    const input = given && restricted(asked, given, read.caller);
    const { expectedVersion, requirements, problem, result, reason, decidedBy } = row;
    return {
      ...shown(row, reader, titleOf),
      input,
      fields: inWords(input ?? {}),
      expectedVersion,
      requirements,
      approvals: row.approvals.map(({ by, at, comment, content }) => ({
        by,
        at,
        comment,
        void: content !== row.content,
      })),
      problem,
      result,
      reason,
      decidedBy,
      wayOut: reader.stuck(row),
      changeable: approvables.ruledAs(row.operation) === row.operation,
      eligibility: eligibilityOf(row, reader),
      stamp: read.stamp,
    };
  }),
];
