/*
 * How the bytes of a text file are read. UTF-8 is what decodes as UTF-8 without a fault, the whole file long; a byte order mark
 * says it at once. Anything else is Windows-1252, which programs in Western and Northern Europe write, and which any bytes
 * decode as: so what was found is shown, with a line to recognise it by.
 */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

const marks: readonly (readonly [Encoding, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** Reads the whole content once, in bounded memory. */
export async function encodingOf(content: AsyncIterable<Uint8Array>): Promise<Encoding> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let start: Uint8Array | null = new Uint8Array();
  for await (const chunk of content) {
    if (start !== null) {
      start = Buffer.concat([start, chunk]);
      const marked = marks.find(([, mark]) => mark.every((byte, at) => start![at] === byte));
      if (marked) return marked[0];
      if (start.length < 3) continue;
    }
    try {
      decoder.decode(start ?? chunk, { stream: true });
    } catch {
      return 'windows-1252';
    }
    start = null;
  }
  try {
    decoder.decode(start ?? new Uint8Array());
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** The text, without a byte order mark. What does not decode becomes U+FFFD, and is seen. */
export async function* decoded(content: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncIterable<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of content) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
