import { daysBetween, isPlainDate, reject, RejectionError, textOf } from '@daybook/kernel';
import { writeXlsxStream } from 'hucre/xlsx';
import type { CellKind, FileColumn } from './columns.js';
import type { AsText, Pages } from './content.js';

/*
 * A list as a spreadsheet. Text is text, never a formula, and stays text when somebody edits the cell. A decimal is a number
 * with its own decimals where a cell keeps all of its digits, and text where it would round them (IEEE 754: 15 digits are
 * safe). The limits of a sheet (ECMA-376) are refused by name, since nothing is cut unsaid.
 */
const sheetRows = 1_048_576;
const mostCharacters = 32_767;
const safeDigits = 15;

type Cell = string | number | boolean | null;
/** By column. A text among numbers is shown as it is. */
const formats: Readonly<Record<CellKind, string | null>> = {
  text: '@', decimal: '0.00##############', number: null, date: 'yyyy-mm-dd', boolean: null,
}; // prettier-ignore

/** Day 61 is 1 March 1900; before it, spreadsheets count a 29 February 1900 that never was. */
const dayNumber = (date: string): number => daysBetween('1899-12-30', date);

/** Null where a cell would not keep every digit. */
function figure(text: string): number | null {
  const [, whole = '', decimals = ''] = /^-?(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  return whole === '' || (whole + decimals).replace(/^0+/, '').length > safeDigits ? null : Number(text);
}

/** Escaped as ECMA-376 has it: what XML cannot hold, and what would be read as such an escape. */
const escaped = (text: string): string =>
  text
    .replace(/_(?=x[\dA-Fa-f]{4}_)/g, '_x005F_')
    .replace(/[\ufffe\uffff]/g, (sign) => `_x${sign.charCodeAt(0).toString(16).toUpperCase()}_`);

function cellOf(value: unknown, { name, as }: FileColumn, asText: AsText, row: number): Cell {
  if (value === null || value === undefined || value === '') return null;
  if (as === 'boolean' && typeof value === 'boolean') return value;
  if (as === 'date' && typeof value === 'string' && isPlainDate(value) && dayNumber(value) >= 61)
    return dayNumber(value);
  const text = textOf(value);
  if (as === 'decimal' || as === 'number') {
    const exact = figure(text);
    if (exact !== null) return exact;
    asText[name] = (asText[name] ?? 0) + 1;
  }
  if (text.length > mostCharacters) throw new RejectionError(tooLong(name, row));
  return escaped(text);
}

const tooLong = (column: string, row: number) =>
  reject('platform.cell-too-long', `Row ${row} has more than ${mostCharacters} characters in ${column}, the most a cell of a spreadsheet holds. Export as CSV or JSON.`, { status: 422, details: { column, row, most: mostCharacters } }); // prettier-ignore
const tooManyRows = (most: number) =>
  reject('platform.too-many-rows', `The list has more than ${most} rows, the most a sheet holds. Export as CSV or JSON, or narrow it with a filter.`, { status: 422, details: { most } }); // prettier-ignore

export async function* xlsxContent(
  columns: readonly FileColumn[],
  pages: Pages,
  asText: AsText,
  most = sheetRows,
): AsyncIterable<Uint8Array> {
  async function* rows(): AsyncIterable<Cell[]> {
    let row = 1;
    for await (const page of pages) {
      for (const one of page) {
        if ((row += 1) > most) throw new RejectionError(tooManyRows(most - 1));
        yield columns.map((column) => cellOf(one[column.name], column, asText, row));
      }
    }
  }
  yield* writeXlsxStream(rows(), {
    name: 'Export',
    columns: columns.map(({ name, as }) => ({
      header: escaped(name),
      ...(formats[as] === null ? {} : { numFmt: formats[as] }),
    })),
    maxRowsPerSheet: Infinity,
    freezePane: { rows: 1 },
  });
}
