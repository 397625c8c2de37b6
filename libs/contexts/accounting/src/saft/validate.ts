import { currencyCode } from '@daybook/kernel';
import { fromMinor, inWords, parseAmount, placesOf, toMinor } from './amount.js';
import { Chart } from './chart.js';
import type { CheckContext } from './check-line.js';
import { checkTransaction, type CheckedTransaction } from './check-transaction.js';
import { isCurrency } from './currencies.js';
import { fault, type Findings } from './finding.js';
import { JournalCodes } from './journal-codes.js';
import { nameIn } from './name.js';
import type {
  DateRange,
  Field,
  HeaderRecord,
  JournalRecord,
  Maybe,
  PartyRecord,
  SaftRecord,
  TaxCodeRecord,
  TotalsRecord,
  TransactionRecord,
} from './records.js';
import { rangeOf } from './selection.js';

/*
 * Validates a SAF-T file record by record. The dry run stages exactly the transactions that pass, and posting applies what
 * was staged. Memory grows with accounts, parties and transaction ids, not with lines.
 */

/** The books to import into; none if the import creates the company. */
export interface Books {
  readonly currency: string;
  readonly fiscalYearStart: number;
  readonly account: (number: string) => { readonly postingAllowed: boolean } | undefined;
}
/** The file does not state when the fiscal year starts; that of a new company starts in January. */
export const defaultFiscalYearStart = 1;

export class SaftValidator {
  readonly journals = new Map<string, { readonly code: string; readonly name: string }>();
  readonly counts = { accounts: 0, customers: 0, suppliers: 0, taxCodes: 0, transactions: 0, lines: 0 };
  readonly totals = { debit: 0n, credit: 0n };
  private readonly codes = new JournalCodes();
  private readonly parties = { customer: new Set<string>(), supplier: new Set<string>() };
  private readonly taxCodes = new Map<string, number>();
  /** Line of each transaction, by year, journal and id. */
  private readonly transactions = new Map<string, number>();
  private readonly mentions = new Map<string, { count: number; line: number; message: (count: number) => string; code: string; account?: string }>(); // prettier-ignore
  private readHeader: HeaderRecord | null = null;
  private readRange: DateRange | null = null;
  private readChart: Chart | null = null;
  private stated: TotalsRecord | null = null;

  constructor(
    private readonly findings: Findings,
    private readonly books: Books | null,
  ) {}

  get header(): HeaderRecord {
    if (!this.readHeader) throw new Error('The header is not read yet');
    return this.readHeader;
  }
  get chart(): Chart {
    if (!this.readChart) throw new Error('The header is not read yet');
    return this.readChart;
  }
  get currency(): string {
    return this.books?.currency ?? this.header.currency!.text;
  }
  get fiscalYearStart(): number {
    return this.books?.fiscalYearStart ?? defaultFiscalYearStart;
  }
  /** The days that the file covers according to its header. */
  get range(): DateRange | null {
    return this.readRange;
  }

  /** Returns a transaction that keeps all rules and may be staged; null for anything else. */
  take(record: SaftRecord): CheckedTransaction | null {
    if (record.kind !== 'header' && !this.readHeader) {
      throw fault('saft.header-missing', 'line' in record ? record.line : record.from, 'The Header must come first.');
    }
    switch (record.kind) {
      case 'header':
        this.takeHeader(record);
        return null;
      case 'account':
        this.counts.accounts += 1;
        this.chart.take(record);
        return null;
      case 'party':
        this.takeParty(record);
        return null;
      case 'tax-code':
        this.takeTaxCode(record);
        return null;
      case 'totals':
        this.stated = record;
        return null;
      case 'journal':
        this.takeJournal(record);
        return null;
      case 'transaction':
        return this.takeTransaction(record);
    }
  }

  private takeHeader(header: HeaderRecord): void {
    if (this.readHeader) throw fault('saft.header-duplicate', header.line, 'The file has a second Header.');
    const currency = header.currency;
    if (!currency || !currencyCode.safeParse(currency.text).success || !isCurrency(currency.text)) {
      throw fault(
        'saft.currency-invalid',
        currency?.line ?? header.line,
        `DefaultCurrencyCode ${currency ? `"${currency.text}" is no currency` : 'is missing'}; no amount can be read without it.`,
      );
    }
    const of = (text: string | null, field: string) =>
      text === null ? null : nameIn(text, { field, line: header.line }, this.findings) || null;
    const companyName = of(header.companyName, 'Name of the company');
    const registrationNumber = of(header.registrationNumber, 'RegistrationNumber');
    this.readHeader = { ...header, companyName, registrationNumber };
    if (companyName === null) {
      this.findings.add(
        'error',
        'saft.company-missing',
        header.line,
        'The Header does not have the name of the company.',
      );
    }
    if (this.books && this.books.currency !== currency.text) {
      const message = `The file is in ${currency.text}, but the books are in ${this.books.currency}.`;
      this.findings.add('error', 'saft.currency-differs', currency.line, message);
    }
    const { statedVersion, country } = header;
    if (statedVersion?.text !== header.version) {
      const message = `AuditFileVersion is ${statedVersion?.text ?? 'missing'}, but the schema is ${header.version}; the file is read as ${header.version}.`;
      this.findings.add('warning', 'saft.version-differs', statedVersion?.line ?? header.line, message);
    }
    if (country && country.text !== 'NO') {
      const message = `AuditFileCountry is ${country.text}; Daybook reads the format of NO.`;
      this.findings.add('warning', 'saft.country', country.line, message);
    }
    this.currenciesIn(header.currencies);
    this.readChart = new Chart(this.currency, this.findings);
    this.readRange = header.selection ? rangeOf(header.selection, this.fiscalYearStart) : null;
    if (header.selection && !this.readRange) {
      this.findings.add(
        'error',
        'saft.selection-malformed',
        header.line,
        'SelectionCriteria do not have a valid date range.',
      );
    }
  }

  private takeParty(party: PartyRecord): void {
    this.counts[party.type === 'customer' ? 'customers' : 'suppliers'] += 1;
    const known = this.parties[party.type];
    if (known.has(party.id)) {
      const message = `${party.type === 'customer' ? 'Customer' : 'Supplier'} ${party.id} is defined twice.`;
      this.findings.add('warning', 'saft.party-duplicate', party.line, message);
    }
    known.add(party.id);
    for (const balance of party.balances) {
      if (!balance.account) continue;
      this.partyAccount(balance.account);
      this.chart.control(balance.account.text, balance, party);
    }
    party.bankLedgerAccounts.forEach((field) => this.partyAccount(field));
    this.currenciesIn(party.currencies);
  }

  private partyAccount({ text, line }: Field): void {
    if (this.chart.accounts.has(text) || this.books?.account(text)) return;
    this.mention(`party-account ${text}`, line, {
      code: 'saft.party-account-not-found',
      account: text,
      message: (count) => `Customers or suppliers refer to account ${text}, which is not in the chart of accounts (${times(count)}).`, // prettier-ignore
    });
  }

  private currenciesIn(fields: readonly Field[]): void {
    for (const { text, line } of fields) this.mentionCurrency(text, line);
  }
  private mentionCurrency(text: string, line: number): void {
    if (isCurrency(text)) return;
    this.mention(`currency ${text}`, line, {
      code: 'saft.currency-invalid',
      message: (count) => `"${text}" is not a currency of ISO 4217 (${times(count)}).`,
    });
  }

  private takeTaxCode(record: TaxCodeRecord): void {
    this.counts.taxCodes += 1;
    const first = this.taxCodes.get(record.code);
    if (first === undefined) {
      this.taxCodes.set(record.code, record.line);
      return;
    }
    const validity = record.expires !== null ? ` (this one ends ${record.expires})` : '';
    const message = `Tax code ${record.code} is defined twice, first on line ${first}${validity}.`;
    this.findings.add('warning', 'saft.tax-code-duplicate', record.line, message);
  }

  private takeJournal(record: JournalRecord): void {
    const code = this.codes.of(record.id);
    if (this.journals.has(record.id)) return;
    const name = nameIn(record.name, { field: `Description of journal ${code}`, line: record.line }, this.findings);
    this.journals.set(record.id, { code, name: name || code });
  }

  private takeTransaction(record: TransactionRecord): CheckedTransaction | null {
    this.counts.transactions += 1;
    this.counts.lines += record.lines.length;
    const { entry, sums } = checkTransaction(record, this.checkContext(), this.findings);
    this.chart.move(sums);
    for (const line of sums) {
      this.totals.debit += line.debit;
      this.totals.credit += line.credit;
    }
    const key = JSON.stringify([entry?.fiscalYear ?? record.year?.text ?? '', record.journal, record.id]);
    const first = this.transactions.get(key);
    if (first === undefined) {
      this.transactions.set(key, record.from);
      return entry;
    }
    const message = `Transaction ${record.id} is twice in journal ${record.journal}, first on line ${first}.`;
    this.findings.add('error', 'saft.transaction-duplicate', record.from, message, { transaction: record.id });
    return null;
  }

  private checkContext(): CheckContext {
    return {
      currency: this.currency,
      fiscalYearStart: this.fiscalYearStart,
      range: this.readRange,
      account: (id) => {
        const ours = this.books?.account(id);
        if (ours && !ours.postingAllowed) return 'takes-no-lines';
        return ours || this.chart.accounts.has(id) ? 'known' : 'unknown';
      },
      mention: (kind, name, line) => {
        if (kind === 'currency') this.mentionCurrency(name, line);
        else if (kind === 'tax-code' ? !this.taxCodes.has(name) : !this.parties[kind].has(name)) {
          const what = kind === 'tax-code' ? 'Tax code' : kind === 'customer' ? 'Customer' : 'Supplier';
          this.mention(`${kind} ${name}`, line, {
            code: `saft.${kind}-not-found`,
            message: (count) => `${what} ${name} is used but not defined in the file (${times(count)}).`,
          });
        }
      },
    };
  }

  private mention(
    key: string,
    line: number,
    finding: { code: string; message: (count: number) => string; account?: string },
  ) {
    const known = this.mentions.get(key);
    if (known) known.count += 1;
    else this.mentions.set(key, { count: 1, line, ...finding });
  }

  /** Checks that need the whole file. `opening`: the books are empty, so the file's openings would be posted. */
  finish(opening: boolean): void {
    this.chart.finish();
    this.openings(opening);
    this.statedTotals();
    for (const { code, line, count, message, account } of this.mentions.values()) {
      this.findings.add('warning', code, line, message(count), account === undefined ? {} : { account });
    }
  }

  private openings(opening: boolean): void {
    const sum = this.chart.openingSum;
    if (sum === 0n) return;
    const places = placesOf(this.currency);
    const line = this.chart.accounts.values().next().value?.line ?? null;
    const way = opening ? ' Name an account for the difference, or have the file corrected.' : '';
    const amount = inWords(sum < 0n ? -sum : sum, places);
    this.findings.add(
      opening ? 'decide' : 'contradiction',
      'saft.opening-difference',
      line,
      `The openings of the file do not sum to zero: ${sum > 0n ? 'debit exceeds credit' : 'credit exceeds debit'} by ${amount}.${way}`,
    );
  }

  private statedTotals(): void {
    const { stated, counts, totals } = this;
    const places = placesOf(this.currency);
    if (!stated) return;
    const check = (name: string, field: Maybe, computed: string, equal: (text: string) => boolean) => {
      if (!field || equal(field.text)) return;
      const message = `${name} is ${field.text}, but the file has ${computed}.`;
      this.findings.add('contradiction', 'saft.total-mismatch', field.line, message);
    };
    const money = (text: string, sum: bigint) => {
      const parsed = parseAmount(text, places);
      return 'amount' in parsed && toMinor(parsed.amount) === sum;
    };
    check('NumberOfEntries', stated.entries, String(counts.transactions), (text) => /^0*\d+$/.test(text) && BigInt(text) === BigInt(counts.transactions)); // prettier-ignore
    check('TotalDebit', stated.debit, fromMinor(totals.debit, places), (text) => money(text, totals.debit));
    check('TotalCredit', stated.credit, fromMinor(totals.credit, places), (text) => money(text, totals.credit));
  }
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
