import { postEntry } from '@daybook/accounting';
import {
  type CallOf,
  decimals,
  type FieldError,
  formatDate,
  formatFigure,
  minorUnits,
  type NumberForm,
  parseFigure,
} from '@daybook/kernel';

/** A line as it is typed; amounts stay in the person's own form until they are read. */
export interface DraftLine {
  readonly account: string;
  readonly description: string;
  readonly debit: string;
  readonly credit: string;
}
/** Custom fields by key, as the command takes them. */
export type CustomDraft = Readonly<Record<string, string | boolean>>;
export interface Draft {
  readonly journal: string;
  readonly date: string;
  readonly description: string;
  readonly voucher: string;
  readonly custom: CustomDraft;
  readonly lines: readonly DraftLine[];
}
export type LineField = keyof DraftLine;
export const lineFields: readonly LineField[] = ['account', 'description', 'debit', 'credit'];
export const emptyLine: DraftLine = { account: '', description: '', debit: '', credit: '' };
export const emptyDraft = (journal: string, date: string): Draft => ({
  journal,
  date,
  description: '',
  voucher: '',
  custom: {},
  lines: [emptyLine, emptyLine],
});
export const isDraft = (value: unknown): value is Omit<Draft, 'custom'> & Partial<Draft> =>
  typeof value === 'object' && value !== null && Array.isArray((value as Draft).lines) &&
  ['journal', 'date', 'description', 'voucher'].every((field) => typeof (value as Record<string, unknown>)[field] === 'string') &&
  (value as Draft).lines.every((line) => lineFields.every((field) => typeof line?.[field] === 'string')); // prettier-ignore

export const isBlank = (line: DraftLine): boolean => lineFields.every((field) => line[field].trim() === '');
/** Worth keeping: something was typed besides what the form fills in itself. */
export const isTouched = (draft: Draft): boolean =>
  draft.description !== '' ||
  draft.voucher !== '' ||
  Object.keys(draft.custom).length > 0 ||
  draft.lines.some((line) => !isBlank(line));

/** The number typed or chosen: `6340 Electricity` is 6340. */
export const accountOf = (line: DraftLine): string => line.account.trim().split(/\s/)[0] ?? '';

export interface Sums {
  readonly debit: string;
  readonly credit: string;
  /** What is missing, and on which side; null when both are equal. */
  readonly missing: { readonly side: 'debit' | 'credit'; readonly amount: string } | null;
}
export function sumsOf(lines: readonly DraftLine[], form: NumberForm): Sums {
  const side = (field: 'debit' | 'credit'): string =>
    decimals.sum(lines.map((line) => (line[field].trim() === '' ? '0' : (parseFigure(line[field], form) ?? '0'))));
  const [debit, credit] = [side('debit'), side('credit')];
  const order = decimals.cmp(debit, credit);
  if (order === 0) return { debit, credit, missing: null };
  return order > 0
    ? { debit, credit, missing: { side: 'credit', amount: decimals.sub(debit, credit) } }
    : { debit, credit, missing: { side: 'debit', amount: decimals.sub(credit, debit) } };
}

/** What the lines do to each account, debit positive, in the order the accounts first appear. */
export function effectsOf(lines: readonly DraftLine[], form: NumberForm): ReadonlyMap<string, string> {
  const effects = new Map<string, string>();
  for (const line of lines) {
    const account = accountOf(line);
    if (account === '') continue;
    const debit = parseFigure(line.debit, form) ?? '0';
    const credit = parseFigure(line.credit, form) ?? '0';
    effects.set(account, decimals.add(effects.get(account) ?? '0', decimals.sub(debit, credit)));
  }
  return effects;
}

/** Where something is missing or wrong, and what to say; `line` is the row of the grid. */
export interface Fault {
  readonly field: 'journal' | 'date' | 'description' | 'voucher' | LineField;
  readonly line: number | null;
  readonly message: string;
}
export interface Reading {
  readonly currency: string;
  readonly form: NumberForm;
  readonly accounts: ReadonlyMap<string, { readonly postingAllowed: boolean }>;
  readonly date: string | null;
}

/** The first errors that prevent posting, in the order a reader meets them. */
export function faultsOf(draft: Draft, reading: Reading): Fault[] {
  const faults: Fault[] = [];
  const at = (field: Fault['field'], message: string, line: number | null = null): void => {
    faults.push({ field, line, message });
  };
  if (draft.journal === '') at('journal', 'Choose a journal.');
  if (reading.date === null) at('date', 'Enter a day like 12 May 2026, 125 or t for today.');
  if (draft.description.trim() === '') at('description', 'Describe what the entry is for.');
  draft.lines.forEach((line, index) => {
    if (isBlank(line)) return;
    const account = accountOf(line);
    if (account === '') at('account', 'Choose an account.', index);
    else if (!reading.accounts.has(account)) at('account', `There is no account ${account}.`, index);
    else if (reading.accounts.get(account)?.postingAllowed === false)
      at('account', `${account} is a heading and takes no lines.`, index);
    const field = line.credit.trim() !== '' ? 'credit' : 'debit';
    const amount = parseFigure(line[field], reading.form);
    if (line[field].trim() === '') at('debit', 'Enter an amount in debit or credit.', index);
    else if (amount === null) at(field, 'This is not an amount.', index);
    else if (decimals.scale(amount) > minorUnits(reading.currency))
      at(field, `${reading.currency} has ${minorUnits(reading.currency)} decimals.`, index);
  });
  const used = draft.lines.filter((line) => !isBlank(line)).length;
  if (used < 2) at('account', 'An entry needs at least two lines.', used);
  return faults;
}

/** The operation's input; blank lines are left out. `rows` maps its lines back to rows of the grid. */
export function toInput(
  companyId: string,
  draft: Draft,
  date: string,
  form: NumberForm,
): { input: CallOf<typeof postEntry>; rows: number[] } {
  const rows = draft.lines.flatMap((line, index) => (isBlank(line) ? [] : [index]));
  const lines = rows.map((row) => {
    const line = draft.lines[row] as DraftLine;
    const side = line.credit.trim() !== '' ? ('credit' as const) : ('debit' as const);
    const description = line.description.trim();
    return {
      account: accountOf(line),
      side,
      amount: parseFigure(line[side], form) ?? '0',
      ...(description === '' ? {} : { description }),
    };
  });
  const voucher = draft.voucher.trim();
  const input = {
    companyId,
    journal: draft.journal,
    date,
    description: draft.description.trim(),
    ...(voucher === '' ? {} : { voucher }),
    ...(Object.keys(draft.custom).length === 0 ? {} : { custom: draft.custom }),
    lines,
  };
  return { input, rows };
}

const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ');

/**
 * An entry that was asked for, as the form would have been filled in; null where it has data that the form has no field for
 * (a period of its own, a party, tax), so that nothing is lost by changing it here.
 */
export function draftOf(asked: unknown, form: NumberForm): Draft | null {
  const { success, data } = postEntry.input.safeParse(asked);
  if (!success || data.period !== undefined || data.documentDate !== undefined || data.kind !== 'normal') return null;
  const lines = data.lines.map(({ account, side, amount, description = '', ...more }): DraftLine | null => {
    if (Object.values(more).some((value) => value !== undefined)) return null;
    const figure = plain(formatFigure(amount, form));
    return { account, description, debit: side === 'debit' ? figure : '', credit: side === 'credit' ? figure : '' };
  });
  const shown = lines.filter((line) => line !== null);
  if (shown.length < lines.length) return null;
  const { journal, description, voucher = '' } = data;
  const given = Object.entries(data.custom ?? {}).filter((one): one is [string, string | boolean] => one[1] !== null);
  const custom = Object.fromEntries(given);
  return { journal, date: plain(formatDate(data.date)), description, voucher, custom, lines: shown };
}

/** The server's pointers, put to the fields of the form: `/lines/2/amount` is the amount of the third line sent. */
export function faultsFrom(errors: readonly FieldError[], draft: Draft, rows: readonly number[]): Fault[] {
  return errors.map(({ pointer: at, message }) => {
    // Of an entry that waits for approval, the request contains the whole input.
    const pointer = at.replace(/^\/input(?=\/)/, '');
    const line = /^\/lines\/(\d+)(?:\/(\w+))?/.exec(pointer);
    if (line !== null) {
      const row = rows[Number(line[1])] ?? 0;
      const amount = draft.lines[row]?.credit.trim() !== '' ? ('credit' as const) : ('debit' as const);
      const field = { account: 'account', description: 'description' }[line[2] ?? ''] as LineField | undefined;
      return { field: field ?? (line[2] === undefined ? 'account' : amount), line: row, message };
    }
    const name = pointer.slice(1);
    const field = (['journal', 'date', 'description', 'voucher'] as const).find((known) => known === name);
    return { field: field ?? 'description', line: null, message };
  });
}

/** Rows pasted from a spreadsheet: account, description, debit, credit; or account and a signed amount. */
export function pastedLines(text: string, form: NumberForm): DraftLine[] {
  return text
    .replace(/\r/g, '')
    .split('\n')
    .filter((row) => row.trim() !== '')
    .slice(0, 1000)
    .map((row) => {
      const cells = row.split('\t').map((cell) => cell.trim());
      if (cells.length >= 4) {
        const [account = '', label = '', debit = '', credit = ''] = cells;
        return { account, description: label, debit, credit };
      }
      const amount = cells.at(-1) ?? '';
      const negative = decimals.isNegative(parseFigure(amount, form) ?? '0');
      const plain = amount.replace(/^[-\u2212(]\s*|\)$/g, '');
      return {
        account: cells[0] ?? '',
        description: cells.length === 3 ? (cells[1] ?? '') : '',
        debit: negative ? '' : amount,
        credit: negative ? plain : '',
      };
    });
}
