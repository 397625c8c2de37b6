import { command, instant, oneLine, pageInput, pageOf, query, tagInput } from '@daybook/kernel';
import * as z from 'zod';
import { accountClass, accountNumber, companyId } from '../ledger/entry.schema.js';
import { balanceRow, countsOfFile, finding, findingCounts } from './import.events.js';

const importId = z.uuid();

export const startImport = command('accounting.import.start', {
  title: 'Read a SAF-T file',
  description: 'Starts a job that checks an uploaded file (dry run). Nothing counts until the import is posted.',
  http: 'POST /v1/accounting/imports',
  delegated: true,
  says: 'started the import of {file.name}',
  input: z.object({
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'Upload the file first, then give its SHA-256.'),
    name: oneLine(255),
    companyId: z
      .uuid()
      .optional()
      .describe('Default: the company with the registration number of the file, else a new one'),
  }),
});
export const postImport = command('accounting.import.post', {
  title: 'Post an import',
  description: 'Posts all staged entries at once, by one event.',
  http: 'POST /v1/accounting/companies/{companyId}/imports/{importId}/post',
  delegated: true,
  says: 'imported {totals.entries} entries from {file.name}',
  input: z.object({
    companyId,
    importId,
    openingDifference: accountNumber
      .optional()
      .describe('Account for the opening difference; added to the chart if it is not there'),
    classes: z
      .record(accountNumber, accountClass)
      .optional()
      .describe('Class of each account for which the file states none'),
  }),
  approvable: { summary: () => 'Posting of an import' },
});
export const cancelImport = command('accounting.import.cancel', {
  title: 'Cancel an import',
  http: 'POST /v1/accounting/companies/{companyId}/imports/{importId}/cancel',
  delegated: true,
  says: 'cancelled an import',
  input: z.object({ companyId, importId }),
});

export const importStatus = z
  .enum(['reading', 'checked', 'refused', 'posted', 'cancelled'])
  .meta({ id: 'ImportStatus' });
export const importRow = z
  .object({
    id: importId,
    companyId,
    companyName: z.string().nullable(),
    fileName: z.string(),
    sha256: z.string(),
    size: z.int(),
    format: z.string().nullable(),
    status: importStatus,
    entries: z.int().nullable(),
    lines: z.int().nullable(),
    startedAt: instant,
    startedBy: z.string(),
    postedAt: instant.nullable(),
    version: z.int(),
  })
  .meta({ id: 'ImportRow' });
export const listImports = query('accounting.import.list', {
  title: 'List imports',
  http: 'GET /v1/accounting/imports',
  delegated: true,
  permission: 'accounting.import.read',
  scope: 'caller',
  input: z.object({
    companyId: z.uuid().optional(),
    status: z.array(importStatus).optional(),
    statusNot: z.array(importStatus).optional(),
    ...tagInput,
    ...pageInput,
  }),
  output: pageOf(importRow),
  rows: 'items',
});

/** The report of the dry run. */
export const importReport = z
  .object({
    newCompany: z.boolean(),
    counts: countsOfFile,
    totals: z.object({ debit: z.string(), credit: z.string() }),
    openingDifference: z.string(),
    /** Accounts whose class the file does not state. */
    unclassified: z.array(z.object({ number: z.string(), name: z.string() }).meta({ id: 'UnclassifiedAccount' })),
    findings: z.array(finding),
    findingCounts,
    balance: z.array(balanceRow),
    seconds: z.number(),
    fileLines: z.int(),
  })
  .meta({ id: 'ImportReport' });
export const readImport = query('accounting.import.read', {
  title: 'Read an import',
  http: 'GET /v1/accounting/imports/{importId}',
  delegated: true,
  permission: 'accounting.import.read',
  scope: 'caller',
  input: z.object({ importId }),
  output: importRow
    .extend({
      jobId: z.uuid(),
      report: importReport.nullable().describe('null while the file is being read'),
      openingDifferenceAccount: z.string().nullable(),
    })
    .meta({ id: 'Import' }),
});
