import fc from 'fast-check';
import { Readable } from 'node:stream';
import { excerpt, excerptChars, excerptLines } from './excerpt.js';

const stream = (content: Buffer | string, cut = 3): Readable => {
  const bytes = Buffer.from(content as string);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += cut) parts.push(bytes.subarray(at, at + cut));
  return Readable.from(parts);
};
const texts = async (content: Buffer | string, from: number, to: number) =>
  (await excerpt(stream(content), from, to)).map((line) => line.text);

describe('an excerpt of a file', () => {
  it('has the requested lines, without line ends', async () => {
    expect(await texts('one\r\ntwo\nthree', 1, 3)).toEqual(['one', 'two', 'three']);
    expect(await texts('one\n\nthree\n', 2, 9)).toEqual(['', 'three']);
    expect(await texts('', 1, 5)).toEqual([]);
  });

  it('decodes UTF-8 across chunks, drops the byte order mark, and replaces invalid bytes', async () => {
    expect(await texts('\uFEFFKjøp – 🧾', 1, 1)).toEqual(['Kjøp – 🧾']);
    expect(await texts(Buffer.from([0x4b, 0xf8, 0x70, 0x0a, 0x41]), 1, 2)).toEqual(['K\uFFFDp', 'A']);
  });

  it('truncates long lines and long ranges', async () => {
    const [line] = await texts('x'.repeat(excerptChars * 5), 1, 1);
    expect(line).toBe(`${'x'.repeat(excerptChars)}…`);
    expect(await texts('y\n'.repeat(200), 1, 200)).toHaveLength(excerptLines);
  });

  it('equals splitting the whole text at line ends', async () => {
    const line = fc.stringMatching(/^[^\n\r\uFEFF]{0,12}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 30 }),
        fc.nat(30),
        fc.nat(10),
        async (all, from, more) => {
          const expected = all.slice(from, from + more + 1);
          expect(await texts(`${all.join('\n')}\n`, from + 1, from + 1 + more)).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });
});
