import { Readable } from 'node:stream';
import type { Files } from '@daybook/files';
import { readFile } from './read-file.js';

const holding = (content: Buffer) =>
  ({
    info: async () => ({ size: content.length }),
    open: async () => Readable.from([content]),
  }) as unknown as Files;
const read = (content: string | Buffer) => readFile(holding(Buffer.from(content)), 'tenant', 'sha256');
const tooLarge = { rejection: { code: 'platform.file-too-large', status: 422 } };

describe('a file that comes in as text', () => {
  it('is refused for more columns or cells than a workbook may have', async () => {
    await expect(read(`${','.repeat(1_000)}\n`)).rejects.toMatchObject(tooLarge);
    const [wide, long] = [','.repeat(999), 2_001];
    await expect(read(`${wide}\n`.repeat(long))).rejects.toMatchObject(tooLarge);
    expect((await read(`${wide}\n`.repeat(10))).header.cells).toHaveLength(1_000);
  });

  it('leaves others their turn while it is read', async () => {
    let turns = 0;
    let isRead = false;
    const count = (): void => {
      turns += 1;
      if (!isRead) setImmediate(count);
    };
    setImmediate(count);
    const slices = 40;
    await read(Buffer.from('name\n'.padEnd(slices * 65_536, `${'a'.repeat(999)}\n`)));
    isRead = true;
    expect(turns).toBeGreaterThanOrEqual(slices);
  });

  it('shows a sign in the place of what no text can keep', async () => {
    const { header, records } = await read('na\0me\na\0b\n');
    expect([header.cells, records[0]!.cells]).toEqual([['na\ufffdme'], ['a\ufffdb']]);
  });
});
