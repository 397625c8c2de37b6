import { type Actor, reject, RejectionError } from '@daybook/kernel';
import type * as z from 'zod';

/** Long work, declared once: its name, typed input and bounds. */
export interface JobDeclaration<I extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** What a person reads: "Read a SAF-T file". */
  readonly title: string;
  readonly input: I;
  /** Attempts in all before it counts as failed. */
  readonly attempts: number;
  readonly timeoutSeconds: number;
}
export const job = <I extends z.ZodType>(
  name: string,
  declared: { title: string; input: I; attempts?: number; timeoutSeconds?: number },
): JobDeclaration<I> => ({ name, attempts: 3, timeoutSeconds: 3600, ...declared });

/** Tenant and actor travel with every job. */
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
  /** Units done and in all (null while unknown), and the words for the present phase. */
  readonly progress: { readonly done: number; readonly total: number | null; readonly phase: string };
  readonly attempt: number;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Problem code and message of the last failure; never a stack trace. */
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly result: unknown;
}

/** What a running job may use. Work must be safe to repeat: after a crash it starts again with the same id. */
export interface JobRun<I> extends JobEnvelope {
  readonly id: string;
  readonly input: I;
  readonly attempt: number;
  /** Aborted when the job is cancelled or the process stops. */
  readonly signal: AbortSignal;
  progress(done: number, total: number | null, phase: string): Promise<void>;
}
/** A rejection thrown as RejectionError ends the job as failed without a retry; other errors are retried. */
export type JobHandler<I> = (run: JobRun<I>) => Promise<unknown>;

/** Jobs of one tenant that may wait at the same time. */
export const mostWaitingJobs = 1_000;
export const tooManyJobs = (): RejectionError =>
  new RejectionError(
    reject('platform.too-many-jobs', `${mostWaitingJobs} jobs wait already. Let them end, or cancel some.`, {
      status: 429,
      details: { retryAfterSeconds: 60 },
    }),
  );

export interface Jobs {
  /**
   * Starts a job; the same id again is the same job. Answers the id. Throws `tooManyJobs` where too many of the tenant
   * wait. Jobs of different tenants take turns.
   */
  start<I extends z.ZodType>(
    job: JobDeclaration<I>,
    input: z.input<I>,
    envelope: JobEnvelope,
    id?: string,
  ): Promise<string>;
  /** May the tenant start one more just now? Others may be faster. */
  hasCapacity(tenant: string): Promise<boolean>;
  get(tenant: string, id: string): Promise<JobStatus | null>;
  /** Newest first, at most 200. */
  list(tenant: string, options?: { limit?: number }): Promise<JobStatus[]>;
  /** Asks a waiting or running job to stop; false when there is nothing to stop. */
  cancel(tenant: string, id: string): Promise<boolean>;
  /**
   * Empties input, result and error of jobs that have ended: those the actor started, and those in which one of the texts
   * stands. The rows stay, for what was done. Answers how many.
   */
  forget(tenant: string, of: { actorId: string; texts: readonly string[] }): Promise<number>;
  /** Works on jobs of these kinds in this process until `stop`. */
  work(handlers: readonly { job: JobDeclaration; handler: JobHandler<never> }[]): Promise<void>;
  stop(): Promise<void>;
}
