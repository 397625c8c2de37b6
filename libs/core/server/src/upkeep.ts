import { join } from 'node:path';
import { deleteUnusedFiles } from '@daybook/files';
import { deleteEndedJobs, claimUpkeep } from '@daybook/jobs';
import { AfterResponseQueue } from './after-response.js';
import type { EventStore } from '@daybook/event-store';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import type { Bindings } from './dispatch/bindings.js';
import type { Reads } from './query/reads.js';

/*
 * Deletes what would otherwise grow for ever: ended jobs, files that no record cites, leftovers of crashes. Once an hour per
 * installation, in one of the projectors. docs/operator.md says how all other growing tables are bounded.
 */
const everyMs = 3600 * 1000;
/** How often a process checks whether it is due. */
const lookEveryMs = 60_000;
const dayMs = 24 * 3600 * 1000;

interface UpkeepOptions {
  readonly em: EntityManager;
  readonly config: Config;
  readonly bindings: Pick<Bindings, 'citations'>;
  readonly reads: Reads;
  readonly logger: Logger;
  readonly store: Pick<EventStore, 'head'>;
}

export class Upkeep {
  private readonly queue: AfterResponseQueue;

  constructor(
    private readonly options: UpkeepOptions,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.queue = new AfterResponseQueue((what, error) => options.logger.warn({ err: error }, `${what} failed`));
  }

  start(): void {
    this.queue.every('upkeep', lookEveryMs, async () => void (await this.run()));
  }

  stop(): Promise<void> {
    return this.queue.done();
  }

  /** Returns what was deleted; null when another process does it, or it is not due. */
  async run(): Promise<{ jobs: number; files: number; leftovers: number } | null> {
    const { em, config, logger } = this.options;
    const now = this.now();
    if (!(await claimUpkeep(em, now, everyMs))) return null;
    const before = (days: number): Date => new Date(now.getTime() - days * dayMs);
    const jobs = await deleteEndedJobs(em, before(config.keep.jobsDays));
    const files = await deleteUnusedFiles({
      em,
      directory: join(config.dataDir, 'files'),
      unusedBefore: before(config.keep.uploadsDays),
      now,
      cited: (tenant, sha256s) => this.cited(tenant, sha256s),
      onSkipped: (tenant, error) => logger.warn({ err: error, tenant }, 'unused files are kept for now'),
    });
    const dropped = { jobs, ...files };
    if (Object.values(dropped).some((count) => count > 0)) logger.info(dropped, 'upkeep done');
    return dropped;
  }

  /** Which files the read models cite, once they are up to date; throws for one that is parked or being built. */
  private async cited(tenant: string, sha256s: readonly string[]): Promise<ReadonlySet<string>> {
    const { bindings, reads, store } = this.options;
    const head = await store.head();
    if ((await reads.position()) < head) throw new Error('The read models are behind.');
    return reads.read(tenant, null, async (read) => {
      const cited = new Set<string>();
      for (const sha256 of sha256s) {
        for (const { of } of bindings.citations) {
          if ((await of(sha256, read)).length > 0) cited.add(sha256);
        }
      }
      return cited;
    });
  }
}
