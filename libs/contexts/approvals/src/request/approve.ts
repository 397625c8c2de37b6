import { isRejection, nameId } from '@daybook/kernel';
import { perform } from '@daybook/server';
import { approverContextOf, confirmationMissing } from './approver-context.js';
import { Approvables } from './approvables.js';
import { requestDecider } from './request.decider.js';
import { requestNotFound } from './request.messages.js';
import { requestApproved } from './request.events.js';
import { approveRequest } from './request.operations.js';
import { executeApproved } from './execution.js';
import { loadRequest } from './load-request.js';
import { PendingExecutions } from './pending-executions.js';
import { recordApproval } from './request.internal.js';

/**
 * Gives an approval; the last one carries the command out. Its row is stored before, so that nothing is left behind by a
 * crash. Approving what a crash left approved goes on with it.
 */
export const approveBinding = perform(
  approveRequest,
  { approvables: Approvables, executions: PendingExecutions },
  async ({ requestId, comment }, context, { approvables, executions }) => {
    const { caller, events, expectedVersion } = context;
    const { tenant } = caller;
    const step = { name: recordApproval.name, input: { requestId, comment: comment ?? null } } as const;
    const commandId = nameId(context.commandId, recordApproval.name);

    const before = await loadRequest(events, tenant, requestId);
    if (before.state.status === 'pending') {
      const approver = await approverContextOf(step, caller, { ...context, state: before.state }, approvables);
      if (isRejection(approver)) return approver;
      const decided = requestDecider.decide(
        step,
        before.state,
        { now: '', tenant, actor: caller.actor.id, commandId, newId: requestId, expectedVersion, reason: null },
        approver,
      );
      if (isRejection(decided)) return decided;
      const unsure = confirmationMissing(before.state.operation, caller, approvables);
      if (unsure) return unsure;
      const isLast = decided.events.some((event) => event.type === requestApproved.name && event.data.complete);
      if (isLast) await executions.put(tenant, requestId);
    }
    const given = await context.executeAs(caller, recordApproval, step.input, { commandId, expectedVersion });
    const left = isRejection(given) && given.code === 'approvals.request-not-pending';
    if (isRejection(given) && !(left && before.state.status === 'approved')) return given;

    const { state, position } = await executeApproved(tenant, requestId, context, approvables.people.rightsOf);
    if (state.status !== 'approved') await executions.drop({ tenant, requestId });
    if (state.status === 'absent') return requestNotFound(requestId);
    return { id: requestId, version: state.version, position, status: state.status };
  },
);
