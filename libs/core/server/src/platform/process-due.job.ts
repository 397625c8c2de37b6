import { job, type JobRun } from '@daybook/jobs';
import {
  accept,
  actorSchema,
  command,
  type CommandOf,
  type Decider,
  type EventsOf,
  isRejection,
  processDue,
  processRecordId,
  RejectionError,
  streamName,
} from '@daybook/kernel';
import { type Caller, decide, type JobBinding, jobOf } from '../context.js';
import type * as z from 'zod';

/*
 * How time reaches a process: a wait is a job that may not begin before its moment, and records that the moment has come.
 */
export const processDueJob = job('platform.process-due', {
  title: 'Let a process go on in time',
  input: processDue.data.extend({ onBehalfOf: actorSchema.nullish() }),
  attempts: 20,
  timeoutSeconds: 60,
});

export const recordProcessDue = command('platform.process-due.record', {
  title: 'Record that a moment has come that a process waited for',
  http: 'POST /v1/platform/process-due',
  says: 'came to the moment {dueAt} that {process} waited for ({step})',
  input: processDue.data,
});

const events = [processDue] as const;
const decider: Decider<number, CommandOf<typeof recordProcessDue>, EventsOf<typeof events>> = {
  initial: 0,
  decide: ({ input }, moments) =>
    accept(processRecordId(input.process, input.instance), moments + 1, processDue.of(input)),
  evolve: (moments) => moments + 1,
};

export const recordProcessDueBinding = decide({
  operations: [recordProcessDue],
  decider,
  events,
  stream: ({ process, instance }, { tenant }) =>
    streamName('platform.process', tenant, processRecordId(process, instance)),
});

export const processDueBinding: JobBinding = jobOf(processDueJob, {}, (context) => async (run) => {
  const { id, tenant, actor, correlationId, input } = run as JobRun<z.output<typeof processDueJob.input>>;
  const { onBehalfOf = null, ...moment } = input;
  const caller: Caller = { tenant, actor, onBehalfOf, channel: 'system', address: null, correlationId, reason: null };
  const recorded = await context.executeAs(caller, recordProcessDue, moment, { commandId: id, expectedVersion: null });
  if (isRejection(recorded)) throw new RejectionError(recorded);
});
