import { deleteLeftovers, deleteUnusedFiles, tenantsWithFiles } from '@daybook/files';
import { deleteEndedJobs, job, tenantsWithJobs } from '@daybook/jobs';
import { join } from 'node:path';
import * as z from 'zod';
import { type JobBinding, jobOf, type ScheduleBinding, scheduleOf } from './context.js';
import { Bindings } from './dispatch/bindings.js';
import { deleteImports } from './import/import-rows.js';
import { CLOCK, CONFIG, ENTITY_MANAGER, EVENT_STORE, type Injected, LOGGER, READS } from './nest/tokens.js';
import { waitFor } from './query/reads.js';

/*
 * Deletes what would otherwise grow for ever: ended jobs, files that no record cites, leftovers of crashes. Once a night in
 * each tenant, by turns. docs/operator.md says how all other growing tables are bounded.
 */
const dayMs = 24 * 3600 * 1000;

const using = {
  em: ENTITY_MANAGER,
  config: CONFIG,
  bindings: Bindings,
  reads: READS,
  store: EVENT_STORE,
  logger: LOGGER,
  now: CLOCK,
} as const;
type Using = Injected<typeof using>;

export const upkeepJob = job('platform.upkeep', {
  title: 'Delete ended jobs and unused files',
  input: z.object({}),
  timeoutSeconds: 4 * 3600,
});

export const upkeepBinding: JobBinding = jobOf(
  upkeepJob,
  using,
  (_, given) =>
    ({ tenant }) =>
      upkeep(tenant, given),
);

export const upkeepSchedule: ScheduleBinding = scheduleOf(
  upkeepJob,
  { em: ENTITY_MANAGER, config: CONFIG },
  {
    cron: '23 3 * * *',
    zone: 'UTC',
    input: {},
    tenants: async ({ em, config }) => [
      ...new Set([...(await tenantsWithJobs(em)), ...(await tenantsWithFiles(em, filesIn(config)))]),
    ],
  },
);

const filesIn = ({ dataDir }: Using['config']): string => join(dataDir, 'files');

/** Answers how much was deleted. */
async function upkeep(tenant: string, { em, config, logger, now: clock, ...given }: Using) {
  const now = new Date(clock());
  const before = (days: number): Date => new Date(now.getTime() - days * dayMs);
  const of = { em, directory: filesIn(config), tenant, now };
  const unusedBefore = before(config.keep.uploadsDays);
  const cited = (sha256s: readonly string[]) => citedIn(tenant, sha256s, given);
  return {
    jobs: await deleteEndedJobs(em, tenant, { endedBefore: before(config.keep.jobsDays), now }),
    files: await deleteUnusedFiles({ ...of, unusedBefore, cited }).catch((error: unknown) => {
      logger.warn({ err: error, tenant }, 'unused files are kept for now');
      return 0;
    }),
    imports: await deleteImports(em, tenant, unusedBefore.toISOString()),
    leftovers: await deleteLeftovers(of),
  };
}

/** Which files the read models cite, once they are up to date; throws for one that is parked or being built. */
async function citedIn(
  tenant: string,
  sha256s: readonly string[],
  { bindings, reads, store }: Pick<Using, 'bindings' | 'reads' | 'store'>,
): Promise<ReadonlySet<string>> {
  if (await waitFor(reads, String(await store.head()))) throw new Error('The read models are behind.');
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
