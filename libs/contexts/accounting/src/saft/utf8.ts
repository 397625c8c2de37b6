import { isUtf8 } from 'node:buffer';
import { fault } from './finding.js';

/*
 * Strict UTF-8, the only encoding of SAF-T. Bytes come in chunks cut anywhere; text goes out. Bytes that are no UTF-8
 * are a fault with line and column instead of a silent U+FFFD.
 */
const newline = 0x0a;

const wholeSequence = (lead: number): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1);

/** How many bytes at the end begin a sequence that is not complete yet. */
function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    return wholeSequence(byte) > back ? back : 0;
  }
  return 0;
}

/** The encoding that the first bytes speak of, when it is not UTF-8. */
function foreignEncoding(bytes: Uint8Array): string | null {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'UTF-32' : 'UTF-16';
  if (a === 0xfe && b === 0xff) return 'UTF-16';
  if (a === 0 && b === 0) return 'UTF-32';
  if ((a === 0x3c && b === 0) || (a === 0 && b === 0x3c)) return 'UTF-16';
  if (a === 0x4c && b === 0x6f && c === 0xa7) return 'EBCDIC';
  return null;
}

/** First byte at which the bytes stop being UTF-8. */
function firstInvalid(bytes: Uint8Array): number {
  let [low, high] = [0, bytes.length];
  // Invariant: the first `low` bytes are whole and valid; some sequence before `high` is not.
  while (high - low > 64) {
    const middle = (low + high) >> 1;
    const part = bytes.subarray(low, middle);
    const whole = part.subarray(0, part.length - incompleteTail(part));
    if (!isUtf8(whole)) high = middle;
    else if (whole.length === 0) break;
    else low += whole.length;
  }
  while (low < bytes.length) {
    const length = wholeSequence(bytes[low]!);
    if (!isUtf8(bytes.subarray(low, low + length))) return low;
    low += length;
  }
  return low;
}

export class Utf8Decoder {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private pending: Uint8Array = new Uint8Array(0);
  private started = false;
  /** 1-based line the next byte stands on, and bytes of it read. */
  private line = 1;
  private column = 0;

  /** The text of a chunk. What precedes a bad byte is not lost: it comes with the fault, so that its places can be told. */
  *decode(chunk: Uint8Array, last: boolean): Generator<string> {
    let bytes = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    // The encoding is told by the first four bytes together.
    if (!this.started && bytes.length < 4 && !last) {
      this.pending = Uint8Array.from(bytes);
      return;
    }
    if (!this.started) {
      this.started = true;
      const foreign = foreignEncoding(bytes);
      if (foreign) throw fault('saft.encoding', 1, `The file is in ${foreign}; SAF-T is read as UTF-8 only.`);
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    }
    const tail = last ? 0 : incompleteTail(bytes);
    const whole = bytes.subarray(0, bytes.length - tail);
    this.pending = Uint8Array.from(bytes.subarray(bytes.length - tail));
    if (isUtf8(whole)) {
      this.advance(whole);
      yield this.decoder.decode(whole);
      return;
    }
    const bad = firstInvalid(whole);
    const good = whole.subarray(0, bad);
    this.advance(good);
    yield this.decoder.decode(good);
    const byte = whole[bad]!.toString(16).toUpperCase().padStart(2, '0');
    throw fault(
      'saft.encoding',
      this.line,
      `Line ${this.line}, byte ${this.column + 1}: the byte ${byte} is not UTF-8. The file may be in ISO 8859-1 or Windows-1252.`,
    );
  }

  private advance(bytes: Uint8Array): void {
    let from = 0;
    for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, from)) {
      this.line += 1;
      this.column = 0;
      from = at + 1;
    }
    this.column += bytes.length - from;
  }
}
