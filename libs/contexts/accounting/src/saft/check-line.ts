import { currencyCode, truncate, decimals, mostPartyId } from '@daybook/kernel';
import { accountNumber, type StoredLine } from '../ledger/entry.schema.js';
import { parseAmount, parseDecimal, placesOf, toMinor } from './amount.js';
import type { AmountRecord, DateRange, Field, TransactionLine } from './records.js';

/* Checks one line of a transaction. A broken rule is a finding; nothing is repaired. */

/** What a transaction may refer to in the file and in the books. */
export interface CheckContext {
  readonly currency: string;
  readonly fiscalYearStart: number;
  readonly range: DateRange | null;
  readonly account: (id: string) => 'known' | 'takes-no-lines' | 'unknown';
  /** Called for each reference; a name that is not defined is one finding. */
  readonly mention: (kind: 'customer' | 'supplier' | 'tax-code' | 'currency', name: string, line: number) => void;
}
export interface CheckedLine {
  readonly account: string;
  readonly debit: bigint;
  readonly credit: bigint;
}
/** Reports a broken rule. */
export interface FindingReporter {
  error(code: string, line: number, message: string, account?: string): void;
  warn(code: string, line: number, message: string): void;
}

const longestDescription = 500;
const most = { tax: 10, analysis: 20 } as const;

export class LineCheck {
  /** The amounts that could be read, even of invalid lines. */
  readonly sums: CheckedLine[] = [];

  constructor(
    private readonly context: CheckContext,
    private readonly places: number,
    private readonly report: FindingReporter,
  ) {}

  description(text: string, line: number): string {
    if (text.length <= longestDescription) return text;
    this.report.warn(
      'saft.description-cut',
      line,
      `a description of ${text.length} characters is truncated to ${longestDescription}.`,
    );
    return truncate(text, longestDescription);
  }

  line(line: TransactionLine, entryDescription: string): StoredLine | null {
    const account = this.account(line);
    const side = this.side(line);
    if (side === null) return null;
    const parsed = this.amount(side.record.amount ?? { text: '', line: line.line }, this.places, account ?? undefined);
    if (parsed === null) return null;
    const minor = toMinor(parsed);
    const debit = side.side === 'debit';
    if (account !== null) this.sums.push({ account, debit: debit ? minor : 0n, credit: debit ? 0n : minor });
    const description = this.description(line.description, line.line);
    const foreign = this.foreign(side.record, parsed);
    const party = this.party(line);
    const tax = this.tax(line);
    const dimensions = this.dimensions(line);
    return account === null
      ? null
      : {
          account,
          side: side.side,
          amount: parsed,
          ...(description === '' || description === entryDescription ? {} : { description }),
          ...(foreign ? { foreign } : {}),
          ...(party ? { party } : {}),
          ...(tax.length > 0 ? { tax } : {}),
          ...(dimensions.length > 0 ? { dimensions } : {}),
          source: line.line,
        };
  }

  private account(line: TransactionLine): string | null {
    const field = line.account;
    if (field === null) {
      this.report.error('saft.account-missing', line.line, 'a line has no account.');
      return null;
    }
    const known = accountNumber.safeParse(field.text).success ? this.context.account(field.text) : 'unknown';
    if (known === 'known') return field.text;
    if (known === 'takes-no-lines') {
      this.report.error(
        'saft.account-takes-no-lines',
        field.line,
        `nothing can be posted to account ${field.text} of the books.`,
        field.text,
      );
    } else {
      this.report.error(
        'saft.account-not-found',
        field.line,
        `account ${field.text} is not in the chart of accounts.`,
        field.text,
      );
    }
    return null;
  }

  private side(line: TransactionLine): { side: 'debit' | 'credit'; record: AmountRecord } | null {
    if (line.debit && !line.credit) return { side: 'debit', record: line.debit };
    if (line.credit && !line.debit) return { side: 'credit', record: line.credit };
    const both = line.debit !== null;
    this.report.error(
      both ? 'saft.both-amounts' : 'saft.amount-missing',
      line.line,
      both ? 'a line has a debit and a credit amount.' : 'a line has neither a debit nor a credit amount.',
      line.account?.text,
    );
    return null;
  }

  private amount(field: Field, places: number, account?: string): string | null {
    const parsed = parseAmount(field.text, places);
    if ('amount' in parsed) return parsed.amount;
    if (parsed.problem === 'malformed') {
      this.report.error('saft.amount-malformed', field.line, `"${field.text}" is not an amount.`, account);
    } else {
      this.report.error(
        'saft.amount-does-not-fit',
        field.line,
        `the amount ${field.text} is too large or has more than ${places} decimals.`,
        account,
      );
    }
    return null;
  }

  private foreign(record: AmountRecord, amount: string): StoredLine['foreign'] | null {
    const { currency, currencyAmount } = record;
    if (!currency || !currencyAmount || currency.text === this.context.currency) return null;
    if (!currencyCode.safeParse(currency.text).success) {
      this.report.error('saft.currency-malformed', currency.line, `"${currency.text}" is not a currency code.`);
      return null;
    }
    this.context.mention('currency', currency.text, currency.line);
    const foreign = this.amount(currencyAmount, placesOf(currency.text));
    if (foreign === null || decimals.isZero(foreign)) return null;
    const rate = record.rate ? parseDecimal(record.rate.text) : decimals.div(amount, foreign, 8);
    if (rate === null || decimals.scale(rate) > 8 || !/^-?\d{1,18}(\.|$)/.test(rate)) {
      const at = record.rate ?? currencyAmount;
      this.report.error('saft.rate-malformed', at.line, `"${at.text}" is not an exchange rate.`);
      return null;
    }
    return { currency: currency.text, amount: foreign, rate };
  }

  private party(line: TransactionLine): StoredLine['party'] | null {
    const { customer, supplier } = line;
    if (customer !== null && supplier !== null) {
      this.report.warn(
        'saft.two-parties',
        line.line,
        `a line names customer ${customer} and supplier ${supplier}; the customer is kept.`,
      );
    }
    const type = customer !== null ? 'customer' : 'supplier';
    const id = customer ?? supplier;
    if (id === null) return null;
    if (id.length > mostPartyId) {
      this.report.error(
        'saft.party-malformed',
        line.line,
        `the ${type} id "${truncate(id, mostPartyId)}…" is longer than ${mostPartyId} characters.`,
      );
      return null;
    }
    this.context.mention(type, id, line.line);
    return { type, id };
  }

  private tax(line: TransactionLine): NonNullable<StoredLine['tax']> {
    if (line.tax.length > most.tax) {
      this.report.error('saft.too-much-tax', line.line, `a line has more than ${most.tax} tax codes.`);
      return [];
    }
    return line.tax.flatMap((tax) => {
      if (tax.code === null) {
        this.report.warn('saft.tax-code-missing', tax.line, 'tax information without a code is left out.');
        return [];
      }
      if (tax.code.length > 70) {
        this.report.error(
          'saft.tax-code-malformed',
          tax.line,
          `the tax code "${truncate(tax.code, 70)}…" is longer than 70 characters.`,
        );
        return [];
      }
      this.context.mention('tax-code', tax.code, tax.line);
      const percent = tax.percent ? parseDecimal(tax.percent.text) : null;
      if (tax.percent && (percent === null || decimals.scale(percent) > 8 || percent.length > 20)) {
        this.report.error('saft.percent-malformed', tax.percent.line, `"${tax.percent.text}" is not a percentage.`);
      }
      return [
        {
          code: tax.code,
          base: tax.base ? this.detailAmount(tax.base) : null,
          percent,
          amount: tax.amount ? this.amount(tax.amount, this.places) : null,
        },
      ];
    });
  }

  /** A tax base is an xs:decimal in the schema; it may have up to four decimals. */
  private detailAmount(field: Field): string | null {
    const text = this.amount(field, 4);
    return text === null ? null : (parseDecimal(text) ?? text);
  }

  private dimensions(line: TransactionLine): NonNullable<StoredLine['dimensions']> {
    if (line.analysis.length > most.analysis || line.analysis.some((a) => a.type.length > 35 || a.id.length > 256)) {
      this.report.error(
        'saft.analysis-malformed',
        line.line,
        `a line has more than ${most.analysis} analyses, or one whose id is too long.`,
      );
      return [];
    }
    return line.analysis.map((analysis) => {
      const amount = analysis.amount ? this.amount(analysis.amount, this.places) : null;
      return { type: analysis.type, id: analysis.id, ...(amount === null ? {} : { amount }) };
    });
  }
}
