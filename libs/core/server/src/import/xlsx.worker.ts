import { parentPort } from 'node:worker_threads';
import { streamXlsxRows } from 'hucre/xlsx';
import { withoutFormula } from '@daybook/kernel';
import type { XlsxAnswer, XlsxRequest } from './xlsx-records.js';
import { partsOf, tooLargeIn } from './zip-bounds.js';

/* Runs in a worker thread (xlsx-records.ts): a workbook is read here, a batch of rows for each `next`. */
const atOnce = 500;
/** ECMA-376: what a cell holds at most. */
const mostCharacters = 32_767;
type Value = string | number | boolean | Date | null;

/** What CSV would have in its place, marks against formulas too, so that both are read alike; numbers with all their digits. */
function textOf(value: Value): string {
  if (value === null) return '';
  if (value instanceof Date) {
    const text = value.toISOString();
    return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text;
  }
  if (typeof value === 'number') return plainDigits(value);
  return typeof value === 'string' ? withoutFormula(value) : String(value);
}
/** `1e-7` is 0.0000001: no exponent. */
function plainDigits(value: number): string {
  const text = String(value);
  const [, sign = '', first = '', rest = '', power] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (power === undefined) return text;
  const digits = first + rest;
  const point = 1 + Number(power);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0').slice(0, point)}${digits.length > point ? `.${digits.slice(point)}` : ''}`;
}

async function* batches({ content, bounds }: Extract<XlsxRequest, { content: unknown }>): AsyncGenerator<XlsxAnswer> {
  const parts = partsOf(content);
  if (parts === null) return yield { refused: 'unreadable' };
  const tooLarge = tooLargeIn(parts, bounds);
  if (tooLarge) return yield { refused: 'too-large', unpacked: tooLarge };
  let records: { line: number; cells: string[] }[] = [];
  let rows = 0;
  let cells = 0;
  let characters = 0;
  for await (const { index, values } of streamXlsxRows(content)) {
    const line = values.map((value) => textOf(value as Value));
    if (line.every((cell) => cell === '')) continue;
    rows += 1;
    cells += line.length;
    characters += line.reduce((sum, cell) => sum + cell.length, 0);
    const isOver = rows > bounds.rows || cells > bounds.cells || characters > bounds.characters;
    if (isOver || line.length > bounds.columns || line.some(isTooLong)) return yield { refused: 'too-large' };
    if (records.push({ line: index + 1, cells: line }) < atOnce) continue;
    yield { records, isLast: false };
    records = [];
  }
  yield { records, isLast: true };
}

/** With its mark against formulas. */
const isTooLong = (cell: string): boolean => cell.length > mostCharacters + 1;

let reading: AsyncGenerator<XlsxAnswer> | null = null;
async function next(request: XlsxRequest): Promise<XlsxAnswer> {
  if ('content' in request) reading = batches(request);
  try {
    const answer = await reading?.next();
    return answer?.value ?? { records: [], isLast: true };
  } catch (error) {
    const { name } = error as Error;
    return { refused: name === 'EncryptedFileError' ? 'encrypted' : 'unreadable' };
  }
}
parentPort?.on('message', (request: XlsxRequest) => {
  void next(request).then((answer) => parentPort?.postMessage(answer));
});
