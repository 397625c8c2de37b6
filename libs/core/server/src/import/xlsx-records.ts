import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { reject, type Rejection, RejectionError } from '@daybook/kernel';
import { startThread } from '../worker-thread.js';
import { type CsvRecord, maxColumns } from './csv-records.js';
import type { tooLargeIn } from './zip-bounds.js';

/*
 * The first sheet of a workbook as records like those of a CSV file. It is read in a worker thread of its own, which ends with
 * it: one that needs too much memory or time ends the reading and nothing else. How much it may unpack is checked before
 * (zip-bounds.ts).
 */
export interface XlsxBounds {
  /** Bytes of the workbook unpacked, of all its parts and of one. The reader holds a part twice at most, outside the heap. */
  readonly unpacked: number;
  readonly part: number;
  readonly rows: number;
  readonly columns: number;
  readonly cells: number;
  /** Of all cells together: many may show one text that stands in the file once. */
  readonly characters: number;
  readonly seconds: number;
  readonly megabytes: number;
}
export const xlsxBounds: XlsxBounds = {
  unpacked: 200_000_000,
  part: 100_000_000,
  rows: 50_001,
  columns: maxColumns,
  cells: 2_000_000,
  characters: 50_000_000,
  seconds: 60,
  megabytes: 384,
};

type Refusal = 'unreadable' | 'encrypted' | 'too-large';
export type XlsxRequest = { readonly content: Uint8Array; readonly bounds: XlsxBounds } | { readonly next: true };
export type XlsxAnswer =
  | { readonly records: readonly Pick<CsvRecord, 'line' | 'cells'>[]; readonly isLast: boolean }
  | { readonly refused: Refusal; readonly unpacked?: NonNullable<ReturnType<typeof tooLargeIn>> };

const startXlsxThread = ({ megabytes }: XlsxBounds): Worker =>
  startThread('xlsx', new URL('./xlsx.worker.js', import.meta.url), megabytes);

/** Throws a RejectionError for what is no workbook, is locked by a password, or is over a bound. */
export async function* xlsxRecords(
  content: Uint8Array,
  bounds = xlsxBounds,
  start: (bounds: XlsxBounds) => Worker = startXlsxThread,
): AsyncIterable<CsvRecord> {
  const thread = start(bounds);
  const over = new AbortController();
  const ended = once(thread, 'exit', { signal: over.signal }).then(() => tooLarge, ofThread);
  const timer = setTimeout(() => void thread.terminate(), bounds.seconds * 1000);
  try {
    let number = 0;
    for (let request: XlsxRequest = { content, bounds }; ; request = { next: true }) {
      const answered = once(thread, 'message', { signal: over.signal }).then(([one]) => one as XlsxAnswer, ofThread);
      thread.postMessage(request);
      const answer = await Promise.race([answered, ended]);
      if ('refused' in answer)
        throw new RejectionError(answer.unpacked ? tooMuch(answer.unpacked) : refusals[answer.refused]);
      for (const record of answer.records) yield { ...record, number: number++ };
      if (answer.isLast) return;
    }
  } finally {
    clearTimeout(timer);
    over.abort();
    await thread.terminate();
  }
}

const tooLarge: XlsxAnswer = { refused: 'too-large' };
/** Out of memory, or not waited for any more; anything else is a bug. */
function ofThread(error: NodeJS.ErrnoException): XlsxAnswer {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY' || error.name === 'AbortError') return tooLarge;
  throw error;
}

/** 422 `platform.file-too-large` with the part of the file: { part, bytes, most }. */
function tooMuch({ isWhole, ...details }: NonNullable<ReturnType<typeof tooLargeIn>>): Rejection {
  const [is, most] = [details.bytes, details.most].map((bytes) => `${Math.ceil(bytes / 1_000_000)} MB`);
  const what = isWhole ? 'This workbook' : `The part ${details.part} of this workbook`;
  const largest = isWhole ? ` Its largest part is ${details.part}.` : '';
  const message = `${what} is ${is} unpacked, which may be ${most} at most.${largest} Split it, or save it as CSV.`;
  return reject('platform.file-too-large', message, { status: 422, details });
}

const refusals: Readonly<Record<Refusal, Rejection>> = {
  unreadable: reject('platform.file-unreadable', 'This is no workbook that can be read. Save it as .xlsx again, or as CSV.', { status: 422 }),
  encrypted: reject('platform.file-encrypted', 'This workbook is locked by a password. Save it without one.', { status: 422 }),
  'too-large': reject('platform.file-too-large', 'This workbook is too large to be read. Split it, or save it as CSV.', { status: 422 }),
}; // prettier-ignore
