import { inSchemaScope } from '@daybook/postgres';
import type { People } from '@daybook/server';
import type { AfterResponseQueue } from '@daybook/server/after-response';
import { errorOutline } from '@daybook/server/health/error-outline';
import type { PeriodicTasks } from '@daybook/server/nest/periodic-tasks';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { executeApproved, type RequestExecutor } from './execution.js';
import { PendingExecutionEntity } from './pending-execution.entity.js';

const pollEveryMs = 5_000;
/** Longer than a request takes to carry out its command, which then finds it done. */
const firstPauseSeconds = 60;
const longestPauseSeconds = 3_600;
/** About two days. */
const maxTries = 52;
/** About half an hour, in which an approval is recorded or was refused. */
const maxTriesPending = 5;

interface Row {
  readonly tenant: string;
  readonly requestId: string;
  readonly tries: number;
}

/**
 * Stands behind the last approval: a row is stored before it is given and deleted when the command was carried out, so that
 * after a crash anywhere in between another API process goes on. Not a job, since jobs run in the projector, whose role
 * must not read what rights, keys and invitations depend on.
 */
export class PendingExecutions {
  constructor(
    private readonly deps: {
      readonly em: EntityManager;
      readonly executor: RequestExecutor;
      readonly people: Pick<People, 'rightsOf'>;
      readonly logger: Pick<Logger, 'warn' | 'error'>;
      readonly afterResponse: Pick<AfterResponseQueue, 'stopping'>;
      readonly periodicTasks: Pick<PeriodicTasks, 'every'>;
    },
  ) {
    deps.periodicTasks.every('carrying out approved commands', pollEveryMs, () => this.work());
  }

  /** Stored before the last approval is given. */
  async put(tenant: string, requestId: string): Promise<void> {
    const nextAt = raw('now() + make_interval(secs => ?)', [firstPauseSeconds]);
    await this.scoped((em) =>
      em
        .createQueryBuilder(PendingExecutionEntity)
        .insert({ tenant, requestId, tries: 0, nextAt })
        .onConflict(['tenant', 'requestId'])
        .merge(['tries', 'nextAt'])
        .execute('run'),
    );
  }

  /** The command was carried out, or failed for good. */
  async drop(row: Omit<Row, 'tries'> & Partial<Row>): Promise<void> {
    await this.scoped((em) => em.nativeDelete(PendingExecutionEntity, row));
  }

  /** Carries out what is due. */
  async work(): Promise<void> {
    while (!this.deps.afterResponse.stopping.aborted) {
      const row = await this.take();
      if (row === null) return;
      // With `tries`, so that a row that was stored anew in the meantime stays.
      if (await this.isOver(row)) await this.drop(row);
    }
  }

  /** The row that is due first, leased by scheduling its next try before this one. */
  private async take(): Promise<Row | null> {
    const [row] = await this.scoped((em) =>
      // SQL for `skip locked`. Materialized, since a plan that reads `due` again for each row would lease another row each time.
      em.execute<Row[]>(
        `with due as materialized (
           select tenant, request_id from approvals.pending_executions
           where next_at <= now() order by next_at limit 1 for update skip locked)
         update approvals.pending_executions p set tries = p.tries + 1,
           next_at = now() + make_interval(secs => least(?, ? * power(2, least(p.tries, 10))))
         from due where p.tenant = due.tenant and p.request_id = due.request_id
         returning p.tenant, p.request_id as "requestId", p.tries`,
        [longestPauseSeconds, firstPauseSeconds],
      ),
    );
    return row ?? null;
  }

  /** Carries out one command; false when it has to be tried again. */
  private async isOver({ tenant, requestId, tries }: Row): Promise<boolean> {
    const { executor, people, logger } = this.deps;
    const which = { tenant, request: requestId, tries };
    try {
      const { state } = await executeApproved(tenant, requestId, executor, people.rightsOf);
      if (state.status === 'pending') return tries >= maxTriesPending;
      if (state.status !== 'approved') return true;
      logger.warn(which, 'an approved command waits for the next attempt');
    } catch (error) {
      logger.warn({ ...which, ...errorOutline(error) }, 'an approved command failed and waits for the next attempt');
    }
    if (tries < maxTries) return false;
    logger.error(which, 'an approved command is given up, until somebody approves it again');
    return true;
  }

  private scoped<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return inSchemaScope(this.deps.em, 'approvals', work);
  }
}
