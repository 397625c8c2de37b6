import { job, type JobRun } from '@daybook/jobs';
import {
  actorSchema,
  type CommandOperation,
  instant,
  isRejection,
  reject,
  type Rejection,
  RejectionError,
} from '@daybook/kernel';
import * as z from 'zod';
import { jobOf } from '../context.js';
import type { Access } from '../dispatch/access.js';
import { ENTITY_MANAGER, FILES, type Injected } from '../nest/tokens.js';
import { StateCache } from '../state/state-cache.js';
import type { Import } from './import.entity.js';
import { phase } from './import.operations.js';
import { type ImportRow, ImportRows, type RowChange } from './import-rows.js';
import { compensation } from './plan.js';
import { plannedRows } from './rehearsal.js';
import { customFieldsOf } from './target.js';
import { callsWith, RowCaller } from './row-caller.js';

/*
 * Runs one command for many rows as the person who asked for it: each row goes over the bus with a key of its own, so that
 * guard, validation, rules of approval and versions are those of any call. Begun again after a crash it goes on with the rows
 * that are not settled, and one that was run is answered from the log. Between batches it gives way to others that wait.
 */
export const importJob = job('platform.import', {
  title: 'Run a command for many rows',
  input: z.object({
    importId: z.string(),
    phase,
    onBehalfOf: actorSchema.nullable(),
    authenticatedAt: instant.nullable(),
  }),
  attempts: 5,
  timeoutSeconds: 3600,
  runsIn: 'api',
});
type ImportRun = JobRun<z.output<typeof importJob.input>>;

const using = { ...callsWith, files: FILES, em: ENTITY_MANAGER, states: StateCache } as const;
const atOnce = 100;
const plannedAtOnce = 1_000;

export const importJobBinding = jobOf(importJob, using, (_context, given) => async (run: ImportRun) => {
  const rows = new ImportRows(given.em);
  const of = await rows.find(run.tenant, run.input.importId);
  if (!of) throw new RejectionError(reject('platform.import-not-found', 'This import was deleted.', { status: 404 }));
  const phases = new ImportPhases(run, of, rows, given);
  await phases[run.input.phase]();
  return {};
});

class ImportPhases {
  private readonly caller: RowCaller;

  constructor(
    private readonly job: ImportRun,
    private readonly of: Import,
    private readonly rows: ImportRows,
    private readonly given: Injected<typeof using>,
  ) {
    this.caller = new RowCaller(job, of, given);
  }

  /** What would become of each row; nothing is changed. Planned once, so that a rehearsal goes on where it was. */
  async rehearsal(): Promise<void> {
    if (this.of.header === null) await this.plan();
    await this.each(['planned'], false, 'Rehearsing', (row, access) => this.rehearsed(row, access));
  }

  private async plan(): Promise<void> {
    const { tenant, id, settings } = this.of;
    const { bindings, files } = this.given;
    await this.rows.clear(tenant, id);
    const first = await this.caller.access();
    const { header, planned } = await plannedRows({
      tenant,
      settings,
      bindings,
      files,
      known: (target, field, wanted) => this.caller.known(target, field, wanted, first),
      customFields: (target) => customFieldsOf(target, tenant, this.given),
      named: (type, wanted) => this.caller.named(type, wanted, first),
    });
    const asRow = (row: (typeof planned)[number]): ImportRow => ({
      ...row,
      result: null,
      state: row.command ? 'planned' : row.errors.length > 0 ? 'refused' : 'unchanged',
    });
    for (let at = 0; at < planned.length; at += plannedAtOnce) {
      this.job.signal.throwIfAborted();
      await this.rows.add(tenant, id, planned.slice(at, at + plannedAtOnce).map(asRow));
    }
    await this.rows.change(tenant, id, { header });
  }

  /** Rows that were accepted, each once. */
  async run(): Promise<void> {
    await this.each(['ready', 'unchecked', 'waits'], false, 'Running', async ({ record, command }, access) => {
      const operation = command && this.command(command.operation);
      if (!operation) return { record, state: 'refused', errors: [gone] };
      const { input, expectedVersion: version } = command;
      const answer = await this.caller.send({ operation, input, version, key: `row-${record}` }, access);
      if (isRejection(answer)) return { record, state: 'refused', errors: errorsOf(answer) };
      const { id, version: made, approvalRequest } = answer;
      return { record, state: approvalRequest === undefined ? 'done' : 'waiting', result: { id, version: made } };
    });
  }

  /** From the last row to the first, what this import did and nobody has changed since. */
  async revert(): Promise<void> {
    await this.each(['done'], true, 'Reverting', async ({ record, command, result }, access) => {
      const back = command && result ? compensation(command, result, (name) => this.command(name)) : null;
      if (!back || !result) return { record, state: 'kept', errors: [noWayBack] };
      const version = back.operation.ifMatch === 'none' ? null : result.version;
      const answer = await this.caller.send({ ...back, version, key: `revert-${record}` }, access);
      if (isRejection(answer))
        return { record, state: 'kept', errors: answer.status === 412 ? [changedSince] : errorsOf(answer) };
      if (answer.approvalRequest !== undefined) return { record, state: 'kept', errors: [waitsToo] };
      return { record, state: 'reverted', errors: [] };
    });
  }

  private async each(
    states: readonly ImportRow['state'][],
    backwards: boolean,
    words: string,
    work: (row: ImportRow, access: Access) => Promise<RowChange>,
  ): Promise<void> {
    const { tenant, id } = this.of;
    const counts = await this.rows.counts(tenant, id);
    const left = counts.reduce((sum, { state, count }) => (states.includes(state) ? sum + count : sum), 0);
    const total = Math.max(left, this.job.reached.total ?? 0);
    let done = total - left;
    await this.job.progress(done, total, words);
    for (let after: number | null = null; ;) {
      const batch = await this.rows.rows(tenant, id, { states, after, limit: atOnce, backwards });
      if (batch.length === 0) return;
      after = batch.at(-1)!.record;
      const access = await this.caller.access();
      const settled: RowChange[] = [];
      try {
        for (const row of batch) {
          this.job.signal.throwIfAborted();
          settled.push(await work(row, access));
        }
      } finally {
        await this.rows.settle(tenant, id, settled);
      }
      done += batch.length;
      await this.job.progress(done, total, words);
      await this.job.giveWay();
    }
  }

  private async rehearsed({ record, command }: ImportRow, access: Access): Promise<RowChange> {
    const operation = command && this.command(command.operation);
    if (!operation) return { record, state: 'refused', errors: [gone] };
    const { input, expectedVersion: version } = command;
    const answer = await this.caller.rehearse({ operation, input, version, key: `row-${record}` }, access);
    if (isRejection(answer)) return { record, state: 'refused', errors: errorsOf(answer) };
    return { record, state: answer === 'accepted' ? 'ready' : answer };
  }

  private command(name: string): CommandOperation | null {
    const operation = this.given.bindings.operations.find((one) => one.name === name);
    return operation?.kind === 'command' ? operation : null;
  }
}

const errorsOf = ({ errors, code, message }: Rejection): ImportRow['errors'] =>
  errors.length > 0 ? errors : [{ pointer: '', code, message }];
const said = (code: string, message: string) => ({ pointer: '', code: `platform.${code}`, message });
const changedSince = said('import-changed-since', 'It was changed since, so it stays as it is.');
const noWayBack = said('import-no-way-back', 'There is no command that takes this back.');
const waitsToo = said('import-waits', 'Taking it back waits for approval.');
const gone = said('command-not-found', 'There is no such command any more.');
