import {
  accept,
  checkVersion,
  customSaid,
  truncate,
  type DecideContext,
  type EventsOf,
  formatDate,
  isRejection,
  reject,
  withKey,
} from '@daybook/kernel';
import { type entryCommands } from '../entry/entry.operations.js';
import { companyNotFound } from './decide-chart.js';
import { balanceProblem, checkedLines, swapped } from './entry-lines.js';
import { entry } from '../entry/entry.record.js';
import type { EntryContent } from './entry.schema.js';
import { entryNumber, fiscalYearOf, periodOf } from './fiscal-year.js';
import {
  type entryEvents,
  entryHeld,
  entryPosted,
  entryReleased,
  entryReversed,
  type LedgerEvent,
} from './ledger.events.js';
import {
  type AppliedEntry,
  type EntryException,
  type EntryRef,
  type LedgerFolds,
  lastNumber,
  type LedgerDecisionFacts,
  type LedgerState,
  type LedgerRules,
  sequenceKey,
  withUsed,
} from './ledger.state.js';

/*
 * Entries.
 * - Debit equals credit exactly. Every amount fits the currency's minor units and is stored padded to them.
 * - Numbers are gapless within journal and fiscal year, in the order of posting.
 * - An entry is never edited. It is reversed at most once, by a linked entry with the sides swapped and the same date or
 *   a later one. A reversal cannot be reversed: the original is posted again as a new entry.
 * - Custom fields are entered with the entry and never edited. A reversal has those of its original, so that both are in the
 *   same lists and sums, whatever became of the definitions since.
 */
export const entryRules: LedgerRules<typeof entryCommands> = {
  'accounting.entry.post': (input, state, context) => {
    const { company } = state;
    if (!company) return companyNotFound(input.companyId);
    if (!state.journals.has(input.journal)) {
      const known = [...state.journals.keys()].sort();
      const message = `There is no journal ${input.journal}. ${known.length > 0 ? `Use ${known.join(', ')}, or add it first.` : 'Add it first.'}`;
      return reject('accounting.journal-not-found', message, {
        details: { journal: input.journal, known },
        errors: [{ pointer: '/journal', code: 'accounting.journal-not-found', message }],
      });
    }
    const lines = checkedLines(input.lines, state, company.currency);
    if (isRejection(lines)) return lines;
    const unbalanced = balanceProblem(lines, company.currency);
    if (unbalanced) return unbalanced;
    const said = customSaid({ record: entry, does: 'create' }, input.custom, null, context);
    if (isRejection(said)) return said;

    const content: EntryContent = {
      companyId: input.companyId,
      entryId: context.newId,
      journal: input.journal,
      fiscalYear: fiscalYearOf(input.date, company.fiscalYearStart),
      date: input.date,
      period: input.period ?? (input.kind === 'opening' ? 0 : periodOf(input.date, company.fiscalYearStart)),
      kind: input.kind,
      description: input.description,
      voucher: input.voucher ?? null,
      documentDate: input.documentDate ?? null,
      currency: company.currency,
      lines: [...lines],
      ...(said.custom && { custom: said.custom }),
    };
    return accept(context.newId, 1, entryPosted.of(numbered(content, state, null)));
  },

  'accounting.entry.reverse': (input, state, context, facts) => {
    const found = existing(input, state, context, facts);
    if (found.kind === 'rejection') return found;
    const { company, original, exception, version } = found;
    if (exception?.by) {
      const { by } = exception;
      return reject('accounting.entry-already-reversed', `${original.number} was reversed by ${by.number}.`, {
        details: { entryId: input.entryId, number: original.number, reversedBy: by },
      });
    }
    if (original.reverses) {
      const { number } = original.reverses;
      const way = `To undo it, post ${number} again as a new entry.`;
      return reject(
        'accounting.reversal-not-reversible',
        `${original.number} is the reversal of ${number} and cannot be reversed. ${way}`,
        {
          details: { number: original.number, reverses: original.reverses },
        },
      );
    }
    const date = input.date ?? original.date;
    if (date < original.date) {
      const message = `${original.number} is dated ${formatDate(original.date, 'long')}. Date the reversal on that day or later.`;
      return reject('accounting.reversal-too-early', message, {
        details: { date, earliest: original.date },
        errors: [{ pointer: '/date', code: 'accounting.reversal-too-early', message }],
      });
    }
    // On the original's date the reversal keeps the original's period, which may be one that no date implies (0, 13 …).
    const sameDay = date === original.date;
    const content: EntryContent = {
      companyId: input.companyId,
      entryId: context.newId,
      journal: original.journal,
      fiscalYear: sameDay ? original.fiscalYear : fiscalYearOf(date, company.fiscalYearStart),
      date,
      period: sameDay ? original.period : periodOf(date, company.fiscalYearStart),
      kind: 'reversal',
      description: input.description ?? truncate(`Reversal of ${original.number}: ${original.description}`, 500),
      voucher: original.voucher,
      documentDate: original.documentDate,
      currency: original.currency,
      lines: [...swapped(original.lines)],
      ...(original.custom && { custom: original.custom }),
    };
    const posted = numbered(content, state, { entryId: original.entryId, number: original.number });
    const reversed = {
      companyId: input.companyId,
      entryId: original.entryId,
      number: original.number,
      reversedBy: { entryId: posted.entryId, number: posted.number },
    };
    return {
      ...accept<LedgerEvent>(context.newId, 1, entryPosted.of(posted), entryReversed.of(reversed)),
      others: { [original.entryId]: version + 1 },
    };
  },

  'accounting.entry.hold': (input, state, context, facts) => {
    const found = existing(input, state, context, facts);
    if (found.kind === 'rejection') return found;
    const { original, exception, version } = found;
    if (exception?.by)
      return reject('accounting.entry-already-reversed', `${original.number} was reversed by ${exception.by.number}.`);
    if (exception?.status === 'on-hold')
      return reject('accounting.entry-already-held', `${original.number} is already on hold.`);
    return accept(input.entryId, version + 1, entryHeld.of({ ...input, number: original.number }));
  },

  'accounting.entry.release': (input, state, context, facts) => {
    const found = existing(input, state, context, facts);
    if (found.kind === 'rejection') return found;
    const { original, exception, version } = found;
    if (exception?.status !== 'on-hold')
      return reject('accounting.entry-not-held', `${original.number} is not on hold.`);
    return accept(input.entryId, version + 1, entryReleased.of({ ...input, number: original.number }));
  },
};

/** The entry that a command is about: its content from the stream, its exception and version from the state. */
function existing(
  input: { readonly companyId: string; readonly entryId: string },
  state: LedgerState,
  context: DecideContext,
  facts: LedgerDecisionFacts,
) {
  const { company } = state;
  if (!company) return companyNotFound(input.companyId);
  if (facts.kind !== 'entry' || !facts.entry) {
    return reject('accounting.entry-not-found', 'There is no such entry.', {
      status: 404,
      details: { entryId: input.entryId },
    });
  }
  const exception = state.exceptions.get(input.entryId) ?? null;
  const version = exception?.version ?? 1;
  return (
    checkVersion(context, version) ?? {
      kind: 'found' as const,
      company,
      original: facts.entry,
      exception,
      version,
    }
  );
}

const numbered = (content: EntryContent, state: LedgerState, reverses: EntryRef | null): AppliedEntry => {
  const sequence = lastNumber(state, content.journal, content.fiscalYear) + 1;
  return { ...content, sequence, number: entryNumber(content.journal, content.fiscalYear, sequence), reverses };
};

export const entryFolds: LedgerFolds<EventsOf<typeof entryEvents>> = {
  'accounting.entry-posted': (state, entry, at) => ({
    ...state,
    sequences: withKey(state.sequences, sequenceKey(entry.journal, entry.fiscalYear), entry.sequence),
    posted: state.posted.with(entry.entryId, at.revision),
    usedAccounts: withUsed(
      state.usedAccounts,
      entry.lines.map((line) => line.account),
    ),
  }),
  'accounting.entry-held': (state, { entryId }, at) => amended(state, entryId, at, 'on-hold'),
  'accounting.entry-released': (state, { entryId }, at) => amended(state, entryId, at, 'posted'),
  'accounting.entry-reversed': (state, { entryId, reversedBy }, at) =>
    amended(state, entryId, at, 'reversed', reversedBy),
};

/** Records a later change of an entry as an exception, with the next version. */
function amended(
  state: LedgerState,
  entryId: string,
  at: { revision: number },
  status: EntryException['status'],
  by: EntryException['by'] = null,
) {
  const before = state.exceptions.get(entryId);
  const version = (before?.version ?? 1) + 1;
  const revisions = [...(before?.revisions ?? []), at.revision];
  return { ...state, exceptions: state.exceptions.with(entryId, { status, version, by, revisions }) };
}
