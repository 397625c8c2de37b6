import type { JobStatus } from '@daybook/jobs';
import { type CustomField, isRejection, reject, type Rejection } from '@daybook/kernel';
import * as z from 'zod';
import { perform, type PerformContext } from '../context.js';
import { Bindings } from '../dispatch/bindings.js';
import { ENTITY_MANAGER } from '../nest/tokens.js';
import { StateCache } from '../state/state-cache.js';
import type { Import, ImportSettings } from './import.entity.js';
import { inspectBinding, noFile } from './import.inspect.js';
import { importJob } from './import.job.js';
import {
  cancelImport,
  keepTemplate,
  listImportRows,
  listTemplates,
  type Phase,
  readImport,
  revertImport,
  runImport,
  startBulk,
  startImport,
} from './import.operations.js';
import { ImportRows, mostTemplates } from './import-rows.js';
import { importFields } from './names.js';
import { maxImportRows } from './read-file.js';
import { customFieldsOf, matchFields, type Target, targetNamed } from './target.js';

const using = { bindings: Bindings, em: ENTITY_MANAGER, states: StateCache } as const;

const busy = reject('platform.import-busy', 'This import is being worked on. Wait until that has ended, or stop it.');
const noImport = () => reject('platform.import-not-found', 'There is no such import.', { status: 404 });

/** The import, if this person started it. */
export async function importOf(
  rows: ImportRows,
  tenant: string,
  importId: string,
  actorId: string,
): Promise<Import | Rejection> {
  const found = await rows.find(tenant, importId);
  return found?.startedBy === actorId ? found : noImport();
}

async function mayImport(
  { operation, kit }: Target,
  matches: boolean,
  forAll: ImportSettings['forAll'],
  context: PerformContext,
) {
  const refused = await context.mayRun(operation, forAll);
  return refused ?? (matches && kit?.change ? context.mayRun(kit.change, forAll) : null);
}

async function start(settings: ImportSettings, rows: ImportRows, context: PerformContext) {
  const id = context.newId;
  const { tenant, actor } = context.caller;
  await rows.create(tenant, { id, startedBy: actor.id, settings, phase: 'rehearsal', job: id });
  await startJob(id, 'rehearsal', context, id);
  return { id };
}

function startJob(importId: string, phase: Phase, context: PerformContext, jobId: string): Promise<string> {
  const { tenant, actor, onBehalfOf = null, authenticatedAt = null, correlationId } = context.caller;
  return context.jobs.start(
    importJob,
    { importId, phase, onBehalfOf, authenticatedAt },
    { tenant, actor, correlationId },
    jobId,
  );
}

/** Goes on to the next phase, once the one before has ended. */
async function goOn(importId: string, phase: Phase, context: PerformContext, rows: ImportRows, bindings: Bindings) {
  const { tenant, actor } = context.caller;
  const found = await importOf(rows, tenant, importId, actor.id);
  if (isRejection(found)) return found;
  const { settings } = found;
  const target = targetNamed(bindings, settings.operation);
  if (isRejection(target)) return target;
  const refused = await mayImport(
    target,
    settings.file !== null && settings.file.mapping.match !== null,
    settings.forAll,
    context,
  );
  if (refused) return refused;
  const job = await context.jobs.get(tenant, found.job);
  if (job?.state === 'waiting' || job?.state === 'running') return busy;
  if (found.phase === 'rehearsal' && (phase === 'revert' || job?.state !== 'done'))
    return reject(
      'platform.import-not-rehearsed',
      'This import was not rehearsed to its end, so it can be neither run nor reverted.',
    );
  if (found.phase === 'revert' && phase === 'run')
    return reject('platform.import-reverted', 'This import was reverted. Begin another one.');
  // Of two at once, one goes on.
  if (!(await rows.change(tenant, importId, { phase, job: context.newId }, found.job))) return busy;
  await startJob(importId, phase, context, context.newId);
  return { id: importId };
}

/** A cursor is the number of the last row that was shown. */
const place = z.coerce.number().int().min(0).max(maxImportRows);

export const importBindings = [
  inspectBinding,
  perform(
    startImport,
    using,
    async ({ operation, file, name, encoding, mapping, forAll }, context, { bindings, em, states }) => {
      const target = targetNamed(bindings, operation);
      if (isRejection(target)) return target;
      const refused = await mayImport(target, mapping.match !== null, forAll, context);
      if (refused) return refused;
      const custom = await customFieldsOf(target, context.caller.tenant, { bindings, states });
      const unfit = unfitMapping(
        target,
        custom,
        mapping.match,
        mapping.fields.map(({ field }) => field),
      );
      if (unfit) return unfit;
      if (!(await context.readableFile(file))) return noFile();
      const of = { sha256: file, name, encoding: encoding ?? null, mapping };
      return start(
        { operation, forAll, file: of, items: null, where: {}, reason: context.caller.reason },
        new ImportRows(em),
        context,
      );
    },
  ),
  perform(startBulk, using, async ({ operation, items = null, where, forAll }, context, { bindings, em }) => {
    const target = targetNamed(bindings, operation);
    if (isRejection(target)) return target;
    const refused = await context.mayRun(target.operation, forAll);
    return (
      refused ??
      start({ operation, forAll, file: null, items, where, reason: context.caller.reason }, new ImportRows(em), context)
    );
  }),
  perform(runImport, using, ({ importId }, context, { bindings, em }) =>
    goOn(importId, 'run', context, new ImportRows(em), bindings),
  ),
  perform(revertImport, using, ({ importId }, context, { bindings, em }) =>
    goOn(importId, 'revert', context, new ImportRows(em), bindings),
  ),
  perform(cancelImport, { em: ENTITY_MANAGER }, async ({ importId }, { jobs, caller }, { em }) => {
    const found = await importOf(new ImportRows(em), caller.tenant, importId, caller.actor.id);
    if (isRejection(found)) return found;
    return (await jobs.cancel(caller.tenant, found.job))
      ? { id: importId }
      : reject('platform.job-ended', 'This import has already ended, so it cannot be stopped.');
  }),
  perform(readImport, using, async ({ importId }, { jobs, caller }, { bindings, em }) => {
    const rows = new ImportRows(em);
    const found = await importOf(rows, caller.tenant, importId, caller.actor.id);
    if (isRejection(found)) return found;
    const job = await jobs.get(caller.tenant, found.job);
    // After the job: what an ended one has written is in them.
    const [now, counts] = [await rows.find(caller.tenant, importId), await rows.counts(caller.tenant, importId)];
    return shown(now ?? found, job, counts, bindings);
  }),
  perform(listImportRows, { em: ENTITY_MANAGER }, async ({ importId, state, limit, cursor }, { caller }, { em }) => {
    const rows = new ImportRows(em);
    const found = await importOf(rows, caller.tenant, importId, caller.actor.id);
    if (isRejection(found)) return found;
    const after = place.safeParse(cursor ?? 0);
    if (!after.success) return reject('platform.cursor-invalid', 'This cursor is of another list.', { status: 400 });
    const page = await rows.rows(caller.tenant, importId, { states: state, after: after.data, limit: limit + 1 });
    const items = page.slice(0, limit).map(({ command, result, ...row }) => ({
      record: row.record,
      line: row.line,
      cells: [...row.cells],
      state: row.state,
      errors: [...row.errors],
      does: command?.does ?? null,
      id: result?.id ?? null,
    }));
    return { items, next: page.length > limit ? String(items.at(-1)!.record) : null };
  }),
  perform(listTemplates, { em: ENTITY_MANAGER }, async ({ operation }, { caller }, { em }) => ({
    items: (await new ImportRows(em).templates(caller.tenant, operation)).map(({ name, mapping }) => ({
      name,
      mapping,
    })),
  })),
  perform(keepTemplate, using, async ({ operation, name, mapping }, context, { bindings, em }) => {
    const target = targetNamed(bindings, operation);
    if (isRejection(target)) return target;
    const rows = new ImportRows(em);
    const { tenant } = context.caller;
    const kept = await rows.templates(tenant, operation);
    if (kept.length >= mostTemplates && !kept.some((one) => one.name === name))
      return reject(
        'platform.import-templates-full',
        `There are ${mostTemplates} templates of this command. Replace one.`,
      );
    await rows.keep(tenant, operation, name, mapping);
    return { name };
  }),
];

function unfitMapping(
  target: Target,
  custom: readonly CustomField[],
  match: string | null,
  fields: readonly string[],
): Rejection | null {
  const { kit } = target;
  const known = new Set([...importFields(target, custom).keys(), ...(kit ? [kit.record.id] : [])]);
  const wrong = fields.find((field, at) => !known.has(field) || fields.indexOf(field) !== at);
  const say = (pointer: string, message: string): Rejection =>
    reject('platform.invalid-input', message, { status: 400, errors: [{ pointer, code: 'invalid', message }] });
  if (wrong !== undefined) return say('/mapping/fields', `${wrong} is no field of the command, or is filled twice.`);
  if (match === null)
    return kit?.does === 'change' ? say('/mapping/match', 'Say by which field records are found.') : null;
  if (!kit || !matchFields(kit).includes(match)) return say('/mapping/match', `Records cannot be found by ${match}.`);
  return fields.includes(match) ? null : say('/mapping/match', `No column fills ${match}.`);
}

function shown(
  { id, settings, phase, header, startedAt }: Import,
  job: JobStatus | null,
  counted: Awaited<ReturnType<ImportRows['counts']>>,
  bindings: Bindings,
) {
  const counts = {
    planned: 0,
    ready: 0,
    unchecked: 0,
    waits: 0,
    unchanged: 0,
    refused: 0,
    done: 0,
    waiting: 0,
    reverted: 0,
    kept: 0,
  };
  let created = 0;
  let changed = 0;
  for (const { state, does, count } of counted) {
    counts[state] += count;
    if (!['planned', 'ready', 'unchecked', 'waits', 'done', 'waiting'].includes(state)) continue;
    if (does === 'create') created += count;
    else changed += count;
  }
  const { name = settings.operation, title = settings.operation } = bindings.named(settings.operation) ?? {};
  return {
    id,
    operation: name,
    title,
    name: settings.file?.name ?? null,
    phase,
    // An ended job is deleted after a while.
    state: job?.state ?? ('done' as const),
    done: job?.progress.done ?? 0,
    total: job?.progress.total ?? null,
    counts,
    created,
    changed,
    missing: [...(header?.missing ?? [])],
    startedAt,
    error: job?.error ?? null,
  };
}
