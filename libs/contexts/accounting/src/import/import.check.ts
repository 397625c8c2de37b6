import type * as z from 'zod';
import { decimals, truncate, type RecordedEvent } from '@daybook/kernel';
import type { AccountClass } from '../ledger/entry.schema.js';
import type { StagedEntry } from '../ledger/applied-entry.js';
import {
  type CheckedTransaction,
  type DateRange,
  defaultFiscalYearStart,
  Findings,
  fromMinor,
  inWords,
  openingJournal,
  placesOf,
  type SaftRecord,
  SaftValidator,
  toMinor,
} from '../saft/index.js';
import type { importChecked, importStarted } from './import.events.js';
import { maxEntryBytes } from './import.writer.js';
import type { LedgerSnapshot } from './ledger-snapshot.js';
import { type BalanceAccount, ResultingBalance } from './resulting-balance.js';
import { entryOf, identityKey, identityOf, openingOf } from './staged-entry.js';

export type ImportStart = RecordedEvent<string, z.infer<(typeof importStarted)['data']>>['data'];
type Report = Omit<z.infer<(typeof importChecked)['data']>, 'stream' | 'seconds' | 'fileLines'>;
/** Time zone of a company that an import creates. */
const defaultZone = 'Europe/Oslo';

/**
 * The check of one file against the books: a fold over the records of the file that stages entries and makes the report. It
 * is deterministic: it depends only on the file, the ledger snapshot and the start of the import, so that every attempt of
 * the job gives the same result.
 */
export class ImportCheck {
  readonly findings = new Findings();
  private readonly validator: SaftValidator;
  private readonly blocks = new Map<string, { journal: string; fiscalYear: number; count: number }>();
  private readonly staged = { count: 0, lines: 0, debit: 0n, credit: 0n };
  private readonly known = { entries: 0, lines: 0 };
  private readonly usedJournals = new Set<string>();
  private readonly usedAccounts = new Set<string>();
  private opened = false;
  private opening: { lines: number; debit: bigint; credit: bigint } | null = null;
  private range: DateRange | null = null;
  private resulting: ResultingBalance | null = null;

  constructor(
    private readonly start: ImportStart,
    private readonly ledger: LedgerSnapshot,
    private readonly identities: ReadonlyMap<string, string>,
    /** The date range of the file's transactions; called if its header states none. */
    private readonly datesOf: () => Promise<DateRange | null>,
    private readonly stage: (entry: StagedEntry) => Promise<void>,
  ) {
    const { company, accounts } = ledger.state;
    this.validator = new SaftValidator(
      this.findings,
      company && {
        currency: company.currency,
        fiscalYearStart: company.fiscalYearStart,
        account: (n) => accounts.get(n),
      },
    );
  }

  async take(record: SaftRecord): Promise<void> {
    if (record.kind === 'totals' || record.kind === 'journal' || record.kind === 'transaction') await this.open();
    const transaction = this.validator.take(record);
    if (record.kind === 'header') await this.takeHeader();
    if (transaction) await this.takeTransaction(transaction);
  }

  private async takeHeader(): Promise<void> {
    const { header } = this.validator;
    const ours = this.ledger.state.company?.registrationNumber;
    const theirs = header.registrationNumber;
    if (ours && theirs && plainNumber(ours) !== plainNumber(theirs)) {
      const message = `The file is of the company ${theirs}, but these are the books of ${ours}.`;
      this.findings.add('error', 'saft.company-differs', header.line, message);
    }
    if (!header.selection) {
      const message = 'The Header does not state a date range; the dates of the transactions are used.';
      this.findings.add('warning', 'saft.selection-missing', header.line, message);
    }
    const range = this.validator.range ?? (await this.datesOf());
    if (!range) {
      this.findings.add(
        'error',
        'saft.dates-missing',
        header.line,
        'The file has neither a date range nor a dated transaction.',
      );
      return;
    }
    this.resulting = this.emptyBalance(range);
    this.range = range;
  }

  private emptyBalance(range: DateRange): ResultingBalance {
    return new ResultingBalance(range, this.fiscalYearStart, this.places, (number) => this.classOf(number));
  }
  private get places(): number {
    return placesOf(this.validator.currency);
  }
  private get fiscalYearStart(): number {
    return this.ledger.state.company?.fiscalYearStart ?? defaultFiscalYearStart;
  }
  private classOf(number: string): AccountClass | null {
    return this.ledger.state.accounts.get(number)?.class ?? this.validator.chart.accounts.get(number)?.class ?? null;
  }
  private get frame() {
    const { importId, companyId } = this.start;
    return { importId, companyId, currency: this.validator.currency };
  }

  /** Called once the chart is complete: stages the opening entry if the books are empty. */
  private async open(): Promise<void> {
    if (this.opened || !this.range) return;
    this.opened = true;
    if (!this.ledger.isEmpty || this.findings.hasErrors) return;
    const opening = openingOf(this.frame, this.validator.chart.accounts.values(), {
      date: this.range.from,
      fiscalYearStart: this.fiscalYearStart,
      places: this.places,
    });
    if (!opening) return;
    this.block(openingJournal.code, opening.fiscalYear);
    const { debit, credit } = this.validator.chart.openingSides;
    this.opening = { lines: opening.lines.length, debit, credit };
    // The line of the difference brings the smaller side up to the larger one.
    if (!decimals.isAmount(fromMinor(debit > credit ? debit : credit, this.places))) {
      const message = 'The sum of the openings is larger than an amount may be.';
      this.findings.add('error', 'saft.amount-does-not-fit', opening.source.from, message);
    }
    await this.add(opening);
  }

  private async takeTransaction(transaction: CheckedTransaction): Promise<void> {
    const identity = identityOf(transaction);
    const before = this.identities.get(identityKey(identity));
    const { record } = transaction;
    if (before !== undefined) {
      this.known.entries += 1;
      this.known.lines += transaction.lines.length;
      if (before !== identity.contentHash) {
        const message = `Transaction ${record.id} of journal ${record.journal} was imported before with different content. Reverse it in the books, or have the file corrected.`;
        this.findings.add('error', 'saft.content-changed', record.from, message, { transaction: record.id });
      }
      return;
    }
    const journal = this.validator.journals.get(record.journal)!.code;
    const numberOffset = this.block(journal, transaction.fiscalYear);
    const index = this.staged.count;
    await this.add(entryOf(this.frame, transaction, identity, { index, journal, numberOffset }));
  }

  /** The next offset in the block of numbers of journal and fiscal year, from 0. */
  private block(journal: string, fiscalYear: number): number {
    const key = `${journal} ${fiscalYear}`;
    const block = this.blocks.get(key) ?? { journal, fiscalYear, count: 0 };
    this.blocks.set(key, block);
    this.usedJournals.add(journal);
    return block.count++;
  }

  private async add(entry: StagedEntry): Promise<void> {
    const { staged } = this;
    staged.count += 1;
    staged.lines += entry.lines.length;
    for (const line of entry.lines) {
      staged[line.side] += toMinor(line.amount);
      this.usedAccounts.add(line.account);
    }
    this.resulting?.take(entry);
    if (Buffer.byteLength(JSON.stringify(entry)) > maxEntryBytes) {
      const message = `The entry has ${entry.lines.length} lines, which is too large for one entry.`;
      this.findings.add('error', 'saft.transaction-too-large', entry.source.from, message);
    }
    // A file with an error cannot be posted, so nothing more is staged.
    if (!this.findings.hasErrors) await this.stage(entry);
  }

  async finish(hash: () => string): Promise<Report> {
    const { validator, staged, findings, ledger } = this;
    await this.open();
    const { opening } = this;
    validator.finish(ledger.isEmpty);
    if (!ledger.isEmpty) await this.compareOpenings();
    const added = [...validator.chart.accounts.values()].filter(({ number }) => !ledger.state.accounts.has(number));
    for (const { number, name, line, class: known } of added) {
      if (known !== null) continue;
      const message = `The file does not state whether ${number} ${name} is an asset, a liability, equity, income or an expense. Choose its class.`;
      findings.add('decide', 'saft.account-unclassified', line, message, { account: number });
    }
    const company = ledger.state.company;
    const header = validator.header;
    const journals = this.journals();
    const money = (minor: bigint) => fromMinor(minor, this.places);
    const { counts } = validator;
    const mastersOf = (total: number) => ({ total, added: 0, known: 0 });
    const newEntries = staged.count - (this.opening ? 1 : 0);
    return {
      importId: this.start.importId,
      companyId: this.start.companyId,
      format: header.version,
      company: company
        ? null
        : {
            name: header.companyName ?? '-',
            ...(header.registrationNumber !== null && { registrationNumber: truncate(header.registrationNumber, 35) }),
            currency: validator.currency,
            zone: defaultZone,
            fiscalYearStart: defaultFiscalYearStart,
          },
      companyName: company?.name ?? header.companyName ?? '-',
      accounts: added.map(({ number, name, class: known }) => ({ number, name, class: known, postingAllowed: true })),
      journals: journals.filter(({ code }) => !ledger.state.journals.has(code)),
      accountsUsed: [...this.usedAccounts].sort(),
      blocks: [...this.blocks.values()],
      staged: {
        count: staged.count,
        lines: staged.lines,
        debit: money(staged.debit),
        credit: money(staged.credit),
        opening: opening && { debit: money(opening.debit), credit: money(opening.credit) },
        hash: hash(),
      },
      basis: ledger.imports,
      counts: {
        accounts: { total: counts.accounts, added: added.length, known: validator.chart.accounts.size - added.length },
        journals: {
          total: validator.journals.size,
          added: [...validator.journals.values()].filter(({ code }) => !ledger.state.journals.has(code)).length,
          known: [...validator.journals.values()].filter(({ code }) => ledger.state.journals.has(code)).length,
        },
        // Daybook has no register of parties and tax codes yet; lines keep their ids.
        customers: mastersOf(counts.customers),
        suppliers: mastersOf(counts.suppliers),
        taxCodes: mastersOf(counts.taxCodes),
        entries: { total: counts.transactions, added: newEntries, known: this.known.entries },
        lines: { total: counts.lines, added: staged.lines - (opening?.lines ?? 0), known: this.known.lines },
      },
      totals: { debit: money(validator.totals.debit), credit: money(validator.totals.credit) },
      openingDifference: money(opening ? opening.credit - opening.debit : 0n),
      findings: findings.list(),
      findingCounts: findings.counts,
      balance: this.resulting?.rows(this.balanceAccounts()) ?? [],
    };
  }

  private journals(): { code: string; name: string }[] {
    const named = [openingJournal, ...this.validator.journals.values()];
    return named.filter(({ code }) => this.usedJournals.has(code));
  }

  private *balanceAccounts(): Generator<BalanceAccount> {
    const ours = this.ledger.state.accounts;
    yield* ours.values();
    for (const account of this.validator.chart.accounts.values()) {
      if (!ours.has(account.number)) yield { ...account, postingAllowed: true };
    }
  }

  /** Books that are not empty keep their openings: those of the file are only compared with them. */
  private async compareOpenings(): Promise<void> {
    if (!this.resulting || !this.range) return;
    const books = this.emptyBalance(this.range);
    for await (const entry of this.ledger.entries()) {
      books.take(entry);
      this.resulting.take(entry);
    }
    for (const account of this.validator.chart.accounts.values()) {
      const ours = books.opening(account.number);
      if (ours === account.opening) continue;
      const message = `Account ${account.number}: the opening is ${inWords(account.opening, this.places)} in the file and ${inWords(ours, this.places)} in the books.`;
      this.findings.add('contradiction', 'saft.opening-not-as-booked', account.line, message, {
        account: account.number,
      });
    }
  }
}

/** `888 888 888` and `888888888` are the same number. */
export const plainNumber = (registrationNumber: string): string => registrationNumber.replace(/\s/g, '');
