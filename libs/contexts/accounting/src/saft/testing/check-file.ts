import { Findings, parseSaft, SaftFault, type SaftRecord } from '../index.js';
import { type CheckedTransaction } from '../check-transaction.js';
import { type Books, SaftValidator } from '../validate.js';

export async function* inOneChunk(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
}

/** Records of a file up to its end or a fault. */
export async function recordsOf(content: AsyncIterable<Uint8Array> | string) {
  const records: SaftRecord[] = [];
  try {
    for await (const record of parseSaft(typeof content === 'string' ? inOneChunk(content) : content)) {
      records.push(record);
    }
  } catch (error) {
    if (error instanceof SaftFault) return { records, fault: error.finding };
    throw error;
  }
  return { records, fault: null };
}

/** The whole check of a file; by default against empty books. */
export async function findingsIn(content: AsyncIterable<Uint8Array> | string, books: Books | null = null) {
  const findings = new Findings();
  const validator = new SaftValidator(findings, books);
  const transactions: CheckedTransaction[] = [];
  try {
    for await (const record of parseSaft(typeof content === 'string' ? inOneChunk(content) : content)) {
      const transaction = validator.take(record);
      if (transaction) transactions.push(transaction);
    }
    validator.finish(books === null);
  } catch (error) {
    if (!(error instanceof SaftFault)) throw error;
    findings.take(error.finding);
  }
  return { findings, validator, transactions };
}
