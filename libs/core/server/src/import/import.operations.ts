import { command, instant, oneLine, pageInput, pageOf, query } from '@daybook/kernel';
import * as z from 'zod';
import { jobState } from '../platform/platform.operations.js';

/* One command for many rows, of a file or chosen in a list, by a job that runs it as the person who asks (docs/adr/0067). */
const importId = z.uuid();
const rowError = z
  .object({ pointer: z.string(), code: z.string(), message: z.string() })
  .meta({ id: 'RowImportRowError' });
const operationName = z.string().max(100).describe('Name of a command: accounting.account.add');
const fieldName = z.string().min(1).max(100);

export const mappedField = z
  .object({
    field: fieldName,
    name: z.string().max(500).describe('Of the column, as it stands in the file'),
    occurrence: z.int().min(1).default(1).describe('Which of the columns of this name, from 1'),
    blank: z.enum(['keep', 'clear']).default('keep').describe('What a blank cell says: nothing, or that the field is emptied'),
  })
  .meta({ id: 'MappedField' }); // prettier-ignore
export const valueForm = z.enum(['day-first', 'month-first', 'point', 'comma']).meta({ id: 'ValueForm' });

/** What a template keeps. */
export const importMapping = z
  .object({
    fields: z.array(mappedField).min(1).max(200),
    forms: z.record(fieldName, valueForm).default({}).describe('How dates and decimals of a field are written'),
    match: fieldName.nullable().default(null).describe('Rows with a value that a record has in this field change it'),
    unmatched: z.enum(['create', 'refuse']).default('create').describe('What becomes of rows that match no record'),
  })
  .meta({ id: 'RowImportMapping' });
export type ImportMapping = z.output<typeof importMapping>;

const forAll = z.record(fieldName, z.unknown()).default({}).describe('Fields that are the same in all rows: companyId');
export const encoding = z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']).meta({ id: 'TextEncoding' });

/**
 * `planned` is not rehearsed yet; `ready`, `unchecked` and `waits` are to be run: `unchecked` by a command whose answer is known only
 * then, beyond rights and input, `waits` under a rule of approval; `kept` is what a revert leaves as it is.
 */
export const rowState = z
  .enum(['planned', 'ready', 'unchecked', 'waits', 'unchanged', 'refused', 'done', 'waiting', 'reverted', 'kept'])
  .meta({ id: 'RowImportRowState' });
export type RowState = z.infer<typeof rowState>;
export const phase = z.enum(['rehearsal', 'run', 'revert']).meta({ id: 'RowImportPhase' });
export type Phase = z.infer<typeof phase>;

const reading = z
  .object({
    kind: z.enum(['known', 'ask', 'contradiction']),
    forms: z.array(valueForm).describe('The one that is known, or those that fit'),
    lines: z.array(z.int()).describe('Where rows disagree'),
  })
  .meta({ id: 'ColumnReading' });

export const inspectFile = query('platform.import.inspect', {
  title: 'Look at a file to import',
  http: 'GET /v1/platform/import-files/{file}',
  permission: 'platform.import.read',
  scope: 'caller',
  currentOnly: true,
  input: z.object({ file: z.string().regex(/^[0-9a-f]{64}$/), operation: operationName, encoding: encoding.optional() }),
  output: z
    .object({
      format: z.enum(['csv', 'xlsx']),
      encoding: encoding.nullable().describe('As it was found; of CSV'),
      separator: z.string().nullable(),
      rows: z.int(),
      columns: z.array(
        z.object({
          place: z.int(),
          name: z.string(),
          occurrence: z.int(),
          samples: z.array(z.string()),
          dates: reading,
          decimals: reading,
        }).meta({ id: 'FileColumn' }),
      ),
      fields: z.array(
        z.object({
          name: z.string(),
          label: z.string(),
          kind: z.enum(['text', 'decimal', 'number', 'date', 'boolean']),
          isRequired: z.boolean(),
          matches: z.boolean().describe('Rows can be matched with records by it'),
          column: z.int().nullable().describe('Place of the column with its name'),
        }).meta({ id: 'RowImportField' }),
      ),
    })
    .meta({ id: 'RowImportFile' }),
}); // prettier-ignore

export const startImport = command('platform.import.start', {
  title: 'Rehearse an import',
  description: 'Reads a file and answers for each row what would become of it. Nothing is changed until the import is run.',
  http: 'POST /v1/platform/imports',
  says: 'rehearsed an import',
  scope: 'caller',
  input: z.object({
    operation: operationName,
    file: z.string().regex(/^[0-9a-f]{64}$/).describe('SHA-256 of an upload of the caller'),
    name: oneLine(255).describe('Of the file'),
    encoding: encoding.optional(),
    mapping: importMapping,
    forAll,
  }),
  output: z.object({ id: importId }).meta({ id: 'RowImportStarted' }),
}); // prettier-ignore

export const startBulk = command('platform.bulk.start', {
  title: 'Rehearse a command for many records',
  description: 'Takes these records, or all that their list answers. Nothing is changed until it is run.',
  http: 'POST /v1/platform/bulk',
  permission: 'platform.import.start',
  says: 'rehearsed a command for many records',
  scope: 'caller',
  input: z.object({
    operation: operationName,
    items: z
      .array(
        z.object({ input: z.record(fieldName, z.unknown()), version: z.int().optional() }).meta({ id: 'BulkItem' }),
      )
      .min(1)
      .max(1_000)
      .optional()
      .describe('What names each record, and the version that was seen; left out: all that match'),
    where: z.record(fieldName, z.unknown()).default({}).describe('Filters of the list, where no items are given'),
    forAll,
  }),
  output: z.object({ id: importId }).meta({ id: 'BulkStarted' }),
});

const step = { permission: 'platform.import.start', scope: 'caller', acceptsIdempotencyKey: false } as const;
const ofImport = { input: z.object({ importId }), output: z.object({ id: importId }) };

export const runImport = command('platform.import.run', {
  ...step,
  title: 'Run an import',
  description: 'Runs the rows that the rehearsal accepted, and each of them once, however often it is called.',
  http: 'POST /v1/platform/imports/{importId}/run',
  says: 'ran an import',
  input: ofImport.input,
  output: ofImport.output.meta({ id: 'RowImportRun' }),
});
export const revertImport = command('platform.import.revert', {
  ...step,
  title: 'Revert an import',
  description: 'Takes back what the import did by commands of its own. Records that were changed since are left as they are.',
  http: 'POST /v1/platform/imports/{importId}/revert',
  says: 'reverted an import',
  input: ofImport.input,
  output: ofImport.output.meta({ id: 'RowImportReverted' }),
}); // prettier-ignore
export const cancelImport = command('platform.import.cancel', {
  ...step,
  title: 'Stop an import',
  description: 'Rows that were run stay; it can be run on, or reverted.',
  http: 'POST /v1/platform/imports/{importId}/cancel',
  says: 'stopped an import',
  input: ofImport.input,
  output: ofImport.output.meta({ id: 'RowImportStopped' }),
});

const read = { permission: 'platform.import.read', scope: 'caller', currentOnly: true } as const;
export const readImport = query('platform.import.read', {
  ...read,
  title: 'Read an import',
  description: 'Imports are shown to who started them, and to nobody else.',
  http: 'GET /v1/platform/imports/{importId}',
  input: z.object({ importId }),
  output: z
    .object({
      id: importId,
      operation: z.string(),
      title: z.string(),
      name: z.string().nullable().describe('Of the file; null for rows that were chosen in a list'),
      phase,
      state: jobState,
      done: z.int(),
      total: z.int().nullable(),
      counts: z
        .object({
          planned: z.int(),
          ready: z.int(),
          unchecked: z.int().describe('To be run, and not checked before: only the command itself knows its answer'),
          waits: z.int(),
          unchanged: z.int(),
          refused: z.int(),
          done: z.int(),
          waiting: z.int(),
          reverted: z.int(),
          kept: z.int(),
        })
        .meta({ id: 'RowImportCounts' }),
      created: z.int().describe('Rows that create or have created a record'),
      changed: z.int().describe('Rows that change or have changed one'),
      missing: z.array(z.string()).describe('Columns of the mapping that the file lacks'),
      startedAt: instant,
      error: z.object({ code: z.string(), message: z.string() }).meta({ id: 'RowImportError' }).nullable(),
    })
    .meta({ id: 'RowImport' }),
});
export const listImportRows = query('platform.import-row.list', {
  ...read,
  title: 'List the rows of an import',
  http: 'GET /v1/platform/imports/{importId}/rows',
  input: z.object({ importId, state: z.array(rowState).optional(), ...pageInput }),
  output: pageOf(
    z
      .object({
        record: z.int().describe('Of the records after the header, from 1'),
        line: z.int().describe('Of the file'),
        cells: z.array(z.string()),
        does: z.enum(['create', 'change', 'act']).nullable(),
        state: rowState,
        id: z.string().nullable().describe('Of the record that it made or changed'),
        errors: z.array(rowError),
      })
      .meta({ id: 'RowImportRow' }),
  ),
  rows: 'items',
});
/** Where the refused rows are, with the reason of each, ready to be mended and imported again. */
export const refusedFile = (id: string): string => `/v1/platform/imports/${id}/refused`;

const template = z.object({ name: oneLine(60), mapping: importMapping }).meta({ id: 'RowImportTemplate' });
export const listTemplates = query('platform.import-template.list', {
  ...read,
  title: 'List the templates of an import',
  http: 'GET /v1/platform/import-templates',
  input: z.object({ operation: operationName }),
  output: z.object({ items: z.array(template) }),
});
export const keepTemplate = command('platform.import-template.keep', {
  ...step,
  title: 'Keep a template of an import',
  description: 'For everybody in the tenant who imports for this command. Another of the same name is replaced.',
  http: 'POST /v1/platform/import-templates',
  says: 'kept the template {name} of an import',
  input: z.object({ operation: operationName, ...template.shape }),
  output: z.object({ name: z.string() }).meta({ id: 'RowImportTemplateKept' }),
});
export const importOperations = { inspectFile, startImport, startBulk, runImport, revertImport, cancelImport, readImport, listImportRows, listTemplates, keepTemplate }; // prettier-ignore
