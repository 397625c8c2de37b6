import type { AccountClass } from '../ledger/entry.schema.js';
import { accountNumber } from '../ledger/entry.schema.js';
import { classOf } from './account-class.js';
import { fromMinor, inWords, parseAmount, placesOf, toMinor } from './amount.js';
import type { CheckedLine } from './check-line.js';
import type { Findings } from './finding.js';
import { nameIn } from './name.js';
import type { AccountRecord, Balances, Maybe, PartyRecord } from './records.js';

/** An account of the file: its stated balances and the movement of its transactions. Minor units, debit positive. */
export interface ChartAccount {
  readonly number: string;
  readonly name: string;
  readonly line: number;
  readonly class: AccountClass | null;
  readonly opening: bigint;
  readonly closing: { readonly amount: bigint; readonly line: number } | null;
  debit: bigint;
  credit: bigint;
}

/** The chart of accounts of a file. Checks that opening + movement = closing. */
export class Chart {
  readonly accounts = new Map<string, ChartAccount>();
  /** Openings of parties, by their control account. */
  private readonly controlled = new Map<string, { opening: bigint; line: number; parties: number }>();
  private readonly places: number;

  constructor(
    currency: string,
    private readonly findings: Findings,
  ) {
    this.places = placesOf(currency);
  }

  take(record: AccountRecord): void {
    const { id, line } = record;
    const known = this.accounts.get(id);
    if (!accountNumber.safeParse(id).success) {
      this.error(
        'saft.account-malformed',
        line,
        id,
        `Account "${id}" is not a number of 1 to 20 letters, digits, dots or dashes.`,
      );
      return;
    }
    if (known) {
      this.error('saft.account-duplicate', line, id, `Account ${id} is defined twice, first on line ${known.line}.`);
      return;
    }
    this.accounts.set(id, {
      number: id,
      name: nameIn(record.name, { field: `AccountDescription of ${id}`, line, account: id }, this.findings) || id,
      line,
      class: classOf(record),
      opening: this.balance(record.openingDebit, record.openingCredit, line, id) ?? 0n,
      closing: this.closing(record),
      debit: 0n,
      credit: 0n,
    });
  }

  private closing(record: AccountRecord): ChartAccount['closing'] {
    const amount = this.balance(record.closingDebit, record.closingCredit, record.line, record.id);
    return amount === null ? null : { amount, line: (record.closingDebit ?? record.closingCredit)!.line };
  }

  /** Debit positive; null if neither side is stated. */
  private balance(debit: Maybe, credit: Maybe, line: number, account: string): bigint | null {
    if (debit && credit) {
      this.error('saft.both-balances', line, account, `Account ${account} has both a debit and a credit balance.`);
      return null;
    }
    const field = debit ?? credit;
    if (!field) return null;
    const parsed = parseAmount(field.text, this.places);
    if (!('amount' in parsed)) {
      const malformed = parsed.problem === 'malformed';
      this.error(
        malformed ? 'saft.amount-malformed' : 'saft.amount-does-not-fit',
        field.line,
        account,
        malformed
          ? `Account ${account}: "${field.text}" is not an amount.`
          : `Account ${account}: the amount ${field.text} is too large or has more than ${this.places} decimals.`,
      );
      return null;
    }
    const minor = toMinor(parsed.amount);
    return debit ? minor : -minor;
  }

  private error(code: string, line: number, account: string, message: string): void {
    this.findings.add('error', code, line, message, { account });
  }

  move(lines: readonly CheckedLine[]): void {
    for (const line of lines) {
      const account = this.accounts.get(line.account);
      if (!account) continue;
      account.debit += line.debit;
      account.credit += line.credit;
    }
  }

  /** Adds the opening of a party to its control account. An invalid one is left out, as it is not posted. */
  control(account: string, balances: Balances, party: PartyRecord): void {
    const field = balances.openingDebit ?? balances.openingCredit;
    const parsed = field ? parseAmount(field.text, this.places) : null;
    const amount = parsed && 'amount' in parsed ? toMinor(parsed.amount) : 0n;
    const sum = this.controlled.get(account) ?? { opening: 0n, line: party.line, parties: 0 };
    sum.opening += balances.openingDebit ? amount : -amount;
    sum.parties += 1;
    this.controlled.set(account, sum);
  }

  /** Sums of the openings of each side. */
  get openingSides(): { readonly debit: bigint; readonly credit: bigint } {
    const sides = { debit: 0n, credit: 0n };
    for (const { opening } of this.accounts.values()) {
      if (opening > 0n) sides.debit += opening;
      else sides.credit -= opening;
    }
    return sides;
  }
  /** Sum of the openings, debit positive. */
  get openingSum(): bigint {
    return this.openingSides.debit - this.openingSides.credit;
  }

  /** Checks that need the whole file. */
  finish(): void {
    for (const account of this.accounts.values()) {
      const { number, closing } = account;
      const computed = account.opening + account.debit - account.credit;
      if (closing && closing.amount !== computed) {
        this.findings.add(
          'contradiction',
          'saft.closing-mismatch',
          closing.line,
          `Account ${number}: the file states the closing ${inWords(closing.amount, this.places)}, but opening and movement give ${inWords(computed, this.places)}.`,
          { account: number },
        );
      }
    }
    for (const [number, { opening, line, parties }] of this.controlled) {
      const account = this.accounts.get(number);
      if (!account || account.opening === opening) continue;
      this.findings.add(
        'warning',
        'saft.party-openings-differ',
        line,
        `Account ${number} opens with ${inWords(account.opening, this.places)}, but its ${parties} customers or suppliers with ${inWords(opening, this.places)} in total.`,
        { account: number },
      );
    }
  }

  amount(minor: bigint): string {
    return fromMinor(minor, this.places);
  }
}
