import { patch, projection, put, type RowChange, tableOf, when } from '@daybook/projections';
import type { RecordedEvent } from '@daybook/kernel';
import * as z from 'zod';
import { importCancelled, importPosted } from '../ledger/ledger.events.js';
import { importChecked, importRefused, importStarted } from './import.events.js';
import { importReport, importRow } from './import.operations.js';

export const imports = tableOf(
  'imports',
  importRow.extend({ openingDifferenceAccount: z.string().nullable() }),
  ['id'],
  {
    indexes: [['startedAt', 'id'], ['companyId', 'startedAt'], ['sha256']],
    visible: { company: 'companyId' },
  },
);
/** In a table of their own, because reports are large: they have findings and a trial balance. */
export const importReports = tableOf('import_reports', z.object({ id: z.uuid(), report: importReport }), ['id'], {
  history: 'append-only',
});

type Row = z.infer<(typeof imports)['row']>;

/** Reports come from the import's stream, cancellations from the ledger's: a report after a cancellation changes no status. */
const reached = (event: RecordedEvent, id: string, fields: Partial<Row>): RowChange =>
  patch(imports, { id }, (row) => ({
    ...fields,
    status: row.status === 'cancelled' ? row.status : (fields.status ?? row.status),
    version: Math.max(row.version, event.meta.record.version),
  }));

const nothing = { total: 0, added: 0, known: 0 };

export const importProjection = projection({
  name: 'imports',
  version: 1,
  tables: [imports, importReports],
  channels: ['imports'],
  on: [
    when(importStarted, (event) => [
      put(imports, {
        id: event.data.importId,
        companyId: event.data.companyId,
        companyName: null,
        fileName: event.data.file.name,
        sha256: event.data.file.sha256,
        size: event.data.file.size,
        format: null,
        status: 'reading',
        entries: null,
        lines: null,
        startedAt: event.recordedAt,
        startedBy: event.meta.actor.id,
        postedAt: null,
        version: 1,
        openingDifferenceAccount: null,
      }),
    ]),
    when(importChecked, (event) => {
      const { data } = event;
      const { counts, totals, openingDifference, findings, findingCounts, balance, seconds, fileLines } = data;
      const unclassified = data.accounts.flatMap((a) => (a.class === null ? [{ number: a.number, name: a.name }] : []));
      const report = { counts, totals, openingDifference, findings, findingCounts, balance, seconds, fileLines };
      return [
        reached(event, data.importId, {
          status: 'checked',
          companyName: data.companyName,
          format: data.format,
          entries: counts.entries.added,
          lines: counts.lines.added,
        }),
        put(importReports, {
          id: data.importId,
          report: { ...report, newCompany: data.company !== null, unclassified },
        }),
      ];
    }),
    when(importRefused, (event) => {
      const { importId, findings } = event.data;
      const count = (kind: string) => findings.filter((f) => f.kind === kind).length;
      return [
        reached(event, importId, { status: 'refused' }),
        put(importReports, {
          id: importId,
          report: {
            newCompany: false,
            counts: {
              accounts: nothing,
              journals: nothing,
              customers: nothing,
              suppliers: nothing,
              taxCodes: nothing,
              entries: nothing,
              lines: nothing,
            },
            totals: { debit: '0', credit: '0' },
            openingDifference: '0',
            unclassified: [],
            findings,
            findingCounts: {
              error: count('error'),
              decide: count('decide'),
              contradiction: count('contradiction'),
              warning: count('warning'),
            },
            balance: [],
            seconds: 0,
            fileLines: 0,
          },
        }),
      ];
    }),
    when(importPosted, (event) => [
      reached(event, event.data.importId, {
        status: 'posted',
        postedAt: event.recordedAt,
        openingDifferenceAccount: event.data.openingDifference?.account ?? null,
      }),
    ]),
    when(importCancelled, (event) => [reached(event, event.data.importId, { status: 'cancelled' })]),
  ],
});
