import { job } from '@daybook/jobs';
import { nameId } from '@daybook/kernel';
import { type JobBinding, jobOf, type JobContext, People } from '@daybook/server';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { carryOut } from './carry-out.js';
import { readStanding } from './standing.js';

/**
 * Stands behind the last approval: started before it is given, so that a crash anywhere after it leaves somebody who goes
 * on. As a rule it finds the command done already.
 */
export const carryOutJob = job('approvals.carry-out', {
  title: 'Carry out an approved command',
  input: z.object({ approvalId: z.uuid(), version: z.int().describe('That the approval was given to') }),
  attempts: 20,
  timeoutSeconds: 120,
});

/** One job per last approval; the same request starts the same job. */
export const carryOutJobId = (approvalId: string, version: number): string =>
  nameId(approvalId, 'carry-out', String(version));

/** How long the approval itself may still be on its way, and how long its own request gets to carry out the command. */
export interface Patience {
  readonly approvalMs: number;
  readonly requestMs: number;
}
const patience: Patience = { approvalMs: 15_000, requestMs: 10_000 };

export const carryOutBinding = ({ approvalMs, requestMs }: Patience = patience): JobBinding =>
  jobOf(carryOutJob, { people: People }, (context: JobContext, { people }) => async (run) => {
    const { approvalId, version } = (run as { input: z.infer<typeof carryOutJob.input> }).input;
    const { tenant, signal } = run;
    const began = Date.now();
    for (;;) {
      const { state, recordedAt } = await readStanding(context.events, tenant, approvalId);
      if (state.status === 'approved' && Date.now() - Date.parse(recordedAt) >= requestMs) break;
      const onItsWay = state.status === 'waiting' && state.version === version && Date.now() - began < approvalMs;
      if (state.status !== 'approved' && !onItsWay) return { approvalId, status: state.status };
      await sleep(250, undefined, { signal });
    }
    const { state } = await carryOut(tenant, approvalId, context, people.rightsOf);
    if (state.status === 'approved') throw new Error('The approved command could not be carried out just now');
    return { approvalId, status: state.status };
  });
