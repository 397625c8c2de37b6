import type { JobStatus } from '@daybook/jobs';
import { isRejection, reject } from '@daybook/kernel';
import { perform } from '../context.js';
import { Bindings } from '../dispatch/bindings.js';
import { EVENT_STORE } from '../nest/tokens.js';
import { cancelExport, readExport, startExport } from './export.operations.js';
import { inputReader } from '../rest/input.js';
import { chosenColumns } from './columns.js';
import { exportJob, type Exported, type ExportInput, listNamed } from './export.job.js';

/** Paging is the export's own; counts and sums are of no use in a file. */
const ofPages = new Set(['limit', 'cursor', 'count', 'sums']);

const noExport = () => reject('platform.export-not-found', 'There is no such export.', { status: 404 });
interface Export extends JobStatus {
  readonly input: ExportInput;
  readonly result: Exported | null;
}
/** The export, if this person started it and its data were not erased; otherwise null. */
export const exportOf = (job: JobStatus | null, actorId: string): Export | null =>
  job?.name === exportJob.name && job.actor.id === actorId && exportJob.input.safeParse(job.input).success
    ? (job as Export)
    : null;

export const exportBindings = [
  perform(startExport, { bindings: Bindings, store: EVENT_STORE }, async (asked, context, { bindings, store }) => {
    const operation = listNamed(bindings, asked.list);
    if (isRejection(operation)) return operation;
    const columns = chosenColumns(operation, asked.columns ?? null);
    if (isRejection(columns)) return columns;
    const given = Object.entries(asked.input).filter(([name, value]) => !ofPages.has(name) && value !== null);
    // Filters may come as text, as they stand in an address.
    const input = inputReader(operation)({}, Object.fromEntries(given), null) as Record<string, unknown>;
    const refused = await context.mayAsk(operation, input);
    if (refused) return refused;
    const { tenant, actor, onBehalfOf = null, authenticatedAt = null, correlationId } = context.caller;
    const id = await context.jobs.start(
      exportJob,
      {
        list: operation.name,
        input,
        format: asked.format,
        name: asked.name ?? operation.name,
        columns: asked.columns ?? null,
        knownAt: asked.knownAt ?? null,
        // What was recorded when it was asked for is in it.
        minPosition: asked.knownAt === undefined && !operation.currentOnly ? String(await store.head()) : null,
        onBehalfOf,
        authenticatedAt,
      },
      { tenant, actor, correlationId },
      context.newId,
    );
    return { id };
  }),
  perform(readExport, async ({ exportId }, { jobs, caller }) => {
    const job = exportOf(await jobs.get(caller.tenant, exportId), caller.actor.id);
    return job ? shown(job) : noExport();
  }),
  perform(cancelExport, async ({ exportId }, { jobs, caller }) => {
    if (!exportOf(await jobs.get(caller.tenant, exportId), caller.actor.id)) return noExport();
    return (await jobs.cancel(caller.tenant, exportId))
      ? { id: exportId }
      : reject('platform.job-ended', 'This export has already ended, so it cannot be cancelled.');
  }),
];

const shown = ({ id, input, state, progress, startedAt, endedAt, error, result }: Export) => ({
  id,
  list: input.list,
  format: input.format,
  state,
  rows: progress.done,
  startedAt,
  endedAt,
  error,
  manifest: result?.manifest ?? null,
});
