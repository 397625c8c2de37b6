/*
 * Lists as comma-separated values (RFC 4180): a header line, doubled quotes, and locale-independent values as in JSON
 * (decimal points, ISO dates, codes). A spreadsheet that opens a file by double click expects its own locale, so there is a
 * second form for it. Both forms put an apostrophe before text that a spreadsheet would run as a formula (OWASP, CSV
 * injection), and before text that looks as if it had one, so that reading takes off exactly what writing put there.
 */
export interface CsvForm {
  readonly mark: string;
  readonly separator: ',' | ';';
  readonly decimalSign: '.' | ',';
  readonly lineEnd: '\r\n' | '\n';
  /** A telephone number, and a figure in a column of text, get the mark too: a double click would read them as other figures. */
  readonly marksFigures: boolean;
}
export type CsvFormName = 'plain' | 'excel';

export const csvForms = {
  plain: { mark: '', separator: ',', decimalSign: '.', lineEnd: '\r\n', marksFigures: false },
  /** What Excel expects by double click where the decimal separator is a comma (Nordic countries, Germany, …). */
  excel: { mark: '\ufeff', separator: ';', decimalSign: ',', lineEnd: '\r\n', marksFigures: true },
} as const satisfies Record<CsvFormName, CsvForm>;

export interface CsvColumn {
  readonly name: string;
  /** Its values are exact decimals and get the form's decimal sign. A code like `1.10` is not a decimal and stays as it is. */
  readonly isDecimal?: boolean;
}

const decimalNumber = /^-?\d+(\.\d+)?$/;
/** A telephone number with a country code. The space keeps it from being a formula: `+47-22` would be a subtraction. */
const phoneNumber = /^\+\d+([ \u00a0]\(?\d[\d \u00a0.()/-]*)?$/;
/**
 * Where a formula may start: at the start of the text, or after a character that may start a new cell; with the apostrophes
 * of a text that is marked already, or looks so.
 */
const formulaStart = /(^|[,;|\t\r\n])([\s"]*)(?='*[=+\-@\uff0b\uff0d\uff1d\uff20])/gu;
const formulaMark = /(^|[,;|\t\r\n])([\s"]*)'(?='*[=+\-@\uff0b\uff0d\uff1d\uff20])/gu;

/** The text as a cell has it: with the mark against formulas, where it needs one. */
export const withoutFormula = (text: string, { marksFigures }: CsvForm = csvForms.plain): string =>
  !marksFigures && (decimalNumber.test(text) || phoneNumber.test(text))
    ? text
    : text.replace(formulaStart, "$1$2'").replace(/^(?='*[\t\r])/, "'");

/** The text that a cell was written from: without the apostrophes against formulas. */
export const withFormula = (cell: string): string => cell.replace(/^'(?='*[\t\r])/, '').replace(formulaMark, '$1$2');

/** A value of a row as text: lists joined by commas, objects as JSON. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
}

function cell(value: unknown, { isDecimal = false }: CsvColumn, form: CsvForm): string {
  const plain = textOf(value);
  if (isDecimal && decimalNumber.test(plain)) return plain.replace('.', form.decimalSign);
  const guarded = (one: unknown): string => (typeof one === 'number' ? String(one) : withoutFormula(textOf(one), form));
  const text = Array.isArray(value) ? value.map(guarded).join(',') : guarded(value);
  // Quotes every possible separator, so that a program that expects another one does not split the text.
  return /[",;|\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Writes a file in parts: first the header, then lines of rows. An array becomes one cell, its values joined by commas. */
export function csvWriter(
  columns: readonly CsvColumn[],
  form: CsvForm = csvForms.plain,
): { readonly header: string; lines(rows: readonly Readonly<Record<string, unknown>>[]): string } {
  const line = (cells: readonly string[]): string => cells.join(form.separator) + form.lineEnd;
  return {
    header: form.mark + line(columns.map(({ name }) => cell(name, { name }, form))),
    lines: (rows) => rows.map((row) => line(columns.map((column) => cell(row[column.name], column, form)))).join(''),
  };
}

/** The whole file with its header. */
export function csvOf(
  columns: readonly CsvColumn[],
  rows: readonly Readonly<Record<string, unknown>>[],
  form: CsvForm = csvForms.plain,
): string {
  const { header, lines } = csvWriter(columns, form);
  return header + lines(rows);
}
