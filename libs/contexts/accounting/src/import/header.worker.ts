import { parentPort } from 'node:worker_threads';
import { parseSaft, SaftFault } from '../saft/index.js';
import type { HeaderResponse, HeaderRequest } from './header-reader.js';

/* Runs in a worker thread (header-reader.ts), so that parsing an uploaded file never blocks the thread that answers requests. */
const sliceBytes = 4_096;

/** Slice by slice, so that nothing after the Header is parsed. */
async function* slices(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += sliceBytes) yield content.subarray(at, at + sliceBytes);
}

async function read(content: Uint8Array): Promise<HeaderResponse> {
  try {
    for await (const record of parseSaft(slices(content))) {
      return { header: record.kind === 'header' ? { registrationNumber: record.registrationNumber } : null };
    }
  } catch (error) {
    if (!(error instanceof SaftFault)) throw error;
  }
  return { header: null };
}

parentPort?.on('message', ({ content }: HeaderRequest) => {
  void read(content).then((answer) => parentPort?.postMessage(answer));
});
