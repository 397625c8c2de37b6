/*
 * Records of a CSV file (RFC 4180), as people's programs write them: a quote opens a cell only at its start, and is a character
 * like any other elsewhere; a cell in quotes may have several lines. Missing cells are empty, and no record takes anything from
 * the one before.
 */
export interface CsvRecord {
  /** Of the records after the header, from 1; 0 is the header. */
  readonly number: number;
  /** Line of the file where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** The quote that was opened in this line is never closed: nobody can say where its record ends. */
export class OpenQuote extends Error {
  override readonly name = 'OpenQuote';
  constructor(readonly line: number) {
    super(`The quote opened in line ${line} is never closed.`);
  }
}

/** A record of this line has more cells than there are columns in any file that is read. */
export class TooManyColumns extends Error {
  override readonly name = 'TooManyColumns';
  constructor(readonly line: number) {
    super(`Line ${line} has more than ${maxColumns} columns.`);
  }
}
export const maxColumns = 1_000;

export const separators = [',', ';', '\t', '|'] as const;
export type Separator = (typeof separators)[number];

/** The separator that cuts the first line into most cells; a comma where none does. */
export function separatorOf(firstLine: string): Separator {
  const counts = separators.map((one) => [one, firstLine.replace(/"(?:[^"]|"")*"/g, '').split(one).length] as const);
  return counts.reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}

/** Reads records as they come; blank lines between them are none. Throws TooManyColumns, and OpenQuote at the end of the text. */
export async function* csvRecords(text: AsyncIterable<string>, separator: Separator): AsyncIterable<CsvRecord> {
  let number = 0;
  let line = 1;
  let began = 1;
  let opened = 0;
  let cells: string[] = [];
  let cell = '';
  /** Before a cell, in one without quotes, in one with them, behind the quote that may close it. */
  let at: 'start' | 'plain' | 'quoted' | 'closing' = 'start';
  let wasReturn = false;

  const endCell = (): void => {
    if (cells.push(cell) > maxColumns) throw new TooManyColumns(began);
    cell = '';
    at = 'start';
  };
  const record = (): CsvRecord | null => {
    endCell();
    const whole = cells;
    cells = [];
    return whole.length === 1 && whole[0] === '' ? null : { number: number++, line: began, cells: whole };
  };

  for await (const part of text) {
    for (const sign of part) {
      const isSecondOfTwo = sign === '\n' && wasReturn;
      wasReturn = sign === '\r';
      if (at === 'quoted') {
        if (sign === '"') at = 'closing';
        else {
          cell += sign;
          if (sign === '\n' || sign === '\r') line += isSecondOfTwo ? 0 : 1;
        }
        continue;
      }
      if (at === 'closing' && sign === '"') {
        cell += '"';
        at = 'quoted';
        continue;
      }
      if (isSecondOfTwo) {
        began = line;
        continue;
      }
      if (sign === separator) endCell();
      else if (sign === '\n' || sign === '\r') {
        const whole = record();
        line += 1;
        began = line;
        if (whole) yield whole;
      } else if (at === 'start' && sign === '"') {
        at = 'quoted';
        opened = line;
      } else {
        cell += sign;
        at = 'plain';
      }
    }
  }
  if (at === 'quoted') throw new OpenQuote(opened);
  const last = record();
  if (last) yield last;
}
