import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { exportUploader } from '@daybook/files';
import { job, type JobRun } from '@daybook/jobs';
import {
  actorSchema,
  type CustomField,
  instant,
  isRejection,
  nameId,
  type QueryOperation,
  reject,
  type Rejection,
  RejectionError,
  type Stamp,
} from '@daybook/kernel';
import { QueryBus } from '@nestjs/cqrs';
import * as z from 'zod';
import { type Caller, type JobContext, jobOf } from '../context.js';
import { canonicalJson } from '../crypto.js';
import { type Access, anonymous, People } from '../dispatch/access.js';
import { Bindings } from '../dispatch/bindings.js';
import { messageOf, type OperationMessage } from '../dispatch/message.js';
import { admit } from '../dispatch/operation.guard.js';
import { type Answered, internalRequest, type TakePage } from '../dispatch/request.js';
import { rightsHolder } from '../dispatch/rights.js';
import { FILES, type Injected } from '../nest/tokens.js';
import { inQueryScope } from '../query/reads.js';
import { StateCache } from '../state/state-cache.js';
import { chosenColumns, type FileColumn, picked, type Row } from './columns.js';
import { type AsText, fileFormats } from './content.js';
import { exportFormat, type ExportManifest } from './export.operations.js';
import { filtersOf, recordExport } from './export-record.js';
import { StillWaiting } from './still-waiting.js';

/*
 * Writes a list to the file store, as the person who asked for it: the query goes over the bus with their rights of now, so
 * that guard, masks and row-level security are those of the list itself. All pages are read in one snapshot; the reader waits
 * for the writer. The file appears under its hash once it is complete, so a cancelled or killed export leaves none.
 */
export const exportJob = job('platform.export', {
  title: 'Export a list',
  input: z.object({
    list: z.string(),
    input: z.record(z.string(), z.unknown()),
    format: exportFormat,
    name: z.string(),
    columns: z.array(z.string()).nullable(),
    knownAt: z.string().nullable(),
    minPosition: z.string().nullable(),
    onBehalfOf: actorSchema.nullable(),
    authenticatedAt: instant.nullable(),
  }),
  attempts: 5,
  // No longer than PostgreSQL lets its one transaction last.
  timeoutSeconds: 600,
  runsIn: 'api',
});
export type ExportInput = z.output<typeof exportJob.input>;
type ExportRun = JobRun<ExportInput>;

/** The result of the job. */
export interface Exported {
  readonly manifest: ExportManifest;
  /** The rights that decided which rows and fields are in the file (`rightsMark`). */
  readonly rights: string;
}

const using = { bindings: Bindings, queries: QueryBus, people: People, files: FILES, states: StateCache } as const;
type Given = Injected<typeof using>;

export const exportJobBinding = jobOf(exportJob, using, (context, given) => async (run: ExportRun) => {
  const { list, format, name } = run.input;
  const operation = listNamed(given.bindings, list);
  if (isRejection(operation)) throw new RejectionError(operation);
  // In JSON they are what the API answers: one object.
  const customFields = format === 'json' ? [] : await customFieldsOf(operation, run.tenant, given);
  const columns = chosenColumns(operation, run.input.columns, customFields);
  if (isRejection(columns)) throw new RejectionError(columns);
  const { ending } = fileFormats[format];
  let waited = 0;
  for (;;) {
    const written = await writeFile(operation, columns, `${name}.${ending}`, run, given);
    if (!isRejection(written)) return recorded(operation, written, run, context);
    // One that PostgreSQL cut off begins at the first row again, so it counts as an attempt.
    if (written.code === 'platform.unavailable') throw new Error(written.message);
    const wait = written.details?.['retryAfterSeconds'];
    if (typeof wait !== 'number') throw new RejectionError(written);
    // Read models that are behind, or a limit of requests: the job waits, as its person would, and soon behind the others.
    waited += wait;
    if (waited > longestWaitS) throw new StillWaiting(written.message);
    await sleep(wait * 1000, undefined, { signal: run.signal });
  }
});

/** Recorded before the file is given to anybody; an attempt that is repeated after that made the same file, or another one. */
async function recorded({ name, title }: QueryOperation, exported: Exported, run: ExportRun, context: JobContext) {
  const { tenant, actor, correlationId, id, input } = run;
  const { sha256, rows } = exported.manifest;
  const { onBehalfOf, format, columns, knownAt } = input;
  const caller: Caller = { tenant, actor, onBehalfOf, channel: 'rest', address: null, correlationId, reason: null };
  const said = {
    exportId: id,
    list: name,
    title,
    format,
    rows,
    columns,
    filters: filtersOf(input.input),
    knownAt,
    sha256,
  };
  const as = { commandId: nameId(id, sha256), expectedVersion: null };
  const answer = await context.executeAs(caller, recordExport, said, as);
  // It is tried again: a file that nobody knows of is not given out.
  if (isRejection(answer)) throw new Error(answer.message);
  return exported;
}

/** An export that has to wait for longer leaves its place to others. */
const longestWaitS = 30;
/** The custom fields of a list's rows, as they are defined now. */
async function customFieldsOf(
  operation: QueryOperation,
  tenant: string,
  { bindings, states }: Pick<Given, 'bindings' | 'states'>,
): Promise<readonly CustomField[]> {
  if (operation.custom === null || bindings.customFields === null) return [];
  return (await states.of(bindings.customFields.state).current(tenant)).get(operation.custom.name) ?? [];
}

async function writeFile(
  operation: QueryOperation,
  columns: readonly FileColumn[],
  name: string,
  run: ExportRun,
  { files, queries, people }: Given,
): Promise<Exported | Rejection> {
  const access = await accessOf(run, people);
  if (isRejection(access)) return access;
  const { input, knownAt, minPosition, format } = run.input;
  const rights = rightsMark(operation, input, access);
  if (isRejection(rights)) return rights;
  const asText: AsText = {};
  const pages = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const content = Readable.from(fileFormats[format].content(columns, pages as AsyncIterable<Row[]>, asText));
  const storing = files.store(run.tenant, name, content, uploaderOfExport(run.id));
  // Handled at the `await` below; it may fail before that.
  storing.catch(() => pages.destroy());
  pages.on('error', () => undefined);
  let rows = 0;
  let stamp: Stamp | null = null;
  const eachPage: TakePage = async (page, at) => {
    stamp = at;
    const written = page.map((row) => picked(columns, row));
    if (run.signal.aborted || !(await taken(pages, written))) return false;
    rows += page.length;
    await run.progress(rows, null, 'Exporting');
    return true;
  };
  const caller = { tenant: run.tenant, actor: run.actor, channel: 'rest', traceId: run.correlationId } as const;
  const { signal } = run;
  const request = { ...internalRequest(caller), access: async () => access, knownAt, minPosition, eachPage, signal };
  const answer = await inQueryScope(() =>
    queries.execute<OperationMessage, Answered | Rejection>(new (messageOf(operation))(input, request)),
  ).catch(asFailure);
  const failure = isRejection(answer)
    ? new RejectionError(answer)
    : answer instanceof Error
      ? answer
      : run.signal.reason;
  if (failure === undefined) pages.end();
  else pages.destroy(failure as Error);
  const stored = await storing.catch(asFailure);
  if (isRejection(answer)) return answer;
  if (failure !== undefined) throw failure;
  if (stored instanceof Error) throw stored;
  const { sha256, size } = stored;
  const { position = null, trail = null, recordedAt = null } = (stamp as Stamp | null) ?? {};
  const names = columns.map((column) => column.name);
  return { manifest: { name, sha256, size, rows, columns: names, position, trail, recordedAt, asText }, rights };
}

const asFailure = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Waits until the writer has room for more; false when it has ended. */
const taken = (pages: PassThrough, page: readonly Row[]): Promise<boolean> =>
  new Promise((resolve) => {
    if (pages.destroyed) resolve(false);
    else pages.write(page, (error) => resolve(!error));
  });

/** The rights of the person, as they are now. */
async function accessOf(run: ExportRun, people: People): Promise<Access | Rejection> {
  const { actor, tenant } = run;
  const { onBehalfOf, authenticatedAt } = run.input;
  const rights = await people.rightsOf(tenant, rightsHolder({ actor, onBehalfOf }));
  if (!rights)
    return reject('platform.forbidden', 'Who asked for this export has no access any more.', { status: 403 });
  return { ...anonymous, ...rights, tenant, actor, onBehalfOf, authenticatedAt };
}

/**
 * The same for the same rights: whose rights have changed exports anew, and does not get the old file. All of them count, not those
 * on the list alone: what is kept about records is listed for those who may read the record.
 */
export function rightsMark(operation: QueryOperation, input: unknown, access: Access): string | Rejection {
  const admitted = admit({ operation, raw: input }, access);
  if (isRejection(admitted)) return admitted;
  const grants = access.grants.map(({ permissions, ...grant }) => canonicalJson([grant, [...permissions].sort()]));
  return createHash('sha256').update(canonicalJson(grants.sort())).digest('hex');
}

/** Files of exports belong to the export, and are read through it: rights may have changed since. */
export const uploaderOfExport = (exportId: string): string => `${exportUploader}${exportId}`;

export function listNamed(bindings: Bindings, name: string): QueryOperation | Rejection {
  const operation = bindings.operations.find((one) => one.name === name);
  if (operation?.kind === 'query' && operation.rows !== null) return operation;
  const message = 'There is no list with this name.';
  return reject('platform.list-not-found', message, {
    status: 404,
    errors: [{ pointer: '/list', code: 'platform.list-not-found', message }],
  });
}
