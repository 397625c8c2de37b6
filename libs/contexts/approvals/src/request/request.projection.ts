import { personal } from '@daybook/kernel';
import { patch, projection, put, type RowChange, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import {
  requestApproved,
  requestChanged,
  requestCompleted,
  requestFailed,
  requestSubmitted,
  requestRejected,
  requestWithdrawn,
  requirement,
} from './request.events.js';
import { requestRow } from './request.operations.js';
import { neededOf, unmet } from './requirements.js';

const given = z.object({
  by: z.string(),
  at: z.string(),
  roles: z.array(z.string()),
  comment: z.string().nullable(),
  contentVersion: z.int(),
});

export const requests = tableOf(
  'requests',
  requestRow
    .pick({ id: true, operation: true, summary: true, companyId: true, status: true, requestedAt: true })
    .extend({
      initiatorId: z.string(),
      requestedBy: z.string(),
      /** The person the input is about. */
      sealedFor: z.string(),
      /** Ids of ineligible approvers: requester, last editor, the person it is about, and custodians. */
      ineligibleApprovers: z.array(z.string()),
      about: z.string().nullable(),
      /** The record of the kit that it changes or makes. */
      recordType: z.string().nullable(),
      recordId: z.string().nullable(),
      custodians: z.array(z.string()),
      /** As it was given: its currency is the document's, which is not known here. */
      amount: z.string().nullable(),
      /** JSON text, so that its fields stay in the order of the operation's. */
      input: personal(z.string().nullable(), 'sealedFor'),
      expectedVersion: z.int().nullable(),
      contentVersion: z.int(),
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
      submissionOrder: z.string(),
    }),
  ['id'],
  {
    sequence: 'submissionOrder',
    indexes: [['status', 'submissionOrder'], ['initiatorId', 'submissionOrder'], ['submissionOrder']],
  },
);
type Row = z.infer<(typeof requests)['row']>;

/** Filled by the engine. */
const submissionOrder = '0';

const distinct = (...ids: (string | null | undefined)[]): string[] => [...new Set(ids.flatMap((id) => id ?? []))];

const textOf = (input: Readonly<Record<string, unknown>> | null): string | null => input && JSON.stringify(input);

const openRolesOf = (requirements: Row['requirements'], counted: Row['approvals']): string[] => [
  ...new Set(unmet(requirements, counted).map(({ approverRole }) => approverRole ?? '*')),
];

const updated = (
  { data, meta }: { data: { requestId: string }; meta: { record: { version: number } } },
  fields: (row: Row) => Partial<Row>,
): RowChange[] => [
  patch(requests, { id: data.requestId }, (row) => ({ ...fields(row), version: meta.record.version })),
];

export const requestProjection = projection({
  name: 'approvals',
  version: 5,
  tables: [requests],
  channels: ['approvals'],
  on: [
    when(requestSubmitted, ({ data, recordedAt }) => {
      const { requestId, commandId: _, initiator, onBehalfOf, ...held } = data;
      return [
        put(requests, {
          ...held,
          input: textOf(held.input),
          id: requestId,
          status: 'pending',
          requestedBy: initiator.id,
          requestedAt: recordedAt,
          about: held.about ?? null,
          custodians: held.custodians ?? [],
          ineligibleApprovers: distinct(
            initiator.id,
            held.initiatorId,
            onBehalfOf?.id,
            held.about,
            ...(held.custodians ?? []),
          ),
          needed: neededOf(held.requirements),
          approvedBy: [],
          openRoles: openRolesOf(held.requirements, []),
          approvals: [],
          problem: null,
          result: null,
          reason: null,
          decidedBy: null,
          version: 1,
          submissionOrder,
        }),
      ];
    }),
    when(requestChanged, (event) => {
      const { requestId: _, by, ...changed } = event.data;
      return updated(event, (row) => ({
        ...changed,
        input: textOf(changed.input),
        status: 'pending',
        about: changed.about ?? null,
        custodians: changed.custodians ?? [],
        ineligibleApprovers: distinct(
          row.requestedBy,
          row.initiatorId,
          ...by,
          changed.about,
          ...(changed.custodians ?? []),
        ),
        needed: neededOf(changed.requirements),
        approvedBy: [],
        openRoles: openRolesOf(changed.requirements, []),
        problem: null,
      }));
    }),
    when(requestApproved, (event) => {
      const { by, roles, comment, contentVersion, complete } = event.data;
      return updated(event, (row) => {
        const approvals = [...row.approvals, { by, at: event.recordedAt, roles, comment, contentVersion }];
        const counted = approvals.filter((one) => one.contentVersion === contentVersion);
        return {
          status: complete ? 'approved' : 'pending',
          approvals,
          approvedBy: counted.map((one) => one.by),
          openRoles: openRolesOf(row.requirements, counted),
        };
      });
    }),
    when(requestCompleted, (event) =>
      updated(event, () => ({ status: 'completed', result: event.data.result, problem: null })),
    ),
    when(requestFailed, (event) => updated(event, () => ({ status: 'failed', problem: event.data.problem }))),
    when(requestRejected, (event) =>
      updated(event, () => ({ status: 'rejected', reason: event.data.reason, decidedBy: event.data.by })),
    ),
    when(requestWithdrawn, (event) => updated(event, () => ({ status: 'withdrawn', reason: event.data.reason }))),
  ],
});
