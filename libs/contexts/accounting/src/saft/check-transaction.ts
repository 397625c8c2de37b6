import { decimals, type PlainDate, truncate } from '@daybook/kernel';
import { mostVoucher, type StoredLine } from '../ledger/entry.schema.js';
import { fiscalYearOf, periodOf } from '../ledger/fiscal-year.js';
import { fromMinor, inWords, parseDate, placesOf } from './amount.js';
import { type CheckedLine, type FindingReporter, LineCheck, type CheckContext } from './check-line.js';
import type { Findings } from './finding.js';
import type { Maybe, TransactionRecord } from './records.js';

/* Checks one transaction of a file. A broken rule is a finding; nothing is repaired. */

export interface CheckedTransaction {
  readonly record: TransactionRecord;
  readonly fiscalYear: number;
  readonly date: PlainDate;
  readonly period: number;
  readonly description: string;
  readonly systemEntry: PlainDate | null;
  readonly posting: PlainDate | null;
  readonly lines: readonly StoredLine[];
}
/** `entry` is null if a rule was broken; the sums count all that could be read. */
export interface TransactionOutcome {
  readonly entry: CheckedTransaction | null;
  readonly sums: readonly CheckedLine[];
}

const latestPeriod = 16;

export function checkTransaction(
  record: TransactionRecord,
  context: CheckContext,
  findings: Findings,
): TransactionOutcome {
  const check = new TransactionCheck(record, context, findings);
  return check.run();
}

class TransactionCheck implements FindingReporter {
  private broken = false;
  private readonly sums: CheckedLine[] = [];
  private readonly places: number;

  constructor(
    private readonly record: TransactionRecord,
    private readonly context: CheckContext,
    private readonly findings: Findings,
  ) {
    this.places = placesOf(context.currency);
  }

  run(): TransactionOutcome {
    const { record } = this;
    if (record.id.length > mostVoucher) {
      const message = `its TransactionID is longer than ${mostVoucher} characters.`;
      this.error('saft.transaction-id-too-long', record.from, message);
    }
    const date = this.date(record.date, 'TransactionDate', true);
    const systemEntry = this.date(record.systemEntryDate, 'SystemEntryDate', false);
    const posting = this.date(record.postingDate, 'GLPostingDate', false);
    const period = this.period();
    if (date !== null) this.datesAgree(date, period);
    const check = new LineCheck(this.context, this.places, this);
    const description = check.description(record.description, record.from);
    if (record.lines.length === 0) this.error('saft.transaction-empty', record.from, 'It has no lines.');
    const lines = record.lines.map((line) => check.line(line, description)).filter((line) => line !== null);
    for (const sum of check.sums) this.sums.push(sum);
    this.balances();
    return {
      sums: this.sums,
      entry:
        this.broken || date === null || period === null
          ? null
          : {
              record,
              fiscalYear: fiscalYearOf(date, this.context.fiscalYearStart),
              date,
              period,
              description,
              systemEntry,
              posting,
              lines,
            },
    };
  }

  error(code: string, line: number, message: string, account?: string): void {
    this.broken = true;
    this.add('error', code, line, message, account);
  }
  warn(code: string, line: number, message: string): void {
    this.add('warning', code, line, message);
  }
  private add(severity: 'error' | 'warning', code: string, line: number, message: string, account?: string): void {
    const { id } = this.record;
    this.findings.add(severity, code, line, `Transaction ${truncate(id, mostVoucher)}: ${message}`, {
      transaction: id,
      ...(account === undefined ? {} : { account }),
    });
  }

  private date(field: Maybe, name: string, required: boolean): PlainDate | null {
    if (field === null) {
      if (required) this.error('saft.date-missing', this.record.from, `${name} is missing.`);
      return null;
    }
    const date = parseDate(field.text);
    if (date === null) this.error('saft.date-malformed', field.line, `${name} "${field.text}" is not a date.`);
    return date;
  }

  private period(): number | null {
    const field = this.record.period;
    const period = field && /^\d{1,4}$/.test(field.text) ? Number(field.text) : null;
    if (period !== null && period <= latestPeriod) return period;
    this.error(
      'saft.period-malformed',
      field?.line ?? this.record.from,
      `the period ${field ? `"${field.text}" is not a number from 0 to ${latestPeriod}` : 'is missing'}.`,
    );
    return null;
  }

  private datesAgree(date: PlainDate, period: number | null): void {
    const { record, context } = this;
    const year = fiscalYearOf(date, context.fiscalYearStart);
    if (record.year !== null && record.year.text !== String(year)) {
      this.add(
        'warning',
        'saft.period-year',
        record.year.line,
        `PeriodYear is ${record.year.text}, but its date ${date} is in ${year}.`,
      );
    }
    const month = periodOf(date, context.fiscalYearStart);
    if (period !== null && period >= 1 && period <= 12 && period !== month) {
      this.add(
        'warning',
        'saft.period-date',
        record.period!.line,
        `its period is ${period}, but its date ${date} is in period ${month}.`,
      );
    }
    if (context.range && (date < context.range.from || date > context.range.to)) {
      this.add(
        'warning',
        'saft.date-outside-selection',
        record.date!.line,
        `its date ${date} is outside the range of the file, ${context.range.from} to ${context.range.to}.`,
      );
    }
  }

  private balances(): void {
    if (this.broken) return;
    const debit = this.sums.reduce((sum, line) => sum + line.debit, 0n);
    const credit = this.sums.reduce((sum, line) => sum + line.credit, 0n);
    if (debit === credit) {
      if (!decimals.isAmount(fromMinor(debit, this.places))) {
        this.error(
          'saft.amount-does-not-fit',
          this.record.from,
          'the sum of its lines is larger than an amount may be.',
        );
      }
      return;
    }
    this.error(
      'saft.transaction-unbalanced',
      this.record.from,
      `debit ${inWords(debit, this.places)} and credit ${inWords(credit, this.places)} differ by ${inWords(debit - credit, this.places)}.`,
    );
  }
}
