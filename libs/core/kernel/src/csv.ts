/*
 * Lists as comma-separated values (RFC 4180): a header line, doubled quotes, and locale-independent values as in JSON
 * (decimal points, ISO dates, codes). A spreadsheet that opens a file by double click expects its own locale, so there is a
 * second form for it. Both forms put an apostrophe before text that a spreadsheet would run as a formula (OWASP, CSV
 * injection).
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
  /** What Excel expects by double click where the decimal separator is a comma (Nordic countries, Germany, …). */
  excel: { mark: '\ufeff', separator: ';', decimalSign: ',', lineEnd: '\r\n' },
} as const satisfies Record<CsvFormName, CsvForm>;

export interface CsvColumn {
  readonly name: string;
  /** Its values are exact decimals and get the form's decimal sign. A code like `1.10` is not a decimal and stays as it is. */
  readonly isDecimal?: boolean;
}

const decimalNumber = /^-?\d+(\.\d+)?$/;
/** A telephone number with a country code. The space keeps it from being a formula: `+47-22` would be a subtraction. */
const phoneNumber = /^\+\d+([ \u00a0]\(?\d[\d \u00a0.()/-]*)?$/;
/** A character that starts a formula, at the start of the text or after a character that may start a new cell. */
const formulaStart = /(^|[,;|\t\r\n])([\s"]*)(?=[=+\-@\uff0b\uff0d\uff1d\uff20])/gu;

const withoutFormula = (text: string): string =>
  decimalNumber.test(text) || phoneNumber.test(text)
    ? text
    : text.replace(formulaStart, "$1$2'").replace(/^(?=[\t\r])/, "'");

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
}

function cell(value: unknown, column: CsvColumn, form: CsvForm): string {
  const text = Array.isArray(value)
    ? value.map((one) => withoutFormula(textOf(one))).join(',')
    : withoutFormula(textOf(value));
  if (column.isDecimal === true && decimalNumber.test(text)) return text.replace('.', form.decimalSign);
  // Quotes every possible separator, so that a program that expects another one does not split the text.
  return /[",;|\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The whole file with its header. An array becomes one cell, its values joined by commas. */
export function csvOf(
  columns: readonly CsvColumn[],
  rows: readonly Readonly<Record<string, unknown>>[],
  form: CsvForm = csvForms.plain,
): string {
  const header = columns.map(({ name }) => cell(name, { name }, form));
  const lines = rows.map((row) => columns.map((column) => cell(row[column.name], column, form)));
  return form.mark + [header, ...lines].map((line) => line.join(form.separator) + form.lineEnd).join('');
}
