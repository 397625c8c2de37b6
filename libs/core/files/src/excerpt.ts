import type { Readable } from 'node:stream';

/** Maximum lines of an excerpt, and characters of a line. */
export const excerptLines = 50;
export const excerptChars = 2000;

const newline = 0x0a;
/** Bytes kept of one line: enough for its characters in UTF-8. */
const keptBytes = excerptChars * 4;

/**
 * Lines `from` to `to` (1-based, inclusive) of a stream of bytes, each truncated, in bounded memory. Invalid UTF-8 becomes
 * U+FFFD, since an excerpt shows what is there and rejects nothing.
 */
export async function excerpt(
  content: Readable,
  from: number,
  to: number,
): Promise<{ number: number; text: string }[]> {
  const first = Math.max(1, from);
  const last = Math.min(to, first + excerptLines - 1);
  const lines: { number: number; text: string }[] = [];
  let number = 1;
  let kept: Buffer[] = [];
  let size = 0;
  let open = false;

  const keep = (part: Buffer): void => {
    open = true;
    if (number < first || size >= keptBytes) return;
    const fits = part.subarray(0, keptBytes - size);
    kept.push(Buffer.from(fits));
    size += fits.length;
  };
  const endLine = (): void => {
    if (number >= first) lines.push({ number, text: textOf(Buffer.concat(kept, size), number === 1) });
    [kept, size, open] = [[], 0, false];
    number += 1;
  };

  for await (const chunk of content as AsyncIterable<Buffer>) {
    let start = 0;
    while (number <= last) {
      const end = chunk.indexOf(newline, start);
      if (end < 0) break;
      keep(chunk.subarray(start, end));
      endLine();
      start = end + 1;
    }
    if (number > last) break;
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (open && number <= last) endLine();
  return lines;
}

function textOf(bytes: Buffer, isFirst: boolean): string {
  const decoded = new TextDecoder('utf-8', { ignoreBOM: !isFirst }).decode(bytes).replace(/\r$/, '');
  const characters = [...decoded];
  return characters.length > excerptChars ? `${characters.slice(0, excerptChars).join('')}…` : decoded;
}
