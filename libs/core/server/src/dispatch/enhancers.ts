import type { ExecutionContext } from '@nestjs/common';
import { type CallMessage, type CallOrigin, originOf, type OperationMessage } from './message.js';

/*
 * Which of Nest's enhancers (guard, pipe, interceptors, filter) run for an operation, by the origin of the call. Calls from
 * outside pass all of them, over REST as over GraphQL. Steps of a command and commands of a job or a process skip what was
 * done for the command that they follow from: rights are not checked and limits not charged again, no rule of approval
 * holds them, no fields are hidden from the product itself, and a failure is left to the outer command, the job or the
 * process. They are validated like all others, and bring ids of their own. Routes that are not operations (files, live updates) have no handler on the bus: their controller is
 * admitted by the dispatcher and streams. enhancers.e2e.spec.ts tests each entry for each origin.
 *
 * Two calls are no messages of a bus, and are validated alone: a query that another query asks (`QueryContext.ask`), which
 * reads the same snapshot, and whose answer is checked and cut as part of the outer one; and a rehearsal, which appends
 * nothing.
 */
const from = (
  rest: boolean,
  step: boolean,
  job: boolean,
  process: boolean,
  route: boolean,
): Readonly<Record<CallOrigin, boolean>> => ({
  rest,
  graphql: rest,
  step,
  job,
  process,
  route,
});
export const enhancersByOrigin = {
  /** OperationGuard: rate limit, authentication, permission, company, delegated access, step-up. */
  guard: from(true, false, false, false, true),
  /** ValidationPipe: the input against its schema. */
  validation: from(true, true, true, true, false),
  /** IdempotencyInterceptor: ids from the Idempotency-Key; steps, jobs and processes bring their own. */
  idempotency: from(true, false, false, false, false),
  /** CurrentRightsInterceptor: a query that started early is answered only if its rights still apply. */
  currentRights: from(true, false, false, false, false),
  /** AnswerInterceptor: hides and masks guarded fields; validates answers outside production. */
  answer: from(true, false, false, false, false),
  /** LoggingInterceptor: a log line per operation, and a warning for each refused caller. */
  logging: from(true, false, false, false, true),
  /** MetricsInterceptor: counts and durations. */
  metrics: from(true, false, false, false, true),
  /** OperationFilter: turns exceptions into rejections; from within only thrown rejections. */
  filter: from(true, true, true, true, true),
  /** Approval rules (a step waits in place of its command where the command declares so). */
  approval: from(true, false, false, false, false),
} as const;

export const runs = (what: keyof typeof enhancersByOrigin, message: Omit<CallMessage, 'started'>): boolean =>
  enhancersByOrigin[what][originOf(message)];

/** The message that a guard, interceptor, pipe or filter is called for. */
export const messageIn = (context: Pick<ExecutionContext, 'getArgByIndex'>): OperationMessage =>
  context.getArgByIndex<OperationMessage>(0);
