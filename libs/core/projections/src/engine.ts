import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { advanceGroup, type EngineDeps, eventsBetween } from './advance.js';
import { adopt, beginRebuild, buildStep, dropRetired, ensureGenerations } from './build.js';
import { describeError } from './errors.js';
import { sendHints } from './hints.js';
import { checkLogOf, LogReplaced } from './log-check.js';
import { retiredDroppedMs } from './readable-generations.js';
import { CheckpointMoved, groupPosition } from './registry.js';
import { retryParked } from './retry.js';
import { ProcessRunner } from './process/process-runner.js';
import type { ProcessDeps } from './process/process-work.js';
import { type ProjectionStatus, projectionStatus } from './projection-status.js';

/*
 * Runs the projections and processes of this program. One process is the leader: it applies new events to the live group,
 * lets processes handle what the group has applied, publishes generations that were built, and handles requests of the API.
 * The others are on standby; they build generations that the leader does not have, so that a new version is ready when it
 * takes over. Having one leader saves work; correctness rests on the checkpoints.
 */
export interface EngineOptions extends EngineDeps {
  /** Connections for work that may take hours: building and comparing. Default: the other pool. */
  readonly buildPool?: Pool;
  /** What process managers need; without it there are none. */
  readonly processes?: Omit<ProcessDeps, 'pool' | 'store' | 'now'>;
  /** The most events per batch. */
  readonly batch?: number;
  /** How long a retired schema is kept; reads use it for a minute. */
  readonly dropAfterMs?: number;
  /** The clock for that; default: the database's. */
  readonly now?: () => Date;
  /** How often it looks for requests and retired schemas. */
  readonly pauseMs?: number;
  /** Waits while the disk is almost full. */
  readonly beforeWriting?: (signal: AbortSignal) => Promise<void>;
}

/** Key of the advisory lock of the leader, one per database. */
const leaderLock = 7_204_201;
/** A version that takes longer to catch up is built while the others continue without it. */
const longestTakeOverMs = 5_000;
const longestPauseMs = 10_000;

export class ProjectionEngine {
  private readonly stopping = new AbortController();
  private readonly batch: number;
  private readonly pauseMs: number;
  private running: Promise<unknown> | null = null;
  private leading = false;
  /** How far this process has read as the leader, and what ends that. */
  private followed = 0n;
  private following = new AbortController();
  private lastStep: Promise<boolean> = Promise.resolve(false);
  readonly processes: ProcessRunner;
  /** Aborted when the group has moved: the processes have something to hear. */
  private moved = new AbortController();
  /** Leads since just now: what is parked gets another try, since a restart may bring the fix. */
  private leadsAnew = false;

  constructor(private readonly options: EngineOptions) {
    this.batch = options.batch ?? 200;
    this.pauseMs = options.pauseMs ?? 1_000;
    const { pool, store, catalogue, now } = options;
    const none = { processes: [], catalogue, act: async () => null, callOff: async () => undefined };
    this.processes = new ProcessRunner({ ...(options.processes ?? none), pool, store, ...(now ? { now } : {}) });
  }

  /** Starts working in the background, until `stop`. */
  start(): void {
    this.running ??= Promise.all([
      this.forever('projections.follow', () => this.lead()),
      this.forever('projections.build', () => this.build()),
      this.forever('processes.follow', () => this.handle()),
    ]);
  }

  get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.processes.stop();
    await this.running;
  }

  /** Applies everything up to the event store's head, like the leader, and returns that position. */
  async catchUp(): Promise<bigint> {
    await checkLogOf(this.options.pool, this.options.store);
    await adopt(this.options);
    await ensureGenerations(this.options, true);
    while (await this.buildStep(true));
    return this.advanceNow();
  }

  /** Applies events up to the head to the live group only. */
  async advanceNow(): Promise<bigint> {
    const { pool, store } = this.options;
    const [from, head] = [await groupPosition(pool), await store.head()];
    let reached = from;
    for await (const batch of eventsBetween(store, from, head, this.batch))
      reached = await this.advance(reached, batch);
    return reached;
  }

  /** Of a read model or a process. */
  async rebuild(name: string): Promise<void> {
    if (this.processes.has(name)) await this.processes.restart(name);
    else await beginRebuild(this.options, name);
  }

  /** Retries a parked tenant of a read model or a process; true when it has caught up with the group. */
  retry(name: string, tenant: string): Promise<boolean> {
    return this.processes.has(name) ? this.processes.retry(name, tenant) : retryParked(this.options, name, tenant);
  }

  /** Drops schemas that were retired long enough ago. */
  tidy(): Promise<void> {
    return dropRetired(this.options, this.options.dropAfterMs ?? retiredDroppedMs, this.options.now?.() ?? null);
  }

  status(): Promise<ProjectionStatus[]> {
    return projectionStatus(this.options.pool, this.options.store);
  }

  // ── leading: the live group ──────────────────────────────────────────────────────────────────────────
  private async lead(): Promise<void> {
    const client = await this.options.pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error) => (broken = error);
    client.on('error', onError);
    try {
      while (!(await tryLock(client))) {
        await this.pause();
        if (this.stopping.signal.aborted) return;
      }
      await checkLogOf(this.options.pool, this.options.store);
      const stopped = await this.stoppedTenants();
      await this.takeOver();
      await adopt(this.options);
      await ensureGenerations(this.options, true);
      await this.takeOver();
      this.leading = true;
      this.leadsAnew = true;
      for (const { name, tenant } of stopped) await this.retry(name, tenant);
      await this.follow(() => broken);
    } finally {
      this.leading = false;
      client.off('error', onError);
      // The connection is closed rather than unlocked: a broken one cannot respond, and closing it releases the lock.
      client.release(true);
    }
  }

  /** A new version that was built while another process was the leader goes live first, so that its readers see no gap. */
  private async takeOver(): Promise<void> {
    const until = Date.now() + longestTakeOverMs;
    while (Date.now() < until && (await this.buildStep(true)));
  }

  /** Retries what was parked before this process became the leader, since a restart may bring the fix. */
  private async stoppedTenants(): Promise<{ name: string; tenant: string }[]> {
    return (await this.status()).flatMap(({ kind, name, state, parked }) =>
      kind === 'read-model' && state === 'live' ? parked.map(({ tenant }) => ({ name, tenant })) : [],
    );
  }

  private async follow(lost: () => Error | undefined): Promise<void> {
    const { pool, store } = this.options;
    while (!(await hasLive(pool)) && !this.stopping.signal.aborted) await this.pause(Math.min(this.pauseMs, 100));
    this.following = new AbortController();
    this.followed = await groupPosition(pool);
    const signal = AbortSignal.any([this.stopping.signal, this.following.signal]);
    for await (const { events } of store.subscribeAll({ after: this.followed, batch: this.batch, signal })) {
      const error = lost();
      if (error) throw error;
      if (events.length > 0) this.followed = await this.advance(this.followed, events);
    }
    if (!this.stopping.signal.aborted) throw new CheckpointMoved();
  }

  /** Detects that the read models were dropped (rebuildFromThisLog), which a subscription far ahead would not notice. */
  private async noticeReset(): Promise<void> {
    const followed = this.followed;
    if ((await groupPosition(this.options.pool)) < followed) this.following.abort();
  }

  private async advance(from: bigint, batch: Parameters<typeof advanceGroup>[2]): Promise<bigint> {
    await this.options.beforeWriting?.(this.stopping.signal);
    const hints = await advanceGroup(this.options, from, batch);
    await sendHints(this.options.pool, hints);
    this.moved.abort();
    return batch.at(-1)!.position;
  }

  // ── processes, behind the group ──────────────────────────────────────────────────────────────────────
  /** While this process leads. */
  private async handle(): Promise<void> {
    while (!this.leading && !this.stopping.signal.aborted) await this.pause();
    if (this.stopping.signal.aborted) return;
    if (this.leadsAnew) await this.processes.retryAll({ onlyDue: false });
    this.leadsAnew = false;
    while (this.leading && !this.stopping.signal.aborted) {
      this.moved = new AbortController();
      await this.options.beforeWriting?.(this.stopping.signal);
      while (await this.processes.advance());
      await this.processes.retryAll({ onlyDue: true });
      await this.pause(this.pauseMs, this.moved.signal);
    }
  }

  // ── in parallel: builds, requests, leftovers ───────────────────────────────────────────────────────────
  private async build(): Promise<void> {
    if (this.leading) {
      await checkLogOf(this.options.pool, this.options.store);
      await this.noticeReset();
      await this.answerRequests();
      await this.tidy();
    } else await ensureGenerations(this.options, false);
    while (!this.stopping.signal.aborted && (await this.buildStep(this.leading)));
    await this.pause();
  }

  /** One at a time within the process. */
  private buildStep(mayPublish: boolean): Promise<boolean> {
    const step = this.lastStep
      .catch(() => false)
      .then(() => this.options.beforeWriting?.(this.stopping.signal))
      .then(() => buildStep({ ...this.options, pool: this.options.buildPool ?? this.options.pool }, mayPublish));
    this.lastStep = step;
    return step;
  }

  private async answerRequests(): Promise<void> {
    const { pool } = this.options;
    const { rows } = await pool.query<{ id: string; kind: 'rebuild' | 'retry'; name: string; tenant: string | null }>(
      'select id, kind, name, tenant from projections.request order by id',
    );
    for (const { id, kind, name, tenant } of rows) {
      try {
        if (kind === 'rebuild') await this.rebuild(name);
        else if (tenant !== null) await this.retry(name, tenant);
      } catch (error) {
        this.log('projections.request-failed', { kind, name, tenant, error: describeError(error) });
      }
      await pool.query('delete from projections.request where id = $1', [id]);
    }
  }

  /** Repeats the work until the engine stops; after an error, with exponential backoff and jitter. */
  private async forever(what: string, work: () => Promise<void>): Promise<void> {
    let failures = 0;
    let refused = '';
    while (!this.stopping.signal.aborted) {
      try {
        await work();
        failures = 0;
        refused = '';
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        if (error instanceof LogReplaced) {
          // Logged once; then it checks repeatedly whether the right log is back.
          if (refused !== error.message) this.log('projections.refused', { error: error.message });
          refused = error.message;
          await this.pause();
          continue;
        }
        if (!(error instanceof CheckpointMoved)) {
          failures += 1;
          this.log(what, { error: describeError(error), failures });
        }
        await this.pause(Math.min(longestPauseMs, 100 * 2 ** failures) * (0.5 + Math.random() / 2));
      }
    }
  }

  private pause = (ms = this.pauseMs, woken: AbortSignal | null = null): Promise<void> => {
    const { signal } = this.stopping;
    return sleep(ms, undefined, { signal: woken ? AbortSignal.any([signal, woken]) : signal }).catch((error: Error) => {
      if (error.name !== 'AbortError') throw error;
    });
  };

  private log(event: string, fields: Readonly<Record<string, unknown>>): void {
    this.options.log?.(event, fields);
  }
}

async function tryLock(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [leaderLock]);
  return rows[0]!.got;
}

async function hasLive(pool: EngineDeps['pool']): Promise<boolean> {
  const { rowCount } = await pool.query(`select from projections.generation where status = 'live' limit 1`);
  return rowCount === 1;
}
