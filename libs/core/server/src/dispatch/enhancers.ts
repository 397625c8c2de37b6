import type { ExecutionContext } from '@nestjs/common';
import { type CallOrigin, originOf, type OperationMessage } from './message.js';

/*
 * What runs around an operation, by the way it came in. Everything from outside passes everything, through whichever door.
 * What the product itself sends skips what was done for the command that sends it, or for the person who began it: their
 * rights are not asked again, their limits not charged again, what they may not see is not cut out of what the product
 * needs to go on, and a failure is the job's or the outer command's to answer. It is validated like everything else, and
 * gets an id that follows from the one before. A spec per door holds each line (enhancers.e2e.spec.ts).
 */
const from = (rest: boolean, step: boolean, job: boolean): Readonly<Record<CallOrigin, boolean>> => ({
  rest,
  graphql: rest,
  step,
  job,
});
export const enhancersByOrigin = {
  /** OperationGuard: rate limit, sign-in, permission, company, delegated access, recent confirmation. */
  guard: from(true, false, false),
  /** ValidationPipe: the input by its declared schema. */
  validation: from(true, true, true),
  /** IdempotencyInterceptor: ids from the Idempotency-Key; steps and jobs bring theirs. */
  idempotency: from(true, false, false),
  /** CurrentRightsInterceptor: a read that began early is answered when its rights are those of now. */
  currentRights: from(true, false, false),
  /** AnswerInterceptor: hides and masks guarded fields; compares answers with their declaration in development. */
  answer: from(true, false, false),
  /** TraceInterceptor: a line of the log for each operation, and for who was refused. */
  trace: from(true, false, false),
  /** MetricsInterceptor: counts and seconds. */
  metrics: from(true, false, false),
  /** OperationFilter: what is thrown becomes a rejection: of steps and jobs, rejections alone. */
  filter: from(true, true, true),
  /** The rules of approval (a step waits in the place of its command where it says so). */
  approval: from(true, false, false),
} as const;

export const runs = (
  what: keyof typeof enhancersByOrigin,
  message: Pick<OperationMessage, 'trusted' | 'request'>,
): boolean => enhancersByOrigin[what][originOf(message)];

/** The message that a guard, interceptor, pipe or filter is asked about. */
export const messageIn = (context: Pick<ExecutionContext, 'getArgByIndex'>): OperationMessage =>
  context.getArgByIndex<OperationMessage>(0);
