import { command, instant, oneLine, query } from '@daybook/kernel';
import * as z from 'zod';
import { jobState } from '../platform/platform.operations.js';

/* Any list as a file, by a job that reads it as the person who asks for it (docs/adr/0062). */
export const exportFormat = z
  .enum(['csv', 'csv-excel', 'xlsx', 'json'])
  .meta({ id: 'ExportFormat' })
  .describe('csv: decimal points and commas; csv-excel: decimal commas and semicolons');
export type ExportFormat = z.infer<typeof exportFormat>;

/** What is in the file, and of which moment. */
export const exportManifest = z
  .object({
    name: z.string(),
    sha256: z.string(),
    size: z.int(),
    rows: z.int(),
    columns: z.array(z.string()),
    position: z.string().nullable().describe('Position of the log that it was read at; null for a list without a past'),
    trail: z.string().nullable().describe("The tenant's own number of the last event considered"),
    recordedAt: z.string().nullable().describe('When that event was recorded'),
    asText: z
      .record(z.string(), z.int())
      .describe('Figures that a cell of a spreadsheet would round, so that they are text there: how many, by column'),
  })
  .meta({ id: 'ExportManifest' });
export type ExportManifest = z.infer<typeof exportManifest>;

const exportId = z.uuid();

export const startExport = command('platform.export.start', {
  title: 'Export a list',
  description: 'Starts a job that writes all rows of a list to a file, with the rights of the caller.',
  http: 'POST /v1/platform/exports',
  says: 'exported a list',
  scope: 'caller',
  input: z.object({
    list: z.string().max(100).describe('Name of a list: accounting.entry.list'),
    input: z.record(z.string().max(100), z.unknown()).default({}).describe('Its filters and order; not its pages'),
    format: exportFormat,
    name: oneLine(200)
      .regex(/^[^/\\]*$/, 'Give a name without a path.')
      .optional()
      .describe('Of the file, without its ending'),
    columns: z
      .array(z.string().max(100))
      .min(1)
      .max(200)
      .optional()
      .describe('Fields of the rows, in this order; all when left out'),
    knownAt: z.string().max(100).optional().describe('As known at an instant, a trail number or position:<n>'),
  }),
  output: z.object({ id: exportId }).meta({ id: 'ExportStarted' }),
});

export const readExport = query('platform.export.read', {
  title: 'Read an export',
  description: 'Exports are shown to who started them, and to nobody else.',
  http: 'GET /v1/platform/exports/{exportId}',
  permission: 'platform.export.read',
  scope: 'caller',
  currentOnly: true,
  input: z.object({ exportId }),
  output: z
    .object({
      id: exportId,
      list: z.string(),
      format: exportFormat,
      state: jobState,
      rows: z.int().describe('Written so far'),
      startedAt: instant.nullable(),
      endedAt: instant.nullable(),
      error: z.object({ code: z.string(), message: z.string() }).meta({ id: 'ExportError' }).nullable(),
      manifest: exportManifest.nullable().describe('null until it is done'),
    })
    .meta({ id: 'Export' }),
});

export const cancelExport = command('platform.export.cancel', {
  title: 'Cancel an export',
  http: 'POST /v1/platform/exports/{exportId}/cancel',
  says: 'cancelled an export',
  permission: 'platform.export.start',
  scope: 'caller',
  acceptsIdempotencyKey: false,
  input: z.object({ exportId }),
  output: z.object({ id: exportId }).meta({ id: 'ExportCancelled' }),
});

/** Where the file of an export is. */
export const exportFile = (id: string): string => `/v1/platform/exports/${id}/file`;
