import { randomUUID } from 'node:crypto';
import {
  commandIdOf,
  isRejection,
  newId,
  type Operation,
  plainTextOrEmpty,
  reject,
  type Rejection,
  RejectionError,
} from '@daybook/kernel';
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { map, type Observable, tap } from 'rxjs';
import { newIdOf } from '../command/command-executor.js';
import type { Config } from '../config.js';
import { Metrics } from '../health/metrics.js';
import { CONFIG, LOGGER } from '../nest/tokens.js';
import { type CallMessage, type CallOrigin, messageIn, type OperationMessage, originOf } from './message.js';
import type { Answered, OperationRequest } from './request.js';
import { restrict } from './restrict.js';
import { isReadable, validate } from './validate.js';

/*
 * Which of Nest's enhancers (guard, pipe, interceptors, filter) run for an operation, by the origin of the call. Calls from
 * outside pass all of them, over REST as over GraphQL. Steps of a command and commands of a job or a process skip what was
 * done for the command that they follow from: rights are not checked and limits not charged again, no rule of approval
 * holds them, no fields are hidden from the product itself, and a failure is left to the outer command, the job or the
 * process. They are validated like all others, and bring ids of their own. Routes that are not operations (files, live
 * updates) have no handler on the bus: their controller is admitted by the dispatcher and streams. enhancers.e2e.spec.ts
 * tests each entry for each origin. The guard and CurrentRightsInterceptor are in operation.guard.ts, the filter in
 * operation.filter.ts.
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
  /**
   * ConcurrencyInterceptor: waits until its caller and its tenant have fewer operations running. The list of an export counts
   * like any other query of its caller: it holds one of the same connections.
   */
  concurrency: from(true, false, false, false, false),
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

/** Counts answers and their duration; exceptions, the guard's too, are counted by the filter. */
@Injectable()
export class MetricsInterceptor implements NestInterceptor {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  intercept(context: ExecutionContext, next: CallHandler<Answered | Rejection>): Observable<unknown> {
    const message = messageIn(context);
    if (!runs('metrics', message)) return next.handle();
    return next
      .handle()
      .pipe(tap((answer) => countAnswer(this.metrics, message, isRejection(answer) ? answer.status : 'ok')));
  }
}

export const countAnswer = (metrics: Metrics, message: CallMessage, status: 'ok' | number): void =>
  metrics.operationDone(message.operation, message.request, status, secondsOf(message));

const secondsOf = ({ started }: Pick<CallMessage, 'started'>): number => (performance.now() - started) / 1000;

/** Logs each answer at debug level, and a warning for 401 and 403; exceptions are logged by the filter. */
@Injectable()
export class LoggingInterceptor implements NestInterceptor {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  intercept(context: ExecutionContext, next: CallHandler<Answered | Rejection>): Observable<unknown> {
    const message = messageIn(context);
    if (!runs('logging', message)) return next.handle();
    return next
      .handle()
      .pipe(tap((answer) => logAnswer(this.logger, message, isRejection(answer) ? answer.status : 'ok')));
  }
}

/** People are logged by id, never by name. */
export function logAnswer(logger: Logger, message: CallMessage, status: 'ok' | number): void {
  const { operation, request } = message;
  const { channel, traceId } = request;
  logger.debug({ operation: operation.name, channel, status, seconds: secondsOf(message), traceId }, 'operation');
  if (status === 401 || status === 403) void logRefused(logger, message, status);
}

async function logRefused(logger: Logger, { operation, request }: CallMessage, status: number): Promise<void> {
  const access = await request.access();
  const who = isRejection(access) ? null : { tenant: access.tenant, actor: access.actor.id };
  const { channel, traceId } = request;
  logger.warn({ operation: operation.name, status, ...who, channel, traceId }, 'refused');
}

/** Hides and masks guarded fields by the caller's roles; outside production, validates the answer against its schema. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  private readonly checksAnswers: boolean;
  constructor(@Inject(CONFIG) { environment }: Pick<Config, 'environment'>) {
    this.checksAnswers = environment !== 'production';
  }

  intercept(context: ExecutionContext, next: CallHandler<Answered | Rejection>): Observable<unknown> {
    const message = messageIn(context);
    if (!runs('answer', message)) return next.handle();
    const { operation } = message;
    return next.handle().pipe(
      map((answer) => {
        if (isRejection(answer) || answer.held === true || answer.unchanged === true) return answer;
        const checked = this.checksAnswers ? operation.output.safeParse(answer.value) : null;
        if (checked?.success === false) {
          throw new Error(`The answer of ${operation.name} does not fit its schema: ${checked.error.message}`);
        }
        return { ...answer, value: restrict(operation.output, answer.value, message.admitted?.rules ?? {}) };
      }),
    );
  }
}

/**
 * Gives a command its id, derived from tenant, actor, operation and Idempotency-Key, so that a repeat is recognised in the
 * stream (docs/adr/0023). A key or version that the operation does not take is rejected, since ignoring it would let the
 * caller rely on a condition that nobody checks.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const message = messageIn(context);
    if (!runs('idempotency', message)) return next.handle();
    const { operation, request, admitted } = message;
    const misused = misusedHeaders(operation, request);
    if (misused) throw new RejectionError(misused);
    const key = request.idempotencyKey;
    const access = admitted?.access;
    if (key === null || !access) message.ids = { commandId: randomUUID(), newId: newId() };
    else {
      const commandId = commandIdOf(access.tenant, access.actor.id, operation.name, key);
      message.ids = { commandId, newId: newIdOf(commandId) };
    }
    return next.handle();
  }
}

/** The same for a header of REST and an argument of GraphQL. */
const keyFormat = /^[\x21-\x7e]{1,200}$/;
const longestReason = 500;
const reasonText = plainTextOrEmpty(longestReason);

/** A reason from a header ends up in the audit trail like one in the input, so the same rules apply. */
function wrongReason(reason: string): string | null {
  if (reason.length > longestReason) return `The reason is longer than ${longestReason} characters. Shorten it.`;
  if (!isReadable(reason)) return 'The reason contains characters that cannot be stored: NUL or an unpaired surrogate.';
  return reasonText.safeParse(reason).error?.issues[0]?.message ?? null;
}

/** Conditions that the caller relies on must not be ignored silently. */
export function misusedHeaders(operation: Operation, request: OperationRequest): Rejection | null {
  if (request.idempotencyKey !== null && !keyFormat.test(request.idempotencyKey)) {
    return reject('platform.idempotency-key-invalid', 'Idempotency-Key must have 1 to 200 visible ASCII characters.', {
      status: 400,
    });
  }
  if (operation.kind === 'query') return null;
  const reason = request.reason === null ? null : wrongReason(request.reason);
  if (reason !== null) return reject('platform.reason-invalid', reason, { status: 400 });
  if (request.idempotencyKey !== null && !operation.acceptsIdempotencyKey) {
    return reject(
      'platform.idempotency-key-not-accepted',
      `"${operation.title}" does not take an Idempotency-Key. Leave it out.`,
      {
        status: 400,
      },
    );
  }
  const refused = request.versionRefused ?? null;
  if ((request.expectedVersion !== null || refused) && operation.ifMatch === 'none') {
    return reject('platform.version-not-accepted', `"${operation.title}" does not take If-Match. Leave it out.`, {
      status: 400,
    });
  }
  if (refused) return refused;
  if (request.expectedVersion === null && operation.ifMatch === 'required') {
    return reject(
      'platform.version-required',
      `"${operation.title}" needs If-Match with the version that you have seen, so that you do not overwrite other changes.`,
      { status: 428 },
    );
  }
  return null;
}

/** Validates the input of an operation against its schema; throws a rejection that names every invalid field. */
@Injectable()
export class ValidationPipe implements PipeTransform<OperationMessage, Record<string, unknown>> {
  transform(message: OperationMessage): Record<string, unknown> {
    const { operation, raw } = message;
    if (!runs('validation', message)) return raw as Record<string, unknown>;
    const valid = validate(operation, raw);
    if (isRejection(valid)) throw new RejectionError(valid);
    return valid.input;
  }
}
