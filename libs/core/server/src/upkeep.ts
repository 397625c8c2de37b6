import { join } from 'node:path';
import { dropUnusedFiles } from '@daybook/files';
import { dropEndedJobs, takeUpkeep } from '@daybook/jobs';
import { AfterResponseQueue } from './after-response.js';
import type { EventStore } from '@daybook/event-store';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import type { Bindings } from './dispatch/bindings.js';
import type { Reads } from './query/reads.js';

/*
 * Ends what would grow for ever beside the log: jobs that have ended, files that no record cites, what crashes left. Once in
 * an hour for the installation, in whichever projector comes first. What ends all other tables that grow stands in
 * docs/operator.md.
 */
const everyMs = 3600 * 1000;
/** How often a process looks whether it is time. */
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
    this.queue.every('tidying up', lookEveryMs, async () => void (await this.run()));
  }

  stop(): Promise<void> {
    return this.queue.done();
  }

  /** Answers what was dropped; null where another process has done it, or it is not time. */
  async run(): Promise<{ jobs: number; files: number; leftovers: number } | null> {
    const { em, config, logger } = this.options;
    const now = this.now();
    if (!(await takeUpkeep(em, now, everyMs))) return null;
    const before = (days: number): Date => new Date(now.getTime() - days * dayMs);
    const jobs = await dropEndedJobs(em, before(config.keep.jobsDays));
    const files = await dropUnusedFiles({
      em,
      directory: join(config.dataDir, 'files'),
      unusedBefore: before(config.keep.uploadsDays),
      now,
      cited: (tenant, sha256s) => this.cited(tenant, sha256s),
      onSkipped: (tenant, error) => logger.warn({ err: error, tenant }, 'unused files are kept for now'),
    });
    const dropped = { jobs, ...files };
    if (Object.values(dropped).some((count) => count > 0)) logger.info(dropped, 'tidied up');
    return dropped;
  }

  /** By the read models, once they have all that was recorded; one that is parked or being built throws. */
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
