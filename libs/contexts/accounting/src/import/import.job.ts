import { type CallOf, isEventOf, isRejection, nameId, reject, type Rejection, RejectionError } from '@daybook/kernel';
import { job, type JobFailure, type JobGivenUpRun, type JobRun } from '@daybook/jobs';
import { type Caller, jobOf, type JobContext } from '@daybook/server';
import * as z from 'zod';
import { importStream } from '../ledger/ledger.decision-facts.js';
import { type DateRange, parseDate, parseSaft, type ParseProgress, SaftFault } from '../saft/index.js';
import { ImportCheck, type ImportStart } from './import.check.js';
import { importDecider } from './import.decider.js';
import { findingOf } from '../saft/finding.js';
import { importEvents, importStarted } from './import.events.js';
import { checkImport, refuseImport } from './import.internal.js';
import { cancelImport } from './import.operations.js';
import { ImportWriter } from './import.writer.js';
import { LedgerSnapshot } from './ledger-snapshot.js';

/** The job of the dry run: it reads the file, checks it and stages entries, but posts nothing. */
export const importJob = job('accounting.import.check', {
  title: 'Read a SAF-T file',
  input: z.object({ importId: z.uuid() }),
  timeoutSeconds: 4 * 3600,
});
type ImportRun = JobRun<z.infer<typeof importJob.input>>;
type ImportGivenUp = JobGivenUpRun<z.infer<typeof importJob.input>>;
/** An import has one job: starting it again does nothing. */
export const importJobId = (importId: string): string => nameId(importId, 'job');

const progressEveryMs = 500;

export const importJobBinding = jobOf(
  importJob,
  {},
  (context) => (run: ImportRun) => readImport(context, run),
  (context) => (run: ImportGivenUp, failure) => refuseUnread(context, run, failure),
  async ({ tenant, input: { importId } }, events) => {
    const begun = await readState({ events }, importStream(tenant, importId));
    return begun && { operation: cancelImport, input: { companyId: begun.start.companyId, importId } };
  },
);

async function readImport(context: JobContext, run: ImportRun): Promise<Ended> {
  const { importId } = run.input;
  const stream = importStream(run.tenant, importId);
  const begun = await readState(context, stream);
  if (!begun)
    throw new RejectionError(reject('accounting.import-not-found', 'There is no such import.', { status: 404 }));
  // An earlier attempt finished, but the queue did not record it.
  if (begun.state.status !== 'reading') return { importId, status: begun.state.status };

  const end = ending(context, run, begun);
  try {
    return await checkFile(context, run, { ...begun, end });
  } catch (error) {
    if (!(error instanceof RejectionError) || error.rejection.code !== importTooLarge) throw error;
    const findings = [findingOf('error', tooLarge, null, error.message)];
    return end(refuseImport, { importId, companyId: begun.start.companyId, findings });
  }
}

/** A file that could not be read is refused, so that its import does not stay under way for ever. */
async function refuseUnread(context: JobContext, run: ImportGivenUp, failure: JobFailure): Promise<void> {
  const { importId } = run.input;
  const begun = await readState(context, importStream(run.tenant, importId));
  if (begun?.state.status !== 'reading') return;
  const findings = [findingOf('error', notRead, null, wordsOf(failure, run.attempt))];
  await ending(context, run, begun)(refuseImport, { importId, companyId: begun.start.companyId, findings });
}

/** What a person can do about it; what went wrong within is for the operator. */
function wordsOf({ code, message }: JobFailure, attempts: number): string {
  if (!code.startsWith('platform.job-')) return message;
  const why = code === 'platform.job-timed-out' ? `${message} It was stopped` : 'The file could not be read';
  return `${why} in ${attempts} attempts. Ask the operator, who finds the error in the job.`;
}

const callerOf = ({ tenant, actor, correlationId }: ImportGivenUp): Caller => ({
  tenant,
  actor,
  channel: 'import',
  address: null,
  correlationId,
  reason: null,
});

/** Ends the import by a command; its status afterwards. */
const ending =
  (context: JobContext, run: ImportGivenUp, { commandId }: { readonly commandId: string }): End =>
  async (operation, input) => {
    const { importId } = run.input;
    const key = `${importId} ${run.attempt}`;
    const outcome = await context.execute(operation, input, callerOf(run), key, commandId);
    const stream = importStream(run.tenant, importId);
    // Also when another attempt, which was given up too early, ended it first.
    const status = (await readState(context, stream))?.state.status ?? 'none';
    if (status === 'checked' || status === 'refused') return { importId, status };
    if (isRejection(outcome) && outcome.code === 'platform.append-too-large') throw reportTooLarge(outcome);
    throw new Error(`${stream} cannot be ended: ${isRejection(outcome) ? outcome.code : 'no event'}`);
  };

type End = <O extends typeof checkImport | typeof refuseImport>(operation: O, input: CallOf<O>) => Promise<Ended>;
interface Ended {
  readonly importId: string;
  readonly status: string;
}

/** Ends the import with a report, or refuses the file with what was found up to a fault. */
async function checkFile(
  context: JobContext,
  run: ImportRun,
  { start, commandId, end }: { start: ImportStart; commandId: string; end: End },
): Promise<Ended> {
  const began = performance.now();
  const { importId } = run.input;
  const writer = new ImportWriter(context, importId, callerOf(run), commandId);
  const ledger = await LedgerSnapshot.read(context.events, run.tenant, start.companyId, start.ledgerRevision);
  const check = new ImportCheck(
    start,
    ledger,
    await ledger.identities(run.signal),
    () => datesOf(context, run, start),
    (entry) => writer.stage(entry),
  );
  const progress: ParseProgress = { bytes: 0, lines: 0 };
  try {
    let reportedAt = 0;
    for await (const record of parseSaft(await contentOf(context, run, start), progress)) {
      run.signal.throwIfAborted();
      await check.take(record);
      if (performance.now() - reportedAt < progressEveryMs) continue;
      reportedAt = performance.now();
      await run.progress(progress.bytes, start.file.size, 'Reading the file');
    }
    const report = await check.finish(() => writer.digest());
    run.signal.throwIfAborted();
    const seconds = Math.round(performance.now() - began) / 1000;
    await writer.flush();
    const checked = { ...report, stream: writer.stream, seconds, fileLines: progress.lines };
    const ended = await end(checkImport, checked);
    await run.progress(start.file.size, start.file.size, 'Checked');
    return ended;
  } catch (error) {
    if (!(error instanceof SaftFault)) throw error;
    check.findings.take(error.finding);
    const { companyId } = start;
    return await end(refuseImport, { importId, companyId, findings: check.findings.list() });
  } finally {
    await writer.close();
  }
}

const importTooLarge = 'accounting.import-too-large';
const [tooLarge, notRead] = ['saft.too-large', 'saft.not-read'];
function reportTooLarge({ details }: Rejection): RejectionError {
  const [bytes, limit] = [details?.['bytes'], details?.['limit']].map(String);
  const message = `The report on this file has ${bytes} bytes; the limit is ${limit}. Its chart of accounts or its findings are too large.`;
  return new RejectionError(reject(importTooLarge, message, { status: 413 }));
}

/** The start and the state of the import, from its first and last event. */
async function readState(context: Pick<JobContext, 'events'>, stream: string) {
  for await (const first of context.events.stream(stream, { limit: 1 })) {
    if (!isEventOf([importStarted], first)) break;
    let state = importDecider.evolve(importDecider.initial, first, first);
    for await (const last of context.events.stream(stream, { backwards: true, limit: 1 })) {
      if (last.revision > 0 && isEventOf(importEvents, last)) state = importDecider.evolve(state, last, last);
    }
    return { start: first.data, state, commandId: first.meta.commandId };
  }
  return null;
}

async function contentOf(context: JobContext, run: ImportRun, start: ImportStart): Promise<AsyncIterable<Uint8Array>> {
  const content = await context.files.open(run.tenant, start.file.sha256);
  if (content) return content as AsyncIterable<Uint8Array>;
  throw new RejectionError(
    reject('accounting.file-not-found', 'The file of this import has been deleted. Upload it again.', {
      status: 404,
    }),
  );
}

/** First and last date of the transactions: another pass, for files whose header states none (up to 1.20). */
async function datesOf(context: JobContext, run: ImportRun, start: ImportStart): Promise<DateRange | null> {
  let [from, to] = ['', ''];
  for await (const record of parseSaft(await contentOf(context, run, start))) {
    run.signal.throwIfAborted();
    const date = record.kind === 'transaction' && record.date ? parseDate(record.date.text) : null;
    if (date === null) continue;
    from = from === '' || date < from ? date : from;
    to = date > to ? date : to;
  }
  return from === '' ? null : { from, to };
}
