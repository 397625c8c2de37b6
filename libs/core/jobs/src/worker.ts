import { daybookNamespace, nameId } from '@daybook/kernel';
import { createPool, Listener, type Pools, times } from '@daybook/postgres';
import type { Pool } from 'pg';
import { PgBoss, type Job } from 'pg-boss';
import { attempt, JobAborted, type StopCause } from './attempt.js';
import type { JobDeclaration, JobHandler } from './port.js';
import { progressOf } from './progress.js';
import { queueDatabase } from './queue-database.js';
import { secureQueue } from './secure-queue.js';
import type { JobRow } from './status.js';

export interface WorkerOptions {
  /** Login URL of the projector's role. */
  readonly url: string;
  /** Hears of new jobs beside others; one of its own when left out. */
  readonly listener?: Listener;
  /** Connections of the queue at most. */
  readonly maxConnections?: number;
  readonly pools?: Pools;
  /** Jobs this process works on at the same time. */
  readonly concurrency?: number;
  /** Where the queue's own troubles go (a lost connection; it recovers by itself). */
  readonly onError?: (error: Error) => void;
  /** Does the error say nothing of the job (a disk that is full)? Such an attempt does not count. */
  readonly isPassing?: (error: unknown) => boolean;
}

interface Ticket {
  readonly tenant: string;
  readonly id: string;
}
interface Handled {
  readonly job: JobDeclaration;
  readonly handler: JobHandler<never>;
}

const queue = 'daybook';
/** A claim not renewed for this long belongs to a dead process: the job is run again. pg-boss allows no less. */
const heartbeatSeconds = 10;
/** The attempts of a job are counted in jobs.job; pg-boss only has to keep offering it. */
const unlimitedRetries = 1000;
const pollMs = 2000;
const stopSeconds = 4;

/** Places of a process that one tenant may hold: all but one, which is kept for the others. */
export const mostOfTenant = (concurrency: number): number => Math.max(1, concurrency - 1);

const nextByTurns = `
  with under_way as (
    select j.tenant, count(*)::int as jobs from pgboss.job b
    join jobs.job j on j.tenant = (b.data ->> 'tenant')::uuid and j.id = (b.data ->> 'id')::uuid
    where b.name = $2 and b.state in ('created', 'retry', 'active') and j.state in ('waiting', 'running')
    group by j.tenant),
  turns as (
    select tenant, id, timeout_seconds, created_at,
      row_number() over (partition by tenant order by created_at, id) as turn
    from jobs.job where not queued and state = 'waiting' and name = any($1))
  select t.tenant, t.id, t.timeout_seconds from turns t
  left join under_way u using (tenant)
  left join lateral (select max(s.started_at) as at from jobs.job s where s.tenant = t.tenant) served on true
  where t.turn + coalesce(u.jobs, 0) <= $3
  order by t.turn + coalesce(u.jobs, 0), served.at nulls first, t.created_at, t.id
  limit greatest(0, $4 - (select coalesce(sum(jobs), 0) from under_way))`;

/**
 * Takes new rows of `jobs.job` into pg-boss and works on them. A row is written only by the attempt that holds it
 * (`attempt` is the fence), so that an attempt whose claim was lost cannot speak for its successor.
 */
export class JobWorker {
  private readonly boss: PgBoss;
  private readonly handlers = new Map<string, Handled>();
  private readonly running = new Map<string, AbortController>();
  private readonly queuePool: Pool;
  private readonly listener: Listener;
  private unlisten = (): void => undefined;
  private timer: NodeJS.Timeout | undefined;
  private polling: Promise<void> | null = null;
  private pollAgain = false;
  private stopped = false;

  constructor(
    private readonly pool: Pool,
    private readonly options: WorkerOptions,
  ) {
    const { url, listener, maxConnections: max = 3, pools } = options;
    const queueOptions = {
      ...(pools ? { pools } : {}),
      max,
      application: 'projector queue',
      times: times.background,
      values: 'of-the-driver',
    } as const;
    this.queuePool = createPool(url, queueOptions);
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

  private get concurrency(): number {
    return this.options.concurrency ?? 2;
  }

  async start(handlers: readonly Handled[]): Promise<void> {
    for (const handled of handlers) this.handlers.set(handled.job.name, handled);
    await this.boss.start();
    await this.boss.createQueue(queue, {
      heartbeatSeconds,
      notify: true,
      retryLimit: unlimitedRetries,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 60,
    });
    await secureQueue(this.pool);
    await this.boss.work<Ticket>(
      queue,
      {
        localConcurrency: this.concurrency,
        pollingIntervalSeconds: 0.5,
        notifyPollingIntervalSeconds: 1,
        heartbeatRefreshSeconds: 2,
      },
      async ([job]) => {
        // What has ended makes room for the next of its tenant.
        if (job) await this.run(job).finally(() => this.poll());
      },
    );
    this.unlisten = this.listener.on('daybook_jobs', {
      heard: (payload) => {
        if (payload !== '') this.running.get(payload)?.abort(new JobAborted('cancelled'));
        else this.poll();
      },
      restored: () => this.poll(),
    });
    this.timer = setInterval(() => this.poll(), pollMs);
    this.poll();
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

  /** One poll at a time; a wake during one makes another follow. */
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
   * The queue is first in, first out, so it is given little at a time, by turns among tenants: with the fewest jobs under
   * way first, then the one longest without a turn. No tenant has all places of a process, however many jobs it has.
   * Sending is idempotent by id, so a crash between the two statements only sends the same job again.
   */
  private async takeNew(): Promise<void> {
    const { rows } = await this.pool.query<Ticket & { timeout_seconds: number }>(nextByTurns, [
      [...this.handlers.keys()],
      queue,
      mostOfTenant(this.concurrency),
      2 * this.concurrency,
    ]);
    for (const { tenant, id, timeout_seconds } of rows) {
      const expireInSeconds = Math.min(timeout_seconds + 60, 86_000);
      await this.boss.send(queue, { tenant, id }, { id: nameId(daybookNamespace, 'job', tenant, id), expireInSeconds });
      await this.pool.query('update jobs.job set queued = true where tenant = $1 and id = $2', [tenant, id]);
    }
  }

  /** Behind the notification, for one that was lost. */
  private async hearCancels(): Promise<void> {
    if (this.running.size === 0) return;
    const { rows } = await this.pool.query<Ticket>(
      `select tenant, id from jobs.job where state = 'running' and cancel_requested`,
    );
    for (const { tenant, id } of rows) this.running.get(`${tenant}/${id}`)?.abort(new JobAborted('cancelled'));
  }

  private async run(boss: Job<Ticket>): Promise<void> {
    const { tenant, id } = boss.data;
    const row = await this.claim(boss.data);
    if (!row) return;
    const handled = this.handlers.get(row.name);
    if (!handled) {
      await this.release(row, null);
      throw new Error(`This process does not work on ${row.name}.`);
    }
    const key = `${tenant}/${id}`;
    const controller = new AbortController();
    const abort = (cause: StopCause): void => controller.abort(new JobAborted(cause));
    if (this.stopped) abort('stopping');
    boss.signal.addEventListener('abort', () => abort('claim-lost'), { once: true });
    this.running.set(key, controller);
    const progress = progressOf(this.pool, row, () => abort('cancelled'));
    const outcome = await attempt(
      async () =>
        handled.handler({
          id,
          tenant,
          actor: row.actor,
          correlationId: row.correlation,
          attempt: row.attempt,
          input: handled.job.input.parse(row.input) as never,
          signal: controller.signal,
          progress: progress.say,
        }),
      controller,
      row.timeout_seconds,
    ).finally(() => this.running.delete(key));
    await progress.flush();

    if (outcome.kind === 'done') return this.end(row, 'done', outcome.result, null);
    if (outcome.kind === 'rejected') return this.end(row, 'failed', null, outcome.error);
    if (outcome.kind === 'broken') {
      const isPassing = this.options.isPassing?.(outcome.cause) ?? false;
      if (!isPassing && row.attempt >= row.attempts) return this.end(row, 'failed', null, outcome.error);
      await this.release(row, isPassing ? null : outcome.error);
      // The queue keeps what is thrown: only what says nothing of the input.
      throw new Error(outcome.error.code);
    }
    if (outcome.cause === 'cancelled') return this.end(row, 'cancelled', null, null);
    if (outcome.cause === 'stopping') await this.release(row, null);
    throw new JobAborted(outcome.cause);
  }

  /** The next attempt, or null when there is none: ended, cancelled meanwhile, or died too often. */
  private async claim({ tenant, id }: Ticket): Promise<JobRow | null> {
    const claimed = await this.pool.query<JobRow>(
      `update jobs.job set state = 'running', attempt = attempt + 1, started_at = coalesce(started_at, clock_timestamp())
        where tenant = $1 and id = $2 and state in ('waiting', 'running') and not cancel_requested and attempt < attempts
        returning *`,
      [tenant, id],
    );
    if (claimed.rows[0]) return claimed.rows[0];
    await this.pool.query(
      `update jobs.job set state = case when cancel_requested then 'cancelled' else 'failed' end, ended_at = clock_timestamp(),
              error = case when cancel_requested then null else coalesce(error, $3::jsonb) end
        where tenant = $1 and id = $2 and state in ('waiting', 'running')`,
      [tenant, id, JSON.stringify({ code: 'platform.job-crashed', message: 'The process died on every attempt.' })],
    );
    return null;
  }

  private async end(
    row: JobRow,
    state: 'done' | 'failed' | 'cancelled',
    result: unknown,
    error: unknown,
  ): Promise<void> {
    await this.pool.query(
      `update jobs.job set state = $4, result = $5, error = $6, ended_at = clock_timestamp()
        where tenant = $1 and id = $2 and attempt = $3 and state = 'running'`,
      [row.tenant, row.id, row.attempt, state, JSON.stringify(result), error === null ? null : JSON.stringify(error)],
    );
  }

  /** Back to waiting. An attempt that broke stays counted; one that had to make way does not. */
  private async release(row: JobRow, error: unknown): Promise<void> {
    await this.pool.query(
      `update jobs.job set state = 'waiting', error = coalesce($4::jsonb, error), attempt = attempt - $5
        where tenant = $1 and id = $2 and attempt = $3 and state = 'running'`,
      [row.tenant, row.id, row.attempt, error === null ? null : JSON.stringify(error), error === null ? 1 : 0],
    );
  }
}
