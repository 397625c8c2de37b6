import { setTimeout as sleep } from 'node:timers/promises';
import { inSchemaScope, type Listener } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { type AttemptOptions, JobAttempts } from './attempts.js';
import { ApiJobEntity } from './job.entity.js';
import type { JobWork } from './port.js';
import type { Ticket } from './turns.js';

/*
 * Jobs that API processes run, with the API's rights: row-level security shows them the one tenant they work for, and what
 * people may see is looked up as for a request. pg-boss is closed to that role, since its tables show all tenants; here a row
 * per job says which one, and until when somebody works on it. A process runs one at a time, beside its requests; a long one gives its
 * place to those who wait, after a turn.
 */
export interface ApiWorkerOptions extends AttemptOptions {
  readonly listener: Listener;
  /** Called for errors of the queue itself, such as a lost connection; it recovers by itself. */
  readonly onError: (error: unknown) => void;
  /** A lease that is not renewed for so long belongs to a dead process. */
  readonly leaseSeconds?: number;
  /** So long a job has its place before it gives way to others that wait. */
  readonly turnSeconds?: number;
  /** Milliseconds, of which turns are measured. */
  readonly now?: () => number;
}
interface Lease extends Ticket {
  readonly holder: string;
}
const pollMs = 2_000;
const stopMs = 4_000;
/** Tenants whose turns are remembered. */
const mostTurns = 1_000;

export class ApiWorker {
  private readonly attempts: JobAttempts;
  private readonly leaseSeconds: number;
  private readonly now: () => number;
  private turnBegan = 0;
  /** Tenants in the order of their last turns. */
  private turns: readonly string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private unlisten = (): void => undefined;
  private working: Promise<void> | null = null;
  private again = false;
  private stopped = false;

  constructor(
    private readonly em: EntityManager,
    private readonly options: ApiWorkerOptions,
  ) {
    this.attempts = new JobAttempts(em, { ...options, isTurnOver: () => this.isTurnOver() });
    this.now = options.now ?? (() => Date.now());
    this.leaseSeconds = options.leaseSeconds ?? 30;
  }

  start(handlers: readonly JobWork[]): void {
    this.attempts.handle(handlers);
    this.unlisten = this.options.listener.on('daybook_jobs', {
      heard: (payload) => (payload === '' ? this.look() : this.attempts.cancel(payload)),
      restored: () => this.look(),
    });
    this.timer = setInterval(() => this.look(), pollMs);
    this.look();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    this.unlisten();
    this.attempts.stop();
    // A process that does not hear it takes the job when its lease has ended.
    await Promise.race([this.working, sleep(stopMs, undefined, { ref: false })]);
  }

  private look(): void {
    this.again = true;
    this.working ??= this.work().finally(() => (this.working = null));
  }

  private async work(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      try {
        for (let lease = await this.take(); lease !== null; lease = this.stopped ? null : await this.take()) {
          await this.runLeased(lease);
        }
      } catch (error) {
        this.options.onError(error);
      }
    }
  }

  /** Of the tenants that nobody works for just now the one whose last turn here is longest ago, and its job that has waited longest. */
  private async take(): Promise<Lease | null> {
    const [lease] = await this.scoped((em) =>
      // SQL for `skip locked`. Materialized, since a plan that reads `due` again for each row would lease another row each time.
      em.execute<Lease[]>(
        `with due as materialized (
           select tenant, id from jobs.api_job j where leased_until <= clock_timestamp() and not exists (
             select from jobs.api_job busy where busy.tenant = j.tenant and busy.leased_until > clock_timestamp())
           order by coalesce(array_position(?::uuid[], tenant), 0), leased_until limit 1 for update skip locked)
         update jobs.api_job j set leased_until = clock_timestamp() + make_interval(secs => ?), holder = gen_random_uuid()
         from due where j.tenant = due.tenant and j.id = due.id returning j.tenant, j.id, j.holder`,
        [`{${this.turns.join()}}`, this.leaseSeconds],
      ),
    );
    if (lease) this.turns = [...this.turns.filter((tenant) => tenant !== lease.tenant), lease.tenant].slice(-mostTurns);
    return lease ?? null;
  }

  private async runLeased(lease: Lease): Promise<void> {
    this.turnBegan = this.now();
    const lost = new AbortController();
    let renewedAt = Date.now();
    const renew = async (): Promise<void> => {
      const at = Date.now();
      if (await this.extend(lease, this.leaseSeconds)) renewedAt = at;
      else lost.abort();
    };
    const renewal = setInterval(() => {
      // Given up before another process may take the job.
      if (Date.now() - renewedAt >= this.leaseSeconds * 750) lost.abort();
      else renew().catch(this.options.onError);
    }, this.leaseSeconds * 250);
    try {
      const again = await this.attempts.run(lease, lost.signal);
      clearInterval(renewal);
      if (again === null) await this.scoped((em) => em.nativeDelete(ApiJobEntity, lease));
      else await this.extend(lease, again);
    } finally {
      clearInterval(renewal);
    }
  }

  /** Jobs that wait: also those of a tenant that a process works for already. */
  private async isTurnOver(): Promise<boolean> {
    if (this.now() - this.turnBegan < (this.options.turnSeconds ?? 10) * 1_000) return false;
    const [one] = await this.scoped((em) =>
      em.execute<{ waits: boolean }[]>(
        'select exists (select from jobs.api_job where leased_until <= clock_timestamp()) as waits',
      ),
    );
    return one?.waits === true;
  }

  /** False when another process has taken the job since. */
  private async extend(lease: Lease, seconds: number): Promise<boolean> {
    const leasedUntil = raw('clock_timestamp() + make_interval(secs => ?)', [seconds]);
    return (await this.scoped((em) => em.nativeUpdate(ApiJobEntity, lease, { leasedUntil }))) === 1;
  }

  private scoped<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return inSchemaScope(this.em, scope, work);
  }
}

const scope = 'jobs';

/** In the transaction that starts the job. */
export async function offerToApi(em: EntityManager, ticket: Ticket): Promise<void> {
  await em.execute(`select set_config('daybook.schema_scope', ?, true)`, [scope]);
  await em.createQueryBuilder(ApiJobEntity).insert(ticket).onConflict(['tenant', 'id']).ignore().execute('run');
}
