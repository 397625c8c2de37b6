import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Files } from '@daybook/files';
import { reject, RejectionError } from '@daybook/kernel';
import { type CsvRecord, csvRecords, OpenQuote, type Separator, separatorOf, TooManyColumns } from './csv-records.js';
import { decoded, type Encoding, encodingOf } from './encoding.js';
import { xlsxRecords } from './xlsx-records.js';

/* A file that comes in, whatever it is: its first record has the names of the columns. */
export interface ReadFile {
  readonly format: 'csv' | 'xlsx';
  readonly encoding: Encoding | null;
  readonly separator: Separator | null;
  readonly header: CsvRecord;
  readonly records: readonly CsvRecord[];
}
export const maxImportBytes = 20_000_000;
export const maxImportRows = 50_000;
export const maxImportCells = 2_000_000;

/** Throws a RejectionError for what cannot be read, or is more than an import takes. */
export async function readFile(
  files: Files,
  tenant: string,
  sha256: string,
  wanted?: Encoding | null,
): Promise<ReadFile> {
  const info = await files.info(tenant, sha256);
  const opened = info && (await files.open(tenant, sha256));
  if (!opened) throw refusal('platform.file-not-found', 'There is no such file of yours. Upload it again.', 404);
  if (info.size > maxImportBytes) {
    opened.destroy();
    throw refusal(
      'platform.file-too-large',
      `An import takes files of ${maxImportBytes / 1_000_000} MB at most. Split it.`,
    );
  }
  const content = Buffer.concat((await opened.toArray()) as Buffer[]);
  const isWorkbook = content.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'));
  const { form, source } = isWorkbook
    ? { form: { format: 'xlsx', encoding: null, separator: null } as const, source: xlsxRecords(content) }
    : await textFile(content, wanted ?? null);
  const [header, ...records] = await taken(source);
  if (!header) throw refusal('platform.file-empty', 'The file has no line of names.');
  return { ...form, header, records };
}

async function textFile(content: Buffer, wanted: Encoding | null) {
  // What old Excel writes, and what locks a new workbook.
  if (content.subarray(0, 4).equals(Buffer.from('d0cf11e0', 'hex')))
    throw refusal(
      'platform.file-unreadable',
      'This is an old or locked workbook. Save it as .xlsx without a password, or as CSV.',
    );
  const chunks = (): Readable => Readable.from(slices(content));
  const encoding = wanted ?? (await encodingOf(chunks()));
  const [start = ''] = new TextDecoder(encoding).decode(content.subarray(0, 100_000)).split(/\r|\n/, 1);
  const separator = separatorOf(start);
  return {
    form: { format: 'csv', encoding, separator } as const,
    source: csvRecords(decoded(chunks(), encoding), separator),
  };
}

/** Requests are answered between two of them. */
async function* slices(content: Buffer): AsyncIterable<Buffer> {
  for (let at = 0; at < content.length; at += 65_536) {
    yield content.subarray(at, at + 65_536);
    await setImmediate();
  }
}

async function taken(source: AsyncIterable<CsvRecord>): Promise<CsvRecord[]> {
  const found: CsvRecord[] = [];
  let cells = 0;
  try {
    for await (const one of source) {
      found.push({ ...one, cells: one.cells.map(storable) });
      cells += one.cells.length;
      if (found.length > maxImportRows + 1 || cells > maxImportCells)
        throw refusal('platform.file-too-large', `An import takes ${maxImportRows} rows and ${maxImportCells} cells at most. Split the file.`); // prettier-ignore
    }
  } catch (error) {
    if (error instanceof TooManyColumns) throw refusal('platform.file-too-large', error.message);
    if (!(error instanceof OpenQuote)) throw error;
    throw refusal('platform.file-open-quote', error.message);
  }
  return found;
}

/** What no text can keep becomes U+FFFD, and is seen. */
const storable = (cell: string): string => cell.toWellFormed().replaceAll('\0', '\ufffd');

const refusal = (code: string, message: string, status: 404 | 422 = 422): RejectionError =>
  new RejectionError(reject(code, message, { status }));
