import { type Actor, reject, RejectionError } from '@daybook/kernel';
import type { Schedule } from './schedule.js';
import type * as z from 'zod';

/** Declaration of a long-running job: name, typed input and limits. */
export interface JobDeclaration<I extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** Title for people: "Read a SAF-T file". */
  readonly title: string;
  readonly input: I;
  /** Attempts before it counts as failed. */
  readonly attempts: number;
  readonly timeoutSeconds: number;
  /**
   * Which program runs it. The projector has a queue for long work, and rights of its own; the API runs what reads with the
   * rights of the person who started it (docs/adr/0062).
   */
  readonly runsIn: 'projector' | 'api';
}
export const job = <I extends z.ZodType>(
  name: string,
  declared: { title: string; input: I } & Partial<Pick<JobDeclaration, 'attempts' | 'timeoutSeconds' | 'runsIn'>>,
): JobDeclaration<I> => ({ name, attempts: 3, timeoutSeconds: 3600, runsIn: 'projector', ...declared });

/** Throws for a job of the API: what reads for a person who waits is started at once, and not by the clock. */
export function assertCanWait({ name, runsIn }: Pick<JobDeclaration, 'name' | 'runsIn'>): void {
  if (runsIn === 'api') throw new Error(`${name} runs in the API, where no job waits for a moment.`);
}

/** Stored with every job: tenant, actor and the like. */
export interface JobEnvelope {
  readonly tenant: string;
  readonly actor: Actor;
  readonly correlationId: string;
}
export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
export interface JobStatus extends JobEnvelope {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly state: JobState;
  /** What it was started with, as stored. */
  readonly input: unknown;
  /** Units done and in total (null while unknown), and the current phase in words. */
  readonly progress: { readonly done: number; readonly total: number | null; readonly phase: string };
  readonly attempt: number;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Problem code and message of the last failure; never a stack trace. */
  readonly error: JobFailure | null;
  readonly result: unknown;
}

/** What a running job gets. Its work must be idempotent: after a crash it runs again with the same id. */
export interface JobRun<I> extends JobEnvelope {
  readonly id: string;
  readonly input: I;
  readonly attempt: number;
  /** Aborted when the job is cancelled or the process stops. */
  readonly signal: AbortSignal;
  progress(done: number, total: number | null, phase: string): Promise<void>;
  /** The progress of an earlier attempt. */
  readonly reached: { readonly done: number; readonly total: number | null };
  /**
   * Between two portions of long work. Where others wait for the place that this job has had for a while, it is interrupted here and
   * runs again behind them, without using up an attempt: it must go on where it was.
   */
  giveWay(): Promise<void>;
}
/** A RejectionError fails the job without a retry; other errors are retried. */
export type JobHandler<I> = (run: JobRun<I>) => Promise<unknown>;
/** The handler of some job, which takes the input that its declaration says. */
export type AnyJobHandler = { handle(run: JobRun<unknown>): Promise<unknown> }['handle'];
export interface JobFailure {
  readonly code: string;
  readonly message: string;
}
/** A job that is given up: nothing runs any more. */
export type JobGivenUpRun<I> = Omit<JobRun<I>, 'signal' | 'progress' | 'reached' | 'giveWay'>;
/**
 * What follows when a job fails for good: it was rejected, or its last attempt failed, took too long, or died with its
 * process. Must be idempotent: the job has failed once this has resolved, and until then it is called again.
 */
export type JobGivenUp<I> = (run: JobGivenUpRun<I>, failure: JobFailure) => Promise<void>;
export type AnyJobGivenUp = { handle(run: JobGivenUpRun<unknown>, failure: JobFailure): Promise<void> }['handle'];
export interface JobWork {
  readonly job: JobDeclaration;
  readonly handler: AnyJobHandler;
  readonly givenUp?: AnyJobGivenUp | undefined;
}

/** Waiting jobs per tenant at most. */
export const maxWaitingJobs = 1_000;
/** Of these, started by one person or API key, so that nobody takes the places of everybody else. */
export const maxWaitingJobsOfOne = 200;
const tooMany = (message: string): RejectionError =>
  new RejectionError(reject('platform.too-many-jobs', message, { status: 429, details: { retryAfterSeconds: 60 } }));

/** How many jobs wait in a tenant, and how many of them this actor started. */
export interface Waiting {
  readonly all: number;
  readonly own: number;
}
/** Why this actor can start no job now; null if they can. What the product itself starts counts for the tenant only. */
export function tooManyJobs({ all, own }: Waiting, { kind }: Actor): RejectionError | null {
  if (all >= maxWaitingJobs)
    return tooMany(`There are already ${maxWaitingJobs} waiting jobs. Wait until some have ended, or cancel some.`);
  if (own < maxWaitingJobsOfOne || (kind !== 'person' && kind !== 'api-key')) return null;
  return tooMany(`You have already ${maxWaitingJobsOfOne} waiting jobs. Wait until some have ended, or cancel some.`);
}

export interface Jobs {
  /**
   * Starts a job and returns its id; idempotent by id. Throws `tooManyJobs` when too many jobs of the tenant or of the actor are
   * waiting. Jobs of different tenants take turns. One with `notBefore` waits for that instant: until then it is on no list, and does not
   * count as waiting. Throws where that is a job of the API, which cannot wait.
   */
  start<I extends z.ZodType>(
    job: JobDeclaration<I>,
    input: z.input<I>,
    envelope: JobEnvelope,
    id?: string,
    options?: { readonly notBefore?: string },
  ): Promise<string>;
  /** Why the actor can start no other job now; null if they can, unless a concurrent caller is faster. */
  refusal(tenant: string, actor: Actor): Promise<RejectionError | null>;
  get(tenant: string, id: string): Promise<JobStatus | null>;
  /** Newest first; at most 200. */
  list(tenant: string, options?: { limit?: number }): Promise<JobStatus[]>;
  /** Cancels a waiting or running job; false when it has ended. */
  cancel(tenant: string, id: string): Promise<boolean>;
  /**
   * Erases input, result and error of ended jobs that the actor started or that contain one of the texts. The rows stay.
   * Returns how many.
   */
  forget(tenant: string, of: { actorId: string; texts: readonly string[] }): Promise<number>;
  /**
   * Runs jobs of these kinds in this process until `stop`, and starts what these schedules say: once in each tenant, however
   * many processes do so.
   */
  work(handlers: readonly JobWork[], schedules?: readonly Schedule[]): Promise<void>;
  stop(): Promise<void>;
}
