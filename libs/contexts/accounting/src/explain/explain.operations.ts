import { amount, instant, pageInput, plainDate, query, refersTo, stamp, total } from '@daybook/kernel';
import * as z from 'zod';
import { companyId, entryId, guardedParty, guardedDescription } from '../ledger/entry.schema.js';

export const figureColumn = z.enum(['opening', 'debit', 'credit', 'closing']).meta({ id: 'FigureColumn' });

export const figureLine = z
  .object({
    entryId,
    line: z.int(),
    number: z.string(),
    date: plainDate,
    account: refersTo('accounting.account', z.string()),
    description: guardedDescription(z.string()).nullable(),
    /** Its share of the figure, with the figure's sign: the lines add up to it. */
    amount,
  })
  .meta({ id: 'FigureLine' });

/** From a figure to its lines. The lines of all pages, and the groups, each add up to the figure exactly. */
export const explainFigure = query('accounting.figure.explain', {
  title: 'Explain a figure of the trial balance',
  http: 'GET /v1/accounting/companies/{companyId}/trial-balance/figure',
  delegated: true,
  permission: 'accounting.trial-balance.read',
  input: z.object({
    companyId,
    account: z
      .string()
      .max(20)
      .describe(
        'Account number, `results` for the computed line, `total` for a column total, `class:expense` for the accounts of a class',
      ),
    column: figureColumn,
    from: plainDate,
    to: plainDate,
    ...pageInput,
  }),
  output: z
    .object({
      account: z.string(),
      name: z.string(),
      column: figureColumn,
      currency: z.string(),
      amount: total,
      count: z.int(),
      groups: z.array(z.object({ month: z.string(), amount: total, count: z.int() }).meta({ id: 'FigureGroup' })),
      items: z.array(figureLine),
      next: z.string().nullable(),
      stamp,
    })
    .meta({ id: 'Figure' }),
  rows: 'items',
});

const eventStep = z
  .object({
    eventId: z.uuid(),
    type: z.string().describe('Wire type: accounting.entry-posted.v1'),
    trail: z.string().nullable(),
    position: z.string(),
    recordedAt: instant,
    operation: z.string(),
    says: z.string().describe('Audit sentence without the person: "posted PU-2026-0041"'),
    permission: z.string().nullable(),
    channel: z.string(),
    reason: z.string().nullable(),
    actor: z.object({ kind: z.string(), id: z.string(), name: z.string().nullable() }),
    commandId: z.string(),
  })
  .meta({ id: 'ExplainEvent' });

/** From an entry to its events, with person and reason, and to the line of the source document. */
export const explainEntry = query('accounting.entry.explain', {
  title: 'Explain an entry',
  http: 'GET /v1/accounting/companies/{companyId}/entries/{entryId}/explain',
  delegated: true,
  permission: 'accounting.entry.read',
  input: z.object({
    companyId,
    entryId,
    line: z.coerce.number().int().min(1).optional().describe('Line of the entry to find in the file'),
    ...pageInput,
  }),
  output: z
    .object({
      entryId,
      number: z.string(),
      events: z
        .array(eventStep)
        .describe('A page of them, oldest first; the first page of an imported entry has one more'),
      next: z.string().nullable(),
      source: z
        .object({
          file: z.string(),
          sha256: z.string(),
          importId: z.uuid(),
          line: z.int(),
          excerpt: z.array(
            z
              .object({ number: z.int(), text: guardedParty(guardedDescription(z.string()).nullable()) })
              .meta({ id: 'ExcerptLine' }),
          ),
        })
        .nullable(),
      seal: z.object({ state: z.literal('not-sealed'), position: z.string() }),
    })
    .meta({ id: 'EntryExplanation' }),
});
