import { accept, decimals, type EventsOf, formatMoney, reject, type Rejection, toMoney } from '@daybook/kernel';
import { cancelImport, postImport } from '../import/import.operations.js';
import { companyNotFound, withAccounts } from './decide-chart.js';
import { type AccountData, importCancelled, type importOutcomes, importPosted } from './ledger.events.js';
import {
  type LedgerFolds,
  type ImportForPosting,
  lastNumber,
  type LedgerState,
  type LedgerRules,
  sequenceKey,
  type Versioned,
  versioned,
  withUsed,
} from './ledger.state.js';

/*
 * Imports. The dry run stages the entries on the import's own stream; one event on the ledger stream applies them.
 * - An import is posted or cancelled once. Both are decided on the ledger stream, so only one can succeed.
 * - It is posted to the ledger it was checked against: an import posted in the meantime makes the check outdated.
 * - Nothing is posted while the report has errors, accounts without a class, or an opening difference without an account.
 */
export const ledgerImportCommands = [postImport, cancelImport] as const;

type Report = NonNullable<ImportForPosting['checked']>;
/** The suspense account that is added for an opening difference when the chart does not have it. */
const suspense = { name: 'Opening difference', class: 'equity', postingAllowed: true } as const;

export const importRules: LedgerRules<typeof ledgerImportCommands> = {
  'accounting.import.post': (input, state, _context, facts) => {
    const found = importOf(facts, input.companyId);
    if (!found) return notHere(input.importId);
    const ended = alreadyEnded(input.importId, state);
    if (ended) return ended;
    if (found.refused) {
      return reject(
        'accounting.import-refused',
        'The file was refused, so there is nothing to post. See its findings.',
      );
    }
    const report = found.checked;
    if (!report || !found.started) {
      return reject(
        'accounting.import-not-checked',
        'The file is still being read. Post the import when its report is ready.',
      );
    }
    if (report.findingCounts.error > 0) {
      const message = `The file has ${report.findingCounts.error} errors, so nothing can be imported. Correct them in the system that wrote the file, then import the new file.`;
      return reject('accounting.import-has-errors', message, { details: { errors: report.findingCounts.error } });
    }
    const posted = [...state.imports].filter(([, known]) => known.status === 'posted').map(([id]) => id);
    // Openings may only go into empty books: entries posted since the check would count twice with them.
    const opened =
      (report.company !== null && state.company !== null) || (report.staged.opening && state.sequences.size > 0);
    if (posted.join() !== report.basis.join() || opened) {
      return reject(
        'accounting.import-outdated',
        'The books have changed since this file was checked. Import it again; entries that are already there are left out.',
        { details: { basis: report.basis, posted } },
      );
    }
    if (report.staged.opening && !Object.values(report.staged.opening).every(decimals.isAmount)) {
      return reject(
        'accounting.opening-too-large',
        'The sum of the openings is larger than an amount may be. Have the file corrected, then import the new file.',
      );
    }
    const company = report.company ?? state.company;
    if (!company) return companyNotFound(input.companyId);

    const accounts = decidedAccounts(report, state, input.classes ?? {});
    if ('kind' in accounts) return accounts;
    const difference = openingDifference(report, state, accounts.list, input.openingDifference, company.currency);
    if (difference !== null && 'kind' in difference) return difference;
    const added = difference?.made ? [...accounts.list, difference.made] : accounts.list;
    const chart = new Set([...state.accounts.keys(), ...added.map(({ number }) => number)]);
    const removed = report.accountsUsed.find((number) => !chart.has(number));
    if (removed !== undefined) {
      return reject(
        'accounting.import-outdated',
        `Account ${removed} was removed since this file was checked. Import it again.`,
        { details: { account: removed } },
      );
    }
    const line = difference?.line ?? null;
    const side = (wanted: 'debit' | 'credit', total: string) =>
      toMoney(line?.side === wanted ? decimals.add(total, line.amount) : total, company.currency);
    return accept(
      input.importId,
      versionAfter(found),
      importPosted.of({
        companyId: input.companyId,
        importId: input.importId,
        stream: report.stream,
        count: report.staged.count,
        hash: report.staged.hash,
        file: { name: found.started.file.name, sha256: found.started.file.sha256 },
        company: report.company,
        accounts: added.map((one) => ({ ...one, version: 1 + (state.removedAccounts.get(one.number)?.length ?? 0) })),
        journals: report.journals.filter((journal) => !state.journals.has(journal.code)),
        numbers: report.blocks
          .filter((block) => block.count > 0)
          .map((block) => ({ ...block, first: lastNumber(state, block.journal, block.fiscalYear) + 1 })),
        openingDifference: line,
        accountsUsed: report.accountsUsed,
        totals: {
          entries: report.staged.count,
          lines: report.staged.lines + (line ? 1 : 0),
          debit: side('debit', report.staged.debit),
          credit: side('credit', report.staged.credit),
        },
      }),
    );
  },

  'accounting.import.cancel': (input, state, _context, facts) => {
    const found = importOf(facts, input.companyId);
    if (!found) return notHere(input.importId);
    return (
      alreadyEnded(input.importId, state) ??
      accept(
        input.importId,
        versionAfter(found),
        importCancelled.of({ companyId: input.companyId, importId: input.importId }),
      )
    );
  },
};

/** The version of the import's record: 1 when started, 2 when checked or refused. */
const versionAfter = (found: ImportForPosting): number => (found.checked || found.refused ? 3 : 2);

const importOf = (facts: Parameters<(typeof importRules)['accounting.import.post']>[3], companyId: string) =>
  facts.kind === 'import' && facts.import.started?.companyId === companyId ? facts.import : null;

const notHere = (importId: string): Rejection =>
  reject('accounting.import-not-found', 'There is no such import in this company.', {
    status: 404,
    details: { importId },
  });

function alreadyEnded(importId: string, state: LedgerState): Rejection | null {
  const known = state.imports.get(importId);
  if (!known) return null;
  return known.status === 'posted'
    ? reject('accounting.import-already-posted', 'This import has already been posted. Its entries are in the books.')
    : reject('accounting.import-cancelled', 'This import was cancelled. Import the file again to post it.');
}

/** Accounts to add to the chart, each with a class. A class that the file does not state must be among the given ones. */
function decidedAccounts(
  report: Report,
  state: LedgerState,
  classes: Readonly<Record<string, AccountData['class']>>,
): { readonly list: AccountData[] } | Rejection {
  const missing = report.accounts.filter((account) => !state.accounts.has(account.number));
  // A map, because numbers come from the file: `constructor` is a valid one.
  const given = new Map(Object.entries(classes));
  const open = missing.filter((account) => (account.class ?? given.get(account.number) ?? null) === null);
  if (open.length > 0) {
    const numbers = open.map((account) => account.number);
    const many = open.length === 1 ? `account ${numbers[0]}` : `${open.length} accounts`;
    return reject('accounting.class-undecided', `The file does not state the class of ${many}. Choose one for each.`, {
      details: { accounts: numbers },
      errors: open.slice(0, 100).map(({ number, name }) => ({
        pointer: `/classes/${number}`,
        code: 'accounting.class-undecided',
        message: `Choose the class of ${number} ${name}.`,
      })),
    });
  }
  return {
    list: missing.map((account) => ({
      ...account,
      class: account.class ?? (given.get(account.number) as AccountData['class']),
    })),
  };
}

/** The line that balances the openings, and its account when the chart does not have it. */
function openingDifference(
  report: Report,
  state: LedgerState,
  added: readonly AccountData[],
  account: string | undefined,
  currency: string,
) {
  const lacking = report.openingDifference;
  if (decimals.isZero(lacking)) return null;
  const amount = toMoney(decimals.abs(lacking), currency);
  const side = decimals.isNegative(lacking) ? 'credit' : 'debit';
  if (account === undefined) {
    const exceeds = side === 'credit' ? 'Debit exceeds credit' : 'Credit exceeds debit';
    const message = `The openings of the file do not sum to zero. ${exceeds} by ${formatMoney(amount, currency)}. Name an account for the difference.`;
    return reject('accounting.opening-difference', message, {
      details: { side, amount },
      errors: [{ pointer: '/openingDifference', code: 'accounting.opening-difference', message }],
    });
  }
  const known = state.accounts.get(account) ?? added.find(({ number }) => number === account);
  if (known?.postingAllowed === false) {
    const message = `${account} ${known.name} is a heading, and nothing can be posted to it. Name another account for the difference.`;
    return reject('accounting.account-heading', message, {
      errors: [{ pointer: '/openingDifference', code: 'accounting.account-heading', message }],
    });
  }
  const made: AccountData | null = known ? null : { number: account, ...suspense };
  return { line: { account, side, amount } as const, made };
}

export const importFolds: LedgerFolds<EventsOf<typeof importOutcomes>> = {
  'accounting.import-posted': (state, data, at) => ({
    ...state,
    company: data.company ? versioned(null, { id: data.companyId, ...data.company }, at) : state.company,
    ...withAccounts(
      state,
      data.accounts.map(({ version: _, ...account }) => account),
      at,
    ),
    usedAccounts: withUsed(state.usedAccounts, [
      ...data.accountsUsed,
      ...(data.openingDifference ? [data.openingDifference.account] : []),
    ]),
    journals: withNew(state.journals, data.journals, ({ code }) => code, at),
    sequences: data.numbers.reduce(
      (all, { journal, fiscalYear, first, count }) => all.set(sequenceKey(journal, fiscalYear), first + count - 1),
      new Map(state.sequences),
    ),
    imports: new Map(state.imports).set(data.importId, {
      status: 'posted',
      stream: data.stream,
      count: data.count,
      revision: at.revision,
    }),
  }),
  'accounting.import-cancelled': (state, data) => ({
    ...state,
    imports: new Map(state.imports).set(data.importId, { status: 'cancelled' }),
  }),
};

const withNew = <T>(
  known: ReadonlyMap<string, Versioned<T>>,
  added: readonly T[],
  key: (data: T) => string,
  at: { readonly revision: number },
) => new Map([...known, ...added.map((data) => [key(data), versioned(null, data, at)] as const)]);
