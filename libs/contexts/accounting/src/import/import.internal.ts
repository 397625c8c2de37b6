import { command } from '@daybook/kernel';
import * as z from 'zod';
import { companyId } from '../ledger/entry.schema.js';
import { finding, importChecked, importStarted } from './import.events.js';
import { startImport } from './import.operations.js';

/*
 * Internal commands of an import: `accounting.import.start` starts the stream of the import, and its job ends it with a
 * report or a refusal. Their routes are never served.
 */
const permission = startImport.permission;

export const beginImport = command('accounting.import.begin', {
  title: 'Begin an import',
  http: 'POST /v1/accounting/imports/begin',
  permission,
  says: startImport.says,
  input: importStarted.data.omit({ ledgerRevision: true }),
});
export const checkImport = command('accounting.import.check', {
  title: 'Record the report on a file',
  http: 'POST /v1/accounting/imports/check',
  permission,
  says: 'checked a file with {staged.count} entries of {companyName}',
  input: importChecked.data,
});
export const refuseImport = command('accounting.import.refuse', {
  title: 'Refuse a file',
  http: 'POST /v1/accounting/imports/refuse',
  permission,
  says: 'refused a file',
  input: z.object({ importId: z.uuid(), companyId, findings: z.array(finding) }),
});
export const importInternalCommands = [beginImport, checkImport, refuseImport] as const;
