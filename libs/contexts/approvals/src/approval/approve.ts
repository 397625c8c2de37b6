import { isRejection, nameId } from '@daybook/kernel';
import { perform } from '@daybook/server';
import { actingIn, confirmedFor } from './acting.js';
import { Approvables } from './approvables.js';
import { approvalDecider, approvalUnknown } from './approval.decider.js';
import { approvalGiven } from './approval.events.js';
import { approveCommand } from './approval.operations.js';
import { carryOut } from './carry-out.js';
import { carryOutJob, carryOutJobId } from './carry-out.job.js';
import { readStanding } from './standing.js';
import { giveApproval } from './steps.operations.js';

/**
 * Gives an approval; the last one carries the command out. Its job is started before, so that nothing is left behind by a
 * crash. Approving what a crash left approved goes on with it.
 */
export const approveBinding = perform(
  approveCommand,
  { approvables: Approvables },
  async ({ approvalId, comment }, context, { approvables }) => {
    const { caller, events, expectedVersion } = context;
    const { tenant } = caller;
    const step = { name: giveApproval.name, input: { approvalId, comment: comment ?? null } } as const;
    const commandId = nameId(context.commandId, giveApproval.name);

    const before = await readStanding(events, tenant, approvalId);
    if (before.state.status === 'waiting') {
      const acting = await actingIn(step, caller, events, approvables);
      if (isRejection(acting)) return acting;
      const decided = approvalDecider.decide(
        step,
        before.state,
        { now: '', tenant, actor: caller.actor.id, commandId, newId: approvalId, expectedVersion, reason: null },
        acting,
      );
      if (isRejection(decided)) return decided;
      const unsure = confirmedFor(before.state.operation, caller, approvables);
      if (unsure) return unsure;
      const isLast = decided.events.some((event) => event.type === approvalGiven.name && event.data.complete);
      if (isLast) {
        const { version } = before.state;
        await context.jobs.start(
          carryOutJob,
          { approvalId, version },
          { tenant, actor: caller.actor, correlationId: caller.correlationId },
          carryOutJobId(approvalId, version),
        );
      }
    }
    const given = await context.executeAs(caller, giveApproval, step.input, { commandId, expectedVersion });
    const left = isRejection(given) && given.code === 'approvals.command-not-waiting';
    if (isRejection(given) && !(left && before.state.status === 'approved')) return given;

    const { state, position } = await carryOut(tenant, approvalId, context, approvables.people.rightsOf);
    if (state.status === 'absent') return approvalUnknown(approvalId);
    return { id: approvalId, version: state.version, position, status: state.status };
  },
);
