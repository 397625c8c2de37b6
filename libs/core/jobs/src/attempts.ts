import { inTenantScope } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { attempt, JobAborted, type StopCause } from './attempt.js';
import { type Job, JobEntity } from './job.entity.js';
import type { JobFailure, JobGivenUpRun, JobState, JobWork } from './port.js';
import { progressOf } from './progress.js';
import type { Ticket } from './turns.js';

export interface FailedAttempt {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly attempt: number;
  /** `platform.job-failed`, `platform.job-timed-out`. */
  readonly code: string;
}

export interface AttemptOptions {
  /** Called for every failed attempt; the error is what the job threw, or null when it took too long. */
  readonly onFailed?: (attempt: FailedAttempt, error: unknown) => void;
  /** Whether the error is unrelated to the job (a full disk); such an attempt does not count. */
  readonly isPassing?: (error: unknown) => boolean;
  /** Whether a job that could give way now should: others wait, and it has had its turn. */
  readonly isTurnOver?: () => Promise<boolean>;
}

/** Pause before retrying an attempt that failed for a reason unrelated to the job. */
const passingPauseS = 5;
const pauseAfter = (attempt: number): number => Math.min(60, 2 ** (attempt - 1));
const keyOf = ({ tenant, id }: Ticket): string => `${tenant}/${id}`;

/**
 * Runs attempts of jobs for the worker that holds their lease, and writes what came of them. Only the attempt that holds the lease
 * writes the row (`attempt` is the fencing token), so that one that lost it cannot overwrite its successor.
 */
export class JobAttempts {
  private readonly handlers = new Map<string, JobWork>();
  private readonly running = new Map<string, AbortController>();
  private stopped = false;

  constructor(
    private readonly em: EntityManager,
    private readonly options: AttemptOptions,
  ) {}

  handle(handlers: readonly JobWork[]): void {
    for (const handled of handlers) this.handlers.set(handled.job.name, handled);
  }

  /** Names of the jobs that this process runs. */
  get names(): readonly string[] {
    return [...this.handlers.keys()];
  }

  get count(): number {
    return this.running.size;
  }

  /** `<tenant>/<id>`, as it is announced; does nothing for a job that runs elsewhere. */
  cancel(key: string): void {
    this.running.get(key)?.abort(new JobAborted('cancelled'));
  }

  stop(): void {
    this.stopped = true;
    for (const controller of this.running.values()) controller.abort(new JobAborted('stopping'));
  }

  /** Answers after how many seconds the job is to be tried again; null when it has ended. Throws when the lease was lost. */
  async run(ticket: Ticket, lease: AbortSignal): Promise<number | null> {
    const row = await this.claim(ticket);
    if (!row) return this.giveUp(ticket);
    const handled = this.handlers.get(row.name);
    // For a process of another version.
    if (!handled) return this.release(row, null, passingPauseS);
    const controller = new AbortController();
    const abort = (cause: StopCause): void => controller.abort(new JobAborted(cause));
    if (this.stopped) abort('stopping');
    this.running.set(keyOf(ticket), controller);
    const progress = progressOf(
      (work) => inTenantScope(this.em, row.tenant, work),
      row,
      () => abort('cancelled'),
    );
    const outcome = await attempt(
      async () =>
        handled.handler({
          ...runOf(row, handled),
          signal: controller.signal,
          progress: progress.say,
          reached: { done: row.progressDone, total: row.progressTotal ?? null },
          giveWay: async () => {
            if (await this.options.isTurnOver?.()) abort('yielding');
            controller.signal.throwIfAborted();
          },
        }),
      controller,
      row.timeoutSeconds,
      lease,
    ).finally(() => this.running.delete(keyOf(ticket)));
    await progress.flush();

    if (outcome.kind === 'done') return this.end(row, 'done', outcome.result as Job['result'], null);
    if (outcome.kind === 'rejected') return this.fail(row, handled, outcome.error);
    if (outcome.kind === 'broken') {
      const { id, tenant, name } = row;
      this.options.onFailed?.({ id, tenant, name, attempt: row.attempt, code: outcome.error.code }, outcome.cause);
      const isPassing = this.options.isPassing?.(outcome.cause) ?? false;
      if (!isPassing && row.attempt >= row.attempts) return this.fail(row, handled, outcome.error);
      return isPassing
        ? this.release(row, null, passingPauseS)
        : this.release(row, outcome.error, pauseAfter(row.attempt));
    }
    if (outcome.cause === 'cancelled') return this.end(row, 'cancelled', null, null);
    if (outcome.cause === 'stopping' || outcome.cause === 'yielding') return this.release(row, null, 0);
    // The queue stores what is thrown, so it must not contain anything of the input.
    throw new JobAborted(outcome.cause);
  }

  /** Claims the next attempt; null when the job has ended, was cancelled, or has no attempt left. */
  private claim(ticket: Ticket): Promise<Job | null> {
    const changes = { attempt: raw('attempt + 1'), startedAt: raw('coalesce(started_at, clock_timestamp())') };
    return this.take(ticket, changes, { cancelRequested: false, attempt: { $lt: raw('attempts') } });
  }

  /** A job without another attempt: cancelled, or the process of the last one died, or what follows its failure failed. */
  private async giveUp(ticket: Ticket): Promise<number | null> {
    const row = await this.take(ticket, {}, {});
    if (!row) return null;
    if (row.cancelRequested) return this.end(row, 'cancelled', null, null);
    const handled = this.handlers.get(row.name);
    // For a process of another version.
    if (!handled) return this.release(row, row.error ?? crashed, passingPauseS);
    return this.fail(row, handled, row.error ?? crashed);
  }

  /** The job as one that runs, when it has not ended and fits. */
  private take({ tenant, id }: Ticket, changes: object, where: object): Promise<Job | null> {
    return inTenantScope(this.em, tenant, async (em) => {
      const [row] = await em
        .createQueryBuilder(JobEntity)
        .update({ state: 'running', ...changes })
        .where({ tenant, id, state: { $in: ['waiting', 'running'] satisfies JobState[] }, ...where })
        .returning('*')
        .execute('all');
      return row ? em.map(JobEntity, row) : null;
    });
  }

  /** The state comes last, so that a crash before it leaves the job to the next claim. */
  private async fail(row: Job, handled: JobWork, error: JobFailure): Promise<null> {
    const { givenUp, job } = handled;
    // What follows needs the input: where this version cannot read it, the job only ends.
    if (givenUp && job.input.safeParse(row.input).success) {
      await this.write(row, { error });
      await (async () => givenUp(runOf(row, handled), error))().catch((cause: unknown) => {
        const { id, tenant, name, attempt } = row;
        this.options.onFailed?.({ id, tenant, name, attempt, code: error.code }, cause);
        // The queue stores what is thrown, so it must not contain anything of the input.
        throw new Error('What follows the failure of this job has failed.');
      });
    }
    return this.end(row, 'failed', null, error);
  }

  private async end(
    row: Job,
    state: 'done' | 'failed' | 'cancelled',
    result: Job['result'],
    error: Job['error'],
  ): Promise<null> {
    await this.write(row, { state, result, error, endedAt: raw('clock_timestamp()') });
    return null;
  }

  /** Back to waiting for another turn. A failed attempt stays counted; one that was interrupted does not. */
  private async release(row: Job, error: Job['error'], pauseSeconds: number): Promise<number> {
    const counted = error ? { error } : { attempt: raw<number>('attempt - 1') };
    const notBefore = raw('clock_timestamp() + make_interval(secs => ?)', [pauseSeconds]);
    await this.write(row, { state: 'waiting', queued: false, notBefore, ...counted });
    return pauseSeconds;
  }

  /** Matches only while the attempt holds the lease: one that lost it changes nothing. */
  private async write(
    { tenant, id, attempt }: Job,
    changes: Parameters<typeof EntityManager.prototype.nativeUpdate<Job>>[2],
  ): Promise<void> {
    await inTenantScope(this.em, tenant, (em) =>
      em.nativeUpdate(JobEntity, { tenant, id, attempt, state: 'running' }, changes),
    );
  }
}

const crashed: JobFailure = { code: 'platform.job-crashed', message: 'The process died on every attempt.' };

const runOf = (row: Job, { job }: JobWork): JobGivenUpRun<unknown> => ({
  id: row.id,
  tenant: row.tenant,
  actor: row.actor,
  correlationId: row.correlation,
  attempt: row.attempt,
  input: job.input.parse(row.input),
});
