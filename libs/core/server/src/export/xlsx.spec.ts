import { Readable } from 'node:stream';
import { streamXlsxRows } from 'hucre/xlsx';
import type { FileColumn } from './columns.js';
import type { AsText } from './content.js';
import { xlsxContent } from './xlsx.js';

const column = (name: string, as: FileColumn['as']): FileColumn => ({ name, as, isDecimal: as === 'decimal' });

async function* pagesOf(...pages: readonly (readonly Record<string, unknown>[])[]) {
  yield* pages;
}

/** The rows that a reader finds, and the XML of the sheet. */
async function written(columns: readonly FileColumn[], rows: readonly Record<string, unknown>[], sheetRows?: number) {
  const asText: AsText = {};
  const file = await Readable.from(xlsxContent(columns, pagesOf(rows), asText, sheetRows)).toArray();
  const bytes = Buffer.concat(file as Buffer[]);
  const found: unknown[][] = [];
  for await (const { values } of streamXlsxRows(bytes)) found.push(values);
  return { found, asText };
}

describe('a list as a spreadsheet', () => {
  it('has its columns in the first row, also without any others', async () => {
    expect((await written([column('id', 'text'), column('amount', 'decimal')], [])).found).toEqual([['id', 'amount']]);
  });

  it('has decimals as numbers where a cell keeps every digit, else as text, and counts those', async () => {
    const amounts = [
      '1234.50',
      '-0.01',
      '0',
      '914208331000000',
      '0.000000000000001',
      '7203519486027413',
      '12345678901234567.89',
      '',
      'n/a',
    ];
    const { found, asText } = await written([column('amount', 'decimal')], amounts.map((amount) => ({ amount }))); // prettier-ignore
    expect(found.slice(1).map(([value]) => value ?? null)).toEqual([
      1234.5, -0.01, 0, 914208331000000, 1e-15, '7203519486027413', '12345678901234567.89', null, 'n/a',
    ]); // prettier-ignore
    expect(asText).toEqual({ amount: 3 });
  });

  it('has text as text, whatever it looks like, and every character of it', async () => {
    const texts = ['=2+3', '+47', '000417', '1E5', "'=as written", ' lead', 'two\nlines', 'cr\r\nlf', 'bell \u0007 here', '_x0041_ stays', 'a<b & "c"', '\ufffe', 'x'.repeat(32_767)]; // prettier-ignore
    const { found } = await written([column('text', 'text')], texts.map((text) => ({ text }))); // prettier-ignore
    expect(found.slice(1).map(([value]) => value)).toEqual(texts);
  });

  it('has dates as dates, which spreadsheets have from March 1900 on', async () => {
    const { found } = await written([column('on', 'date'), column('many', 'number'), column('yes', 'boolean')], [
      { on: '2026-03-31', many: 7, yes: true },
      { on: '1900-03-01', many: 2 ** 53, yes: false },
      { on: '1900-02-28', many: null, yes: null },
    ]); // prettier-ignore
    expect(found.slice(1).map(([on]) => (on instanceof Date ? on.toISOString().slice(0, 10) : on))).toEqual([
      '2026-03-31',
      '1900-03-01',
      '1900-02-28',
    ]);
    expect(found[1]!.slice(1)).toEqual([7, true]);
    expect(found[2]!.slice(1)).toEqual(['9007199254740992', false]);
  });

  it('is refused by name where a cell or the sheet would have to be cut', async () => {
    await expect(written([column('text', 'text')], [{ text: 'x'.repeat(32_768) }])).rejects.toMatchObject({
      rejection: { code: 'platform.cell-too-long', details: { column: 'text', row: 2 } },
    });
    const three = [{}, {}, {}];
    expect((await written([column('none', 'text')], three, 4)).found).toHaveLength(4);
    await expect(written([column('none', 'text')], three, 3)).rejects.toMatchObject({
      rejection: { code: 'platform.too-many-rows', details: { most: 2 } },
    });
  });
});
