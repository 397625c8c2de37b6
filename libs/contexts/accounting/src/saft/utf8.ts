import { isUtf8 } from 'node:buffer';
import { fault } from './finding.js';

/*
 * Strict UTF-8, the only encoding of SAF-T. Decodes chunks that may be cut anywhere. Invalid bytes are a fault with line and
 * byte instead of a silent U+FFFD.
 */
const newline = 0x0a;

const wholeSequence = (lead: number): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1);

/** The number of bytes at the end that belong to an incomplete sequence. */
function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    return wholeSequence(byte) > back ? back : 0;
  }
  return 0;
}

/** The encoding that the first bytes imply, if it is not UTF-8. */
function foreignEncoding(bytes: Uint8Array): string | null {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'UTF-32' : 'UTF-16';
  if (a === 0xfe && b === 0xff) return 'UTF-16';
  if (a === 0 && b === 0) return 'UTF-32';
  if ((a === 0x3c && b === 0) || (a === 0 && b === 0x3c)) return 'UTF-16';
  if (a === 0x4c && b === 0x6f && c === 0xa7) return 'EBCDIC';
  return null;
}

/** The first byte that is not valid UTF-8. */
function firstInvalid(bytes: Uint8Array): number {
  let [low, high] = [0, bytes.length];
  // Invariant: the first `low` bytes are complete and valid; some sequence before `high` is not.
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
  /** Line of the next byte, from 1, and the number of its bytes read. */
  private line = 1;
  private column = 0;

  /** The text of a chunk. Text before an invalid byte is yielded before the fault is thrown. */
  *decode(chunk: Uint8Array, last: boolean): Generator<string> {
    let bytes = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    // The first four bytes are needed to detect the encoding.
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
