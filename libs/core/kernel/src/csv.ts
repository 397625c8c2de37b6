/*
 * Lists as comma-separated values (RFC 4180): a header line, quotes doubled, values free of locale as in JSON: points
 * before decimals, ISO dates, codes. A spreadsheet that opens a file by double click follows its locale instead, so there
 * is a second form for it. Text that a spreadsheet would run as a formula is defused with an apostrophe (OWASP, CSV
 * injection), in both.
 */
export interface CsvForm {
  readonly mark: string;
  readonly separator: ',' | ';';
  readonly decimalSign: '.' | ',';
  readonly lineEnd: '\r\n' | '\n';
}
export type CsvFormName = 'plain' | 'excel';

export const csvForms = {
  plain: { mark: '', separator: ',', decimalSign: '.', lineEnd: '\r\n' },
  /** What Excel reads by double click where the decimal sign is a comma (Nordic countries, Germany, …). */
  excel: { mark: '\ufeff', separator: ';', decimalSign: ',', lineEnd: '\r\n' },
} as const satisfies Record<CsvFormName, CsvForm>;

export interface CsvColumn {
  readonly name: string;
  /** Its values are exact decimals and take the form's decimal sign; a code like `1.10` is none and stays. */
  readonly isDecimal?: boolean;
}

const decimalNumber = /^-?\d+(\.\d+)?$/;
/** Digits as people write them after a country code. The space makes it no formula: `+47-22` would be a subtraction. */
const phoneNumber = /^\+\d+([ \u00a0]\(?\d[\d \u00a0.()/-]*)?$/;
/** A sign that begins a formula, at the start or where another separator or a line feed would begin a cell. */
const formulaStart = /(^|[,;|\t\r\n])([\s"]*)(?=[=+\-@\uff0b\uff0d\uff1d\uff20])/gu;

const defused = (text: string): string =>
  decimalNumber.test(text) || phoneNumber.test(text)
    ? text
    : text.replace(formulaStart, "$1$2'").replace(/^(?=[\t\r])/, "'");

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
}

function cell(value: unknown, column: CsvColumn, form: CsvForm): string {
  const text = Array.isArray(value) ? value.map((one) => defused(textOf(one))).join(',') : defused(textOf(value));
  if (column.isDecimal === true && decimalNumber.test(text)) return text.replace('.', form.decimalSign);
  // Every separator is quoted, so that a program that expects another one does not cut the text.
  return /[",;|\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The whole file, header included. `rows` hold the columns by name; arrays are one cell, their values joined by commas. */
export function csvOf(
  columns: readonly CsvColumn[],
  rows: readonly Readonly<Record<string, unknown>>[],
  form: CsvForm = csvForms.plain,
): string {
  const header = columns.map(({ name }) => cell(name, { name }, form));
  const lines = rows.map((row) => columns.map((column) => cell(row[column.name], column, form)));
  return form.mark + [header, ...lines].map((line) => line.join(form.separator) + form.lineEnd).join('');
}
