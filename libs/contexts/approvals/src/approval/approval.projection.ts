import { personal } from '@daybook/kernel';
import { patch, projection, put, type RowChange, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import {
  approvalGiven,
  commandChanged,
  commandDone,
  commandFailed,
  commandHeld,
  commandRejected,
  commandWithdrawn,
  requirement,
} from './approval.events.js';
import { approvalRow } from './approval.operations.js';
import { neededOf, unmet } from './requirements.js';

const given = z.object({
  by: z.string(),
  at: z.string(),
  roles: z.array(z.string()),
  comment: z.string().nullable(),
  content: z.int(),
});

export const pendingCommands = tableOf(
  'commands',
  approvalRow.pick({ id: true, operation: true, summary: true, companyId: true, status: true, askedAt: true }).extend({
    initiatorId: z.string(),
    askedBy: z.string(),
    /** Of whom the input tells. */
    sealedFor: z.string(),
    /** Ids of those who may not approve it: who asked, who changed it last, whom it is about, who stands behind these. */
    barred: z.array(z.string()),
    about: z.string().nullable(),
    behind: z.array(z.string()),
    /** As it was given: its currency is the document's, which is not known here. */
    amount: z.string().nullable(),
    /** JSON text, so that its fields stay in the order of the operation's. */
    input: personal(z.string().nullable(), 'sealedFor'),
    expectedVersion: z.int().nullable(),
    content: z.int(),
    requirements: z.array(requirement),
    needed: z.int(),
    /** Ids of those whose approval counts. */
    approvedBy: z.array(z.string()),
    /** The roles that are still asked for; `*` for any. */
    openRoles: z.array(z.string()),
    approvals: z.array(given),
    problem: z.object({ code: z.string(), message: z.string() }).nullable(),
    result: z.object({ id: z.string(), version: z.int(), position: z.string() }).nullable(),
    reason: z.string().nullable(),
    decidedBy: z.string().nullable(),
    version: z.int(),
    /** The tenant's running number in the order of asking. */
    ordinal: z.string(),
  }),
  ['id'],
  { sequence: 'ordinal', indexes: [['status', 'ordinal'], ['initiatorId', 'ordinal'], ['ordinal']] },
);
type Row = z.infer<(typeof pendingCommands)['row']>;

/** Filled by the engine. */
const ordinal = '0';

const distinct = (...ids: (string | null | undefined)[]): string[] => [...new Set(ids.flatMap((id) => id ?? []))];

const textOf = (input: Readonly<Record<string, unknown>> | null): string | null => input && JSON.stringify(input);

const openRolesOf = (requirements: Row['requirements'], counted: Row['approvals']): string[] => [
  ...new Set(unmet(requirements, counted).map(({ approverRole }) => approverRole ?? '*')),
];

const amended = (
  { data, meta }: { data: { requestId: string }; meta: { record: { version: number } } },
  fields: (row: Row) => Partial<Row>,
): RowChange[] => [
  patch(pendingCommands, { id: data.requestId }, (row) => ({ ...fields(row), version: meta.record.version })),
];

export const approvalProjection = projection({
  name: 'approvals',
  version: 3,
  tables: [pendingCommands],
  channels: ['approvals'],
  on: [
    when(commandHeld, ({ data, recordedAt }) => {
      const { requestId, commandId: _, initiator, onBehalfOf, ...held } = data;
      return [
        put(pendingCommands, {
          ...held,
          input: textOf(held.input),
          id: requestId,
          status: 'waiting',
          askedBy: initiator.id,
          askedAt: recordedAt,
          about: held.about ?? null,
          behind: held.behind ?? [],
          barred: distinct(initiator.id, held.initiatorId, onBehalfOf?.id, held.about, ...(held.behind ?? [])),
          needed: neededOf(held.requirements),
          approvedBy: [],
          openRoles: openRolesOf(held.requirements, []),
          approvals: [],
          problem: null,
          result: null,
          reason: null,
          decidedBy: null,
          version: 1,
          ordinal,
        }),
      ];
    }),
    when(commandChanged, (event) => {
      const { requestId: _, by, ...changed } = event.data;
      return amended(event, (row) => ({
        ...changed,
        input: textOf(changed.input),
        status: 'waiting',
        about: changed.about ?? null,
        behind: changed.behind ?? [],
        barred: distinct(row.askedBy, row.initiatorId, ...by, changed.about, ...(changed.behind ?? [])),
        needed: neededOf(changed.requirements),
        approvedBy: [],
        openRoles: openRolesOf(changed.requirements, []),
        problem: null,
      }));
    }),
    when(approvalGiven, (event) => {
      const { by, roles, comment, content, complete } = event.data;
      return amended(event, (row) => {
        const approvals = [...row.approvals, { by, at: event.recordedAt, roles, comment, content }];
        const counted = approvals.filter((one) => one.content === content);
        return {
          status: complete ? 'approved' : 'waiting',
          approvals,
          approvedBy: counted.map((one) => one.by),
          openRoles: openRolesOf(row.requirements, counted),
        };
      });
    }),
    when(commandDone, (event) => amended(event, () => ({ status: 'done', result: event.data.result, problem: null }))),
    when(commandFailed, (event) => amended(event, () => ({ status: 'failed', problem: event.data.problem }))),
    when(commandRejected, (event) =>
      amended(event, () => ({ status: 'rejected', reason: event.data.reason, decidedBy: event.data.by })),
    ),
    when(commandWithdrawn, (event) => amended(event, () => ({ status: 'withdrawn', reason: event.data.reason }))),
  ],
});
