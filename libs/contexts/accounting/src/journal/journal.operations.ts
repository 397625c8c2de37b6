import { command, oneLine, query } from '@daybook/kernel';
import * as z from 'zod';
import { companyId, journalCode } from '../ledger/entry.schema.js';

export const addJournal = command('accounting.journal.add', {
  title: 'Add a journal',
  http: 'POST /v1/accounting/companies/{companyId}/journals',
  delegated: true,
  says: 'added journal {code} {name}',
  input: z.object({ companyId, code: journalCode, name: oneLine(256) }),
});
export const journalRow = z.object({ code: journalCode, name: z.string(), version: z.int() }).meta({ id: 'Journal' });
export const listJournals = query('accounting.journal.list', {
  title: 'List journals',
  http: 'GET /v1/accounting/companies/{companyId}/journals',
  delegated: true,
  permission: 'accounting.journal.read',
  input: z.object({ companyId }),
  output: z.object({ items: z.array(journalRow) }),
  rows: 'items',
});

export const journalCommands = [addJournal] as const;
