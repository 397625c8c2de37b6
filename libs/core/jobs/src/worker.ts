import { createPool, Listener, type Pools, timeLimits } from '@daybook/postgres';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import { type AttemptOptions, JobAttempts } from './attempts.js';
import { JobEntity } from './job.entity.js';
import type { JobWork } from './port.js';
import { queueDatabase } from './queue-database.js';
import { secureQueue } from './secure-queue.js';
import { type Lane, lanesOf, nextTurns, requeueLost, type Ticket } from './turns.js';

export interface WorkerOptions extends AttemptOptions {
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

/** Sends new rows of `jobs.job` to pg-boss and runs them. */
export class JobWorker {
  private readonly boss: PgBoss;
  private readonly attempts: JobAttempts;
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
    this.attempts = new JobAttempts(em, options);
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
    this.attempts.handle(handlers);
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
        if (payload !== '') this.attempts.cancel(payload);
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
      await this.attempts.run(job.data, job.signal).finally(() => {
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
    this.attempts.stop();
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
      for (const turn of await nextTurns(this.em, lane, free, this.attempts.names, this.now())) {
        const { tenant, id } = turn;
        const expireInSeconds = Math.min(turn.timeoutSeconds + 60, dayS - 400);
        await this.boss.send(lane.queue, { tenant, id }, { id: turn.bossId, expireInSeconds });
        await this.em.fork().nativeUpdate(JobEntity, { tenant, id }, { queued: true });
      }
    }
  }

  /** In case a notification was lost. */
  private async hearCancels(): Promise<void> {
    if (this.attempts.count === 0) return;
    const cancelled = await this.em
      .fork()
      .find(JobEntity, { state: 'running', cancelRequested: true }, { fields: ['tenant', 'id'] });
    for (const { tenant, id } of cancelled) this.attempts.cancel(`${tenant}/${id}`);
  }
}
