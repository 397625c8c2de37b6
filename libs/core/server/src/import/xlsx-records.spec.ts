import { deflateRawSync } from 'node:zlib';
import { withFormula } from '@daybook/kernel';
import { writeXlsx } from 'hucre/xlsx';
import type { FileColumn } from '../export/columns.js';
import { xlsxContent } from '../export/xlsx.js';
import type { CsvRecord } from './csv-records.js';
import { type XlsxBounds, xlsxBounds, xlsxRecords } from './xlsx-records.js';
import { partsOf } from './zip-bounds.js';

async function read(content: Uint8Array, bounds: Partial<XlsxBounds> = {}): Promise<CsvRecord[]> {
  const found: CsvRecord[] = [];
  for await (const one of xlsxRecords(content, { ...xlsxBounds, ...bounds })) found.push(one);
  return found;
}
type Value = string | number | boolean | Date | null;
const workbook = (rows: Value[][]) => writeXlsx({ sheets: [{ name: 'First', rows }] });
const unpackedSize = (content: Uint8Array): number | null =>
  partsOf(content)?.reduce((sum, { size }) => sum + size, 0) ?? null;
const refused = (code: string) => ({ rejection: { code, status: 422 } });

/** A zip archive of one entry that says `declared` of its size. */
function archive(name: string, content: Buffer, declared = content.length): Uint8Array {
  const packed = deflateRawSync(content);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt32LE(declared, 22);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(declared, 24);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, entry, Buffer.from(name), end]);
}

describe('a workbook that comes in', () => {
  it('has the records that a CSV file of it would have, by the rows of the sheet', async () => {
    const records = await read(
      await workbook([
        ['Name', 'Born', 'Owed', 'VIP', null, 'Note'],
        ['Berit Aas', new Date('1981-04-03T00:00:00Z'), 1234.5, true, null, '=2+3'],
        [null],
        ['Ole', null, 1e-7, false, null, "'=kept"],
        ['Per', null, 123456789012345, null, null, 'two\nlines'],
      ]),
    );
    expect(records.map(({ number, line }) => [number, line])).toEqual([[0, 1], [1, 2], [2, 4], [3, 5]]); // prettier-ignore
    expect(records.map(({ cells }) => cells.map(withFormula))).toEqual([
      ['Name', 'Born', 'Owed', 'VIP', '', 'Note'],
      ['Berit Aas', '1981-04-03', '1234.5', 'true', '', '=2+3'],
      ['Ole', '', '0.0000001', 'false', '', "'=kept"],
      ['Per', '', '123456789012345', '', '', 'two\nlines'],
    ]);
  });

  it('reads what an export wrote, text for text, in more than one batch', async () => {
    const columns: FileColumn[] = [{ name: 'code', as: 'text' }, { name: 'amount', as: 'decimal' }].map((one) => ({ ...one, isDecimal: one.as === 'decimal' }) as FileColumn); // prettier-ignore
    const codes = ['0012', '=1+1', '1E5', '3-4', '+', '\tafter a tab', ' lead', '_x0041_', 'שלום'];
    const rows = Array.from({ length: 1_200 }, (_, n) => ({ code: codes[n % codes.length]!, amount: `-${n}.50` }));
    async function* pages() {
      yield rows;
    }
    const parts: Uint8Array[] = [];
    for await (const part of xlsxContent(columns, pages(), {})) parts.push(part);
    const found = (await read(Buffer.concat(parts))).slice(1);
    expect(found).toHaveLength(1_200);
    expect(found.map(({ cells: [code] }) => withFormula(code!))).toEqual(rows.map(({ code }) => code));
    expect(found.slice(0, 2).map(({ cells }) => cells[1])).toEqual(['-0.5', '-1.5']);
  });

  it('is refused by name when it is none, locked, or over a bound, and the process goes on', async () => {
    await expect(read(Buffer.from('Name,Born\n'))).rejects.toMatchObject(refused('platform.file-unreadable'));
    await expect(read(archive('a.txt', Buffer.from('text')))).rejects.toMatchObject(
      refused('platform.file-unreadable'),
    );
    const locked = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]);
    await expect(read(locked)).rejects.toMatchObject(refused('platform.file-unreadable'));
    const rows = await workbook(Array.from({ length: 30 }, (_, n) => [n, n, n]));
    for (const bounds of [{ rows: 29 }, { cells: 89 }, { columns: 2 }, { unpacked: 1_000 }, { seconds: 0 }]) {
      await expect(read(rows, bounds)).rejects.toMatchObject(refused('platform.file-too-large'));
    }
    expect(await read(rows, { rows: 30, cells: 90, columns: 3 })).toHaveLength(30);
  });

  it('is refused when it needs more memory than its thread has', async () => {
    const many = await workbook(Array.from({ length: 60_000 }, (_, n) => [`${n} ${'x'.repeat(200)}`]));
    expect(many.length).toBeLessThan(2_000_000);
    await expect(read(many, { megabytes: 16, rows: 60_000 })).rejects.toMatchObject(refused('platform.file-too-large'));
  });

  it('is refused where its cells show one text too often, though it stands in the file once', async () => {
    const shown = await workbook(Array.from({ length: 300 }, () => ['x'.repeat(1_000)]));
    expect(shown.length).toBeLessThan(20_000);
    await expect(read(shown, { characters: 299_999 })).rejects.toMatchObject(refused('platform.file-too-large'));
    expect(await read(shown, { characters: 300_000 })).toHaveLength(300);
  });

  it('is refused before it is unpacked, by the name of the part that is too large, or of the largest where all are together', async () => {
    const bomb = archive('xl/worksheets/sheet1.xml', Buffer.alloc(150_000_000));
    expect(bomb.length).toBeLessThan(200_000);
    const part = 'xl/worksheets/sheet1.xml';
    await expect(read(bomb)).rejects.toMatchObject({
      rejection: {
        code: 'platform.file-too-large',
        message: `The part ${part} of this workbook is 150 MB unpacked, which may be 100 MB at most. Split it, or save it as CSV.`,
        details: { part, bytes: 150_000_000, most: 100_000_000 },
      },
    });
    const whole = { code: 'platform.file-too-large', message: `This workbook is 150 MB unpacked, which may be 140 MB at most. Its largest part is ${part}. Split it, or save it as CSV.` }; // prettier-ignore
    await expect(read(bomb, { part: 150_000_000, unpacked: 140_000_000 })).rejects.toMatchObject({ rejection: whole });
  });

  it('is not unpacked beyond what a part says of its size, whatever is in it', async () => {
    const rows = await workbook([['Name'], ['Ada']]);
    const sheet = 'xl/worksheets/sheet1.xml';
    const { size } = partsOf(rows)!.find(({ name }) => name === sheet)!;
    // Its entry in the directory declares one byte less than there is.
    const lying = Buffer.from(rows);
    const entry = lying.lastIndexOf(sheet) - 46;
    expect(lying.readUInt32LE(entry + 24)).toBe(size);
    lying.writeUInt32LE(size - 1, entry + 24);
    await expect(read(lying)).rejects.toMatchObject(refused('platform.file-unreadable'));
  });

  it('is refused for a cell that no sheet holds', async () => {
    await expect(read(await workbook([['x'.repeat(32_769)]]))).rejects.toMatchObject(
      refused('platform.file-too-large'),
    );
  });

  it('must say how large it is unpacked: a size that is left out, or elsewhere, is no bound', () => {
    const bomb = Buffer.alloc(50_000_000);
    expect(unpackedSize(archive('xl/a.xml', bomb))).toBe(50_000_000);
    expect(unpackedSize(archive('xl/a.xml', bomb, 0))).toBeNull();
    expect(unpackedSize(archive('xl/a.xml', bomb, 0xffffffff))).toBeNull();
    expect(unpackedSize(Buffer.alloc(10))).toBeNull();
  });

  it('hides no bomb where only its reader looks: in sizes beside the content, or in a second directory', () => {
    const name = 'xl/a.xml';
    const of = (change: (whole: DataView, entry: number, end: number) => void, declared = 0): number | null => {
      const whole = Buffer.from(archive(name, Buffer.alloc(50_000_000), declared));
      const end = whole.length - 22;
      change(new DataView(whole.buffer, whole.byteOffset, whole.length), end - 46 - name.length, end);
      return unpackedSize(whole);
    };
    expect(of(() => undefined, 50_000_000)).toBe(50_000_000);
    const beside = of((whole, entry) => {
      whole.setUint16(entry + 8, 8, true);
      whole.setUint32(entry + 20, 0, true);
    });
    expect(beside).toBeNull();
    for (const [field, bytes] of [[10, 2], [12, 4], [16, 4]] as const) // prettier-ignore
      expect(of((whole, _, end) => (bytes === 2 ? whole.setUint16(end + field, 0xffff, true) : whole.setUint32(end + field, 0xffffffff, true)), 1)).toBeNull(); // prettier-ignore
  });
});
