import { job } from '@daybook/jobs';
import { nameId } from '@daybook/kernel';
import { type JobBinding, jobOf, type JobContext, People } from '@daybook/server';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { executeApproved } from './execution.js';
import { loadRequest } from './load-request.js';

/**
 * Stands behind the last approval: started before it is given, so that a crash anywhere after it leaves somebody who goes
 * on. As a rule it finds the command done already.
 */
export const executionJob = job('approvals.execute', {
  title: 'Carry out an approved command',
  input: z.object({ requestId: z.uuid(), version: z.int().describe('That the approval was given to') }),
  attempts: 20,
  timeoutSeconds: 120,
});

/** One job per last approval; the same request starts the same job. */
export const executionJobId = (requestId: string, version: number): string =>
  nameId(requestId, 'execution-job', String(version));

/** How long the approval itself may still be on its way, and how long its own request gets to carry out the command. */
export interface ExecutionTimeouts {
  readonly approvalMs: number;
  readonly requestMs: number;
}
const executionTimeouts: ExecutionTimeouts = { approvalMs: 15_000, requestMs: 10_000 };

export const executionBinding = ({ approvalMs, requestMs }: ExecutionTimeouts = executionTimeouts): JobBinding =>
  jobOf(executionJob, { people: People }, (context: JobContext, { people }) => async (run) => {
    const { requestId, version } = (run as { input: z.infer<typeof executionJob.input> }).input;
    const { tenant, signal } = run;
    const began = Date.now();
    for (;;) {
      const { state, recordedAt } = await loadRequest(context.events, tenant, requestId);
      if (state.status === 'approved' && Date.now() - Date.parse(recordedAt) >= requestMs) break;
      const onItsWay = state.status === 'pending' && state.version === version && Date.now() - began < approvalMs;
      if (state.status !== 'approved' && !onItsWay) return { requestId, status: state.status };
      await sleep(250, undefined, { signal });
    }
    const { state } = await executeApproved(tenant, requestId, context, people.rightsOf);
    if (state.status === 'approved') throw new Error('The approved command could not be carried out just now');
    return { requestId, status: state.status };
  });
