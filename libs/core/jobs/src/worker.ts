import { createPool, Listener, type Pools, timeLimits } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { type Job as QueueJob, PgBoss } from 'pg-boss';
import { attempt, JobAborted, type StopCause } from './attempt.js';
import { type Job, JobEntity } from './job.entity.js';
import type { JobFailure, JobGivenUpRun, JobState, JobWork } from './port.js';
import { progressOf } from './progress.js';
import { queueDatabase } from './queue-database.js';
import { secureQueue } from './secure-queue.js';
import { type Lane, lanesOf, nextTurns, requeueLost, type Ticket } from './turns.js';

export interface WorkerOptions {
  /** Connection string of the projector's role. */
  readonly url: string;
  /** A shared listener for notifications of new jobs; an own one when left out. */
  readonly listener?: Listener;
  /** Maximum connections of the queue. */
  readonly maxConnections?: number;
  readonly pools?: Pools;
  /** Concurrent long jobs in this process; half as many short ones run besides. */
  readonly concurrency?: number;
  /** How often new jobs and due schedules are looked for, besides being told of new ones. */
  readonly pollMs?: number;
  /** Called for errors of the queue itself, such as a lost connection; it recovers by itself. */
  readonly onError?: (error: Error) => void;
  /** Called for every failed attempt; the error is what the job threw, or null when it took too long. */
  readonly onFailed?: (attempt: FailedAttempt, error: unknown) => void;
  /** Whether the error is unrelated to the job (a full disk); such an attempt does not count. */
  readonly isPassing?: (error: unknown) => boolean;
}

export interface FailedAttempt {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly attempt: number;
  /** `platform.job-failed`, `platform.job-timed-out`. */
  readonly code: string;
}

/** A lease that is not renewed for this long belongs to a dead process, and the job runs again. The minimum of pg-boss. */
const heartbeatSeconds = 10;
/** Attempts are counted in jobs.job; pg-boss only has to keep offering the job. */
const unlimitedRetries = 1000;
export const pollMs = 2000;
const stopSeconds = 4;

const dayS = 86_400;
const queueOptions = {
  heartbeatSeconds,
  notify: true,
  retryLimit: unlimitedRetries,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  // The queue's row contains nothing that `jobs.job` does not. A waiting one that is deleted is sent again.
  deleteAfterSeconds: 3_600,
  retentionSeconds: 14 * dayS,
};
/** Pause before retrying an attempt that failed for a reason unrelated to the job. */
const passingPauseS = 5;
const pauseAfter = (attempt: number): number => Math.min(60, 2 ** (attempt - 1));

/**
 * Sends new rows of `jobs.job` to pg-boss and runs them. Only the attempt that holds the lease writes the row (`attempt` is
 * the fencing token), so that an attempt that lost its lease cannot overwrite its successor.
 */
export class JobWorker {
  private readonly boss: PgBoss;
  private readonly handlers = new Map<string, JobWork>();
  private readonly running = new Map<string, AbortController>();
  private readonly lanes: readonly Lane[];
  private readonly taken = new Map<Lane, number>();
  private readonly queuePool: Pool;
  private readonly listener: Listener;
  private unlisten = (): void => undefined;
  private timer: NodeJS.Timeout | undefined;
  private polling: Promise<void> | null = null;
  private pollAgain = false;
  private stopped = false;

  constructor(
    private readonly em: EntityManager,
    private readonly options: WorkerOptions,
    private readonly now: () => Date | null,
  ) {
    const { url, listener, maxConnections: max = 3, pools, concurrency = 2 } = options;
    this.lanes = lanesOf(concurrency);
    const poolOptions = {
      ...(pools ? { pools } : {}),
      max,
      application: 'projector queue',
      timeLimits: timeLimits.background,
      values: 'of-the-driver',
    } as const;
    this.queuePool = createPool(url, poolOptions);
    this.listener = listener ?? new Listener({ url, application: 'projector listen' });
    this.boss = new PgBoss({
      db: queueDatabase(this.queuePool, this.listener),
      schema: 'pgboss',
      createSchema: false,
      schedule: false,
      useListenNotify: true,
      superviseIntervalSeconds: 3,
      monitorIntervalSeconds: 3,
    });
    this.boss.on('error', (error) => this.options.onError?.(error));
  }

  async start(handlers: readonly JobWork[]): Promise<void> {
    for (const handled of handlers) this.handlers.set(handled.job.name, handled);
    await this.boss.start();
    for (const { queue } of this.lanes) {
      await this.boss.createQueue(queue, queueOptions);
      // Created by an earlier version.
      await this.boss.updateQueue(queue, queueOptions);
    }
    await secureQueue(this.queuePool);
    for (const lane of this.lanes) await this.workOn(lane);
    this.unlisten = this.listener.on('daybook_jobs', {
      heard: (payload) => {
        if (payload !== '') this.running.get(payload)?.abort(new JobAborted('cancelled'));
        else this.poll();
      },
      restored: () => this.poll(),
    });
    this.timer = setInterval(() => this.poll(), this.options.pollMs ?? pollMs);
    this.poll();
  }

  private async workOn(lane: Lane): Promise<void> {
    const options = {
      localConcurrency: lane.places,
      pollingIntervalSeconds: 0.5,
      notifyPollingIntervalSeconds: 1,
      heartbeatRefreshSeconds: 2,
    };
    await this.boss.work<Ticket>(lane.queue, options, async ([job]) => {
      if (!job) return;
      this.take(lane, 1);
      await this.run(job).finally(() => {
        this.take(lane, -1);
        // A job has ended, so a slot is free for the next.
        this.poll();
      });
    });
  }

  private take(lane: Lane, places: number): void {
    this.taken.set(lane, this.takenOf(lane) + places);
  }

  private takenOf(lane: Lane): number {
    return this.taken.get(lane) ?? 0;
  }

  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    clearInterval(this.timer);
    this.unlisten();
    await this.polling;
    for (const controller of this.running.values()) controller.abort(new JobAborted('stopping'));
    await this.boss.stop({ graceful: true, timeout: stopSeconds * 1000 });
    if (!this.options.listener) await this.listener.close();
    await this.queuePool.end();
  }

  /** One poll at a time; a wake-up during a poll makes another follow. */
  private poll(): void {
    if (this.stopped) return;
    if (this.polling) {
      this.pollAgain = true;
      return;
    }
    this.pollAgain = false;
    this.polling = Promise.all([this.takeNew(), this.hearCancels()])
      .then(
        () => undefined,
        (error: unknown) => this.options.onError?.(error as Error),
      )
      .finally(() => {
        this.polling = null;
        if (this.pollAgain) this.poll();
      });
  }

  /**
   * The queue is first in, first out, so it only gets as many jobs as there are free slots, by turns among tenants. After a
   * crash between the two statements the same turn is sent again.
   */
  private async takeNew(): Promise<void> {
    await requeueLost(this.em);
    for (const lane of this.lanes) {
      const free = lane.places - this.takenOf(lane);
      if (free <= 0) continue;
      for (const turn of await nextTurns(this.em, lane, free, [...this.handlers.keys()], this.now())) {
        const { tenant, id } = turn;
        const expireInSeconds = Math.min(turn.timeoutSeconds + 60, dayS - 400);
        await this.boss.send(lane.queue, { tenant, id }, { id: turn.bossId, expireInSeconds });
        await this.em.fork().nativeUpdate(JobEntity, { tenant, id }, { queued: true });
      }
    }
  }

  /** In case a notification was lost. */
  private async hearCancels(): Promise<void> {
    if (this.running.size === 0) return;
    const cancelled = await this.em
      .fork()
      .find(JobEntity, { state: 'running', cancelRequested: true }, { fields: ['tenant', 'id'] });
    for (const { tenant, id } of cancelled) this.running.get(`${tenant}/${id}`)?.abort(new JobAborted('cancelled'));
  }

  private async run(boss: QueueJob<Ticket>): Promise<void> {
    const { tenant, id } = boss.data;
    const row = await this.claim(boss.data);
    if (!row) return;
    const handled = this.handlers.get(row.name);
    if (!handled) {
      // For a process of another version.
      return this.release(row, null, passingPauseS);
    }
    const key = `${tenant}/${id}`;
    const controller = new AbortController();
    const abort = (cause: StopCause): void => controller.abort(new JobAborted(cause));
    if (this.stopped) abort('stopping');
    this.running.set(key, controller);
    const progress = progressOf(this.em, row, () => abort('cancelled'));
    const outcome = await attempt(
      async () => handled.handler({ ...runOf(row, handled), signal: controller.signal, progress: progress.say }),
      controller,
      row.timeoutSeconds,
      boss.signal,
    ).finally(() => this.running.delete(key));
    await progress.flush();

    if (outcome.kind === 'done') return this.end(row, 'done', outcome.result as Job['result'], null);
    if (outcome.kind === 'rejected') return this.fail(row, handled, outcome.error);
    if (outcome.kind === 'broken') {
      this.options.onFailed?.(
        { id, tenant, name: row.name, attempt: row.attempt, code: outcome.error.code },
        outcome.cause,
      );
      const isPassing = this.options.isPassing?.(outcome.cause) ?? false;
      if (!isPassing && row.attempt >= row.attempts) return this.fail(row, handled, outcome.error);
      return isPassing
        ? this.release(row, null, passingPauseS)
        : this.release(row, outcome.error, pauseAfter(row.attempt));
    }
    if (outcome.cause === 'cancelled') return this.end(row, 'cancelled', null, null);
    if (outcome.cause === 'stopping') return this.release(row, null, 0);
    // The queue stores what is thrown, so it must not contain anything of the input.
    throw new JobAborted(outcome.cause);
  }

  /** Claims the next attempt; null when the job has ended, was cancelled, or has no attempt left. */
  private async claim({ tenant, id }: Ticket): Promise<Job | null> {
    const em = this.em.fork();
    const underWay = { tenant, id, state: { $in: ['waiting', 'running'] satisfies JobState[] } };
    const [claimed] = await em
      .createQueryBuilder(JobEntity)
      .update({
        state: 'running',
        attempt: raw('attempt + 1'),
        startedAt: raw('coalesce(started_at, clock_timestamp())'),
      })
      .where({ ...underWay, cancelRequested: false, attempt: { $lt: raw('attempts') } })
      .returning('*')
      .execute('all');
    if (claimed) return em.map(JobEntity, claimed);
    const [exhausted] = await em
      .createQueryBuilder(JobEntity)
      .update({ state: 'running' })
      .where(underWay)
      .returning('*')
      .execute('all');
    if (exhausted) await this.giveUp(em.map(JobEntity, exhausted));
    return null;
  }

  /** A job without another attempt: the process of the last one died, or what follows its failure failed. */
  private async giveUp(row: Job): Promise<void> {
    if (row.cancelRequested) return this.end(row, 'cancelled', null, null);
    const handled = this.handlers.get(row.name);
    // For a process of another version.
    if (!handled) return this.release(row, row.error ?? crashed, passingPauseS);
    return this.fail(row, handled, row.error ?? crashed);
  }

  /** The state comes last, so that a crash before it leaves the job to the next claim. */
  private async fail(row: Job, handled: JobWork, error: JobFailure): Promise<void> {
    if (handled.givenUp) {
      await this.em.fork().nativeUpdate(JobEntity, attemptOf(row), { error });
      const { givenUp } = handled;
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
  ): Promise<void> {
    await this.em
      .fork()
      .nativeUpdate(JobEntity, attemptOf(row), { state, result, error, endedAt: raw('clock_timestamp()') });
  }

  /** Back to waiting for another turn. A failed attempt stays counted; one that was interrupted does not. */
  private async release(row: Job, error: Job['error'], pauseSeconds: number): Promise<void> {
    const counted = error ? { error } : { attempt: raw<number>('attempt - 1') };
    const notBefore = raw('clock_timestamp() + make_interval(secs => ?)', [pauseSeconds]);
    await this.em
      .fork()
      .nativeUpdate(JobEntity, attemptOf(row), { state: 'waiting', queued: false, notBefore, ...counted });
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

/** Matches only while the attempt holds the lease: one that lost it changes nothing. */
const attemptOf = ({ tenant, id, attempt }: Job) => ({ tenant, id, attempt, state: 'running' as const });
