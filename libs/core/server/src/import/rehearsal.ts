import type { Files } from '@daybook/files';
import { type CustomField, isRejection, reject, RejectionError } from '@daybook/kernel';
import type { Bindings } from '../dispatch/bindings.js';
import type { CellKind } from '../export/columns.js';
import type { CsvRecord } from './csv-records.js';
import { headersOf, type Mapping, mappingOf } from './headers.js';
import type { ImportSettings } from './import.entity.js';
import type { ImportMapping } from './import.operations.js';
import { importFields, type Named, namesAsked, withNames } from './names.js';
import { keyOf, type Known, type PlannedRow, planner } from './plan.js';
import { readFile, type ReadFile } from './read-file.js';
import { readingsOf, readRow, type ValueForms } from './row-input.js';
import { type Target, targetNamed } from './target.js';

/* The rows of an import with what each of them becomes, before anybody is asked whether they may. */
type Planned = PlannedRow & Pick<CsvRecord, 'line' | 'cells'> & { readonly record: number };
export interface Asked {
  readonly tenant: string;
  readonly settings: ImportSettings;
  readonly bindings: Bindings;
  readonly files: Files;
  /** Records by the `keyOf` a field, those with a wanted one; all for null. */
  readonly known: (target: Target, field: string, wanted: ReadonlySet<string> | null) => Promise<Known>;
  /** Of the records of the target. */
  readonly customFields: (target: Target) => Promise<readonly CustomField[]>;
  readonly named: (type: string, wanted: ReadonlySet<string>) => Promise<Named>;
}

/** Throws a RejectionError for a file, a mapping or a command that makes no import. */
export async function plannedRows(asked: Asked) {
  const target = targetNamed(asked.bindings, asked.settings.operation);
  if (isRejection(target)) throw new RejectionError(target);
  return asked.settings.file === null ? chosenRows(target, asked) : rowsOfFile(target, asked, asked.settings.file);
}

async function rowsOfFile(
  target: Target,
  { tenant, settings, bindings, files, known, customFields, named }: Asked,
  of: NonNullable<ImportSettings['file']>,
) {
  const file = await readFile(files, tenant, of.sha256, of.encoding);
  const mapping = mappingOf(of.mapping.fields, headersOf(file.header.cells));
  const fields = importFields(target, await customFields(target));
  const kinds = new Map([...fields.values()].map(({ name, kind }) => [name, kind]));
  const forms = formsOf(file, kinds, mapping, of.mapping);
  const read = file.records.map((record) => ({
    ...record,
    record: record.number,
    ...readRow(kinds, mapping, forms, record),
  }));
  const names = new Map<string, Named>();
  for (const [type, wanted] of namesAsked(fields, read)) names.set(type, await named(type, wanted));
  const rows = read.map((row) => withNames(fields, names, row));
  const { match } = of.mapping;
  const wanted = new Set(
    rows.flatMap(({ fields }) => (match === null || fields[match] == null ? [] : [keyOf(fields[match])])),
  );
  const matching = match === null ? null : { field: match, creates: of.mapping.unmatched === 'create', known: await known(target, match, wanted) }; // prettier-ignore
  const plan = planner(target, kinds, settings.forAll, matching, singleIn(target, bindings));
  const planned: Planned[] = rows.map((row) => ({
    record: row.record,
    line: row.line,
    cells: row.cells,
    ...plan(row),
  }));
  const header = { columns: file.header.cells, missing: mapping.missing.map(({ name }) => name) };
  return { header, planned };
}

/** What names a record, and values that the deciders of the commands reserve. */
function singleIn({ operation, kit }: Target, bindings: Bindings): ReadonlyMap<string, (value: string) => string> {
  const unique = [operation, kit?.change ?? operation].flatMap((command) => {
    const binding = bindings.of(command);
    return binding.kind === 'decide' ? binding.unique : [];
  });
  const reserved = unique.map(({ pointer, form }) => [pointer.slice(1), (value: string) => form(value)] as const);
  return new Map([...(kit ? [[kit.record.id, keyOf] as const] : []), ...reserved]);
}

/** One form for a column. What nothing decides, and where rows disagree, is for somebody to say. */
function formsOf(
  { format, records }: ReadFile,
  kinds: ReadonlyMap<string, CellKind>,
  mapping: Mapping,
  { forms }: ImportMapping,
): ValueForms {
  return Object.fromEntries(
    Object.entries(readingsOf(kinds, mapping, records)).map(([field, reading]) => {
      const said = forms[field];
      if (said !== undefined) return [field, said];
      if (reading.kind === 'known') return [field, reading.form];
      // A number of a sheet is no text that could be read in two ways.
      if (reading.kind === 'ask' && format === 'xlsx' && kinds.get(field) === 'decimal') return [field, 'point'];
      const places: readonly number[] =
        reading.kind === 'ask' ? [] : Object.values<readonly number[]>(reading.against).flat();
      const lines = [...new Set(places.map((at) => records[at]!.line))].sort((a, b) => a - b);
      const message =
        reading.kind === 'ask'
          ? `The ${field} of every row can be read in two ways. Say which.`
          : `The ${field} is written in different ways: see lines ${lines.slice(0, 10).join(', ')}.`;
      const errors = [{ pointer: `/mapping/forms/${field}`, code: 'platform.import-form-unclear', message }];
      throw new RejectionError(reject('platform.import-form-unclear', message, { details: { field, lines }, errors }));
    }),
  );
}

/** Rows that were chosen in a list, or all that it answers: each becomes the command with what is the same for all. */
async function chosenRows(target: Target, { settings, known }: Asked) {
  const { operation, kit } = target;
  const { forAll, items } = settings;
  if (kit?.does === 'create' || (!kit && !items))
    throw new RejectionError(
      reject('platform.import-refused', `"${operation.title}" is no command for records that there are.`),
    );
  if (!kit) {
    const planned = (items ?? []).map(({ input, version }, at): Planned => {
      const whole = { ...forAll, ...input };
      const cells = [
        Object.values(input)
          .filter((value) => typeof value === 'string')
          .join(' '),
      ];
      const command = {
        does: 'act' as const,
        operation: operation.name,
        input: whole,
        expectedVersion: version ?? null,
        before: null,
      };
      return { record: at + 1, line: at + 1, cells, errors: [], command };
    });
    return { header: { columns: ['Record'], missing: [] as string[] }, planned };
  }
  const { id, calledBy, within } = kit.record;
  const { records, hidden } = await known(target, id, items && new Set(items.map(({ input }) => keyOf(input[id]))));
  const given = [forAll, ...(items ?? []).map(({ input }) => input)].flatMap(Object.keys);
  const unseen = given.find((name) => hidden.has(name));
  if (unseen !== undefined)
    throw new RejectionError(
      reject('platform.import-hidden', `You may not see the field ${unseen}, so it is not changed for many.`, {
        status: 403,
      }),
    );
  const company = within === 'company' ? { companyId: forAll['companyId'] } : {};
  const wanted = items ?? [...records.keys()].map((key) => ({ input: { [id]: key }, version: undefined }));
  const planned = wanted.map(({ input, version }, at): Planned => {
    const row = records.get(keyOf(input[id]))?.[0];
    const place = { record: at + 1, line: at + 1, cells: [String(row?.[calledBy] ?? input[id])] };
    if (!row) {
      const message = 'There is no such record that you may see.';
      return { ...place, command: null, errors: [{ pointer: `/${id}`, code: 'platform.import-not-found', message }] };
    }
    const whole = { ...forAll, ...company, ...input, [id]: row[id] };
    const changing = Object.keys(whole).filter((name) => name in row && name !== id);
    const before = kit.does === 'change' ? Object.fromEntries(changing.map((name) => [name, row[name] ?? null])) : null;
    const expectedVersion = operation.ifMatch === 'none' ? null : (version ?? Number(row['version']));
    return {
      ...place,
      errors: [],
      command: { does: kit.does, operation: operation.name, input: whole, expectedVersion, before },
    };
  });
  return { header: { columns: [calledBy], missing: [] as string[] }, planned };
}
