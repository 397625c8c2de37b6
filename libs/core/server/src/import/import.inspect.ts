import { setImmediate } from 'node:timers/promises';
import { type CustomField, isRejection, reject } from '@daybook/kernel';
import type * as z from 'zod';
import { perform } from '../context.js';
import { Bindings } from '../dispatch/bindings.js';
import { StateCache } from '../state/state-cache.js';
import { ConcurrencyLimits } from '../dispatch/concurrency.js';
import type { CsvRecord } from './csv-records.js';
import { type FileHeader, headersOf } from './headers.js';
import { inspectFile } from './import.operations.js';
import { type ReadFile, readFile } from './read-file.js';
import { importFields } from './names.js';
import { keyOf } from './plan.js';
import { customFieldsOf, matchFields, type Target, targetNamed } from './target.js';
import { dateReading, decimalReading, type Reading } from './value-forms.js';

export const noFile = () =>
  reject('platform.file-not-found', 'There is no such file of yours. Upload it again.', { status: 404 });

/** What a file is, before anything is imported of it: shown, so that a person can say otherwise. */
export const inspectBinding = perform(
  inspectFile,
  { bindings: Bindings, states: StateCache },
  async ({ file: sha256, operation, encoding }, context, { bindings, states }) => {
    const target = targetNamed(bindings, operation);
    if (isRejection(target)) return target;
    if (!(await context.readableFile(sha256))) return noFile();
    const { tenant } = context.caller;
    const leave = await turns.enter('query', { tenant: 'files', actor: { kind: 'system', id: tenant } }, null);
    if (isRejection(leave)) return leave;
    try {
      const file = await readFile(context.files, tenant, sha256, encoding ?? null);
      return await shown(target, await customFieldsOf(target, tenant, { bindings, states }), file);
    } finally {
      leave();
    }
  },
);

/** One file of a tenant at a time, and two in a process: each takes memory, and a workbook a thread of its own. */
const few = { caller: { running: 1, waiting: 20 }, tenant: { running: 2, waiting: 200 } };
const turns = new ConcurrencyLimits({ query: few, command: few });

async function shown(target: Target, custom: readonly CustomField[], file: ReadFile) {
  const headers = headersOf(file.header.cells);
  return {
    format: file.format,
    encoding: file.encoding,
    separator: file.separator,
    rows: file.records.length,
    columns: await columnsShown(headers, file.records),
    fields: fieldsShown(target, custom, headers),
  };
}

/** In one pass over the cells that there are, and with other requests answered between two columns. */
async function columnsShown(headers: readonly FileHeader[], records: readonly CsvRecord[]) {
  const filled = headers.map(() => ({ values: [] as string[], lines: [] as number[] }));
  for (const { cells, line } of records)
    for (const [at, cell] of cells.entries()) {
      if (cell.trim() === '') continue;
      filled[at]?.values.push(cell);
      filled[at]?.lines.push(line);
    }
  const shown = [];
  for (const [at, header] of headers.entries()) {
    const { values, lines } = filled[at]!;
    const lineOf = (place: number): number => lines[place]!;
    shown.push({
      ...header,
      samples: values.slice(0, 3).map((value) => value.slice(0, 100)),
      dates: readingShown(dateReading(values), lineOf),
      decimals: readingShown(decimalReading(values), lineOf),
    });
    await setImmediate();
  }
  return shown;
}

/** Fields that no file can have: what is given for all rows, and lists. */
function fieldsShown(target: Target, custom: readonly CustomField[], headers: ReturnType<typeof headersOf>) {
  const { operation, kit } = target;
  const fields = importFields(target, custom);
  const matching = kit ? matchFields(kit) : [];
  const names = [...new Set([...matching, ...fields.keys()])].filter((name) => name !== 'companyId');
  return names.flatMap((name) => {
    const { kind = 'text' as const, label = kit?.record.fields[name]?.label ?? name } = fields.get(name) ?? {};
    const named = headers.find((header) => [name, label].some((one) => keyOf(one) === keyOf(header.name)));
    const schema = operation.input.shape[name] as z.ZodType | undefined;
    if (schema && !schema.safeParse([]).success && schema.safeParse({}).success) return [];
    const own = custom.find(({ key }) => name === `custom.${key}`);
    return [
      {
        name,
        label,
        kind,
        isRequired: own ? own.required : schema !== undefined && !schema.safeParse(undefined).success,
        matches: matching.includes(name),
        column: named?.place ?? null,
      },
    ];
  });
}

type Shown = z.output<typeof inspectFile.output>['columns'][number]['dates'];
function readingShown<F extends Shown['forms'][number]>(reading: Reading<F>, lineOf: (at: number) => number): Shown {
  if (reading.kind === 'known') return { kind: 'known', forms: [reading.form], lines: [] };
  if (reading.kind === 'ask') return { kind: 'ask', forms: [...reading.forms], lines: [] };
  const places = Object.values<readonly number[]>(reading.against).flat();
  return {
    kind: 'contradiction',
    forms: [],
    lines: [...new Set(places.map(lineOf))].sort((a, b) => a - b).slice(0, 20),
  };
}
