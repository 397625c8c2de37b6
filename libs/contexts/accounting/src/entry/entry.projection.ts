import { decimals, type RecordedEvent, rowOf } from '@daybook/kernel';
import { customKeys, customKeysOf, patch, projection, put, type RowChange, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { entryStaged } from '../import/import.events.js';
import { appliedEntry, type ImportPosted } from '../ledger/applied-entry.js';
import { debitOf } from '../ledger/entry-lines.js';
import { companyId, entryContent, entryId, sourceLine, storedLine } from '../ledger/entry.schema.js';
import { entryHeld, entryPosted, entryRef, entryReleased, entryReversed } from '../ledger/ledger.events.js';
import type { AppliedEntry } from '../ledger/ledger.state.js';
import { entry } from './entry.record.js';

const table = tableOf(
  'entries',
  rowOf(entry)
    .omit({ mainAccountName: true })
    .extend({
      companyId,
      description: z.string(),
      reverses: entryRef.nullable(),
      reversedBy: entryRef.nullable(),
      source: z.object({ from: sourceLine, to: sourceLine }).nullable(),
      /** What `custom` is sorted by. */
      customSort: customKeys.nullable(),
      /** The event with its content; the trail has all events that speak of it. */
      recordedIn: z.object({ stream: z.string(), revision: z.int() }),
      /** The tenant's running number of entries; orders entries of one day. */
      postingOrder: z.string(),
    }),
  ['id'],
  {
    sequence: 'postingOrder',
    visible: { company: 'companyId' },
    indexes: [
      ['companyId', 'date', 'postingOrder'],
      ['companyId', 'number'],
      ['companyId', 'importId'],
    ],
  },
);
/** What lists show of entries, and what the engine and the lines need besides. */
export const entries = { ...table, record: entry, sortedAsWords: [] };

/** Lines never change, so fields of the entry are copied into them. Account names change and are joined when read. */
export const entryLines = tableOf(
  'entry_lines',
  storedLine.extend({
    companyId,
    entryId,
    line: z.int(),
    journal: entryContent.shape.journal,
    number: z.string(),
    date: entryContent.shape.date,
    kind: entryContent.shape.kind,
    entryDescription: z.string(),
    voucher: z.string().nullable(),
    /** The tenant's running number of lines: by position, index of a staged entry, line. */
    postingOrder: z.string(),
  }),
  ['entryId', 'line'],
  {
    history: 'append-only',
    sequence: 'postingOrder',
    visible: { company: 'companyId', party: 'party' },
    indexes: [
      ['companyId', 'account', 'date', 'postingOrder'],
      ['companyId', 'date', 'postingOrder'],
    ],
  },
);

/** The projection engine assigns it. */
const postingOrder = '0';

const largest = (entry: AppliedEntry) =>
  entry.lines.reduce((main, line) =>
    decimals.cmp(decimals.abs(line.amount), decimals.abs(main.amount)) > 0 ? line : main,
  );

function counted(
  entry: AppliedEntry,
  event: RecordedEvent,
  imported: { importId: string; source: { from: number; to: number } } | null,
): RowChange[] {
  const { companyId, entryId, journal, number, date, kind, description, voucher } = entry;
  return [
    put(entries, {
      id: entryId,
      companyId,
      number,
      journal,
      fiscalYear: entry.fiscalYear,
      date,
      period: entry.period,
      kind,
      description,
      voucher,
      documentDate: entry.documentDate,
      mainAccount: largest(entry).account,
      party: entry.lines.find((line) => line.party)?.party?.id ?? null,
      amount: debitOf(entry.lines),
      currency: entry.currency,
      status: 'posted',
      recordedAt: event.recordedAt,
      recordedBy: event.meta.actor.id,
      position: String(event.position),
      reverses: entry.reverses,
      reversedBy: null,
      importId: imported?.importId ?? null,
      source: imported?.source ?? null,
      recordedIn: { stream: event.stream, revision: event.revision },
      version: 1,
      custom: entry.custom ?? null,
      customSort: customKeysOf(entry.custom ?? null),
      postingOrder,
    }),
    ...entry.lines.map((line, index) =>
      put(entryLines, {
        ...line,
        companyId,
        entryId,
        line: index + 1,
        journal,
        number,
        date,
        kind,
        entryDescription: description,
        voucher,
        postingOrder,
      }),
    ),
  ];
}

/** A later change of an entry: its fields and its version. */
const amended = (event: RecordedEvent, id: string, fields: Partial<z.infer<(typeof entries)['row']>>): RowChange =>
  patch(entries, { id }, { ...fields, version: event.meta.record.version });

export const entryProjection = projection({
  name: 'entries',
  version: 3,
  tables: [entries, entryLines],
  channels: ['entries', 'account-ledger', 'trial-balance'],
  on: [
    when(entryPosted, (event) => counted(event.data, event, null)),
    when(entryStaged, (event, by) => {
      if (!by) throw new Error('A staged entry counts only when its import is posted');
      const { importId, source } = event.data;
      return counted(appliedEntry(event.data, by.data as ImportPosted), event, { importId, source });
    }),
    when(entryHeld, (event) => [amended(event, event.data.entryId, { status: 'on-hold' })]),
    when(entryReleased, (event) => [amended(event, event.data.entryId, { status: 'posted' })]),
    when(entryReversed, (event) => [
      amended(event, event.data.entryId, { status: 'reversed', reversedBy: event.data.reversedBy }),
    ]),
  ],
});
