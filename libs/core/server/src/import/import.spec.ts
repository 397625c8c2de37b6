import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { amount, command, csvForms, csvOf, plainDate, withFormula } from '@daybook/kernel';
import fc from 'fast-check';
import * as z from 'zod';
import { type CsvRecord, csvRecords, maxColumns, OpenQuote, separatorOf, TooManyColumns } from './csv-records.js';
import { decoded, encodingOf } from './encoding.js';
import { fieldsOf, headersOf, type Mapping, mappingOf, type Template } from './headers.js';
import { fieldKinds, readingsOf, readRow, type ValueForms } from './row-input.js';
import { dateOf, dateReading, decimalOf, decimalReading } from './value-forms.js';
import { recordsBy } from './plan.js';

/** Small files that people stumbled over, outside of the project: without them their specs are left out. */
const cases = join(process.cwd(), '../shared/data/cases');
const withCases = existsSync(cases) ? it : it.skip;
if (!existsSync(cases)) console.warn('Skipped: the external test data ../shared/data/cases is not there.');

async function* inPieces(text: string, size: number): AsyncIterable<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
async function* bytesOf(...chunks: readonly (readonly number[] | string)[]): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk as string);
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
const records = (text: string, separator = separatorOf(text.split('\n', 1)[0]!), size = text.length || 1) =>
  all(csvRecords(inPieces(text, size), separator));
const recordsOf = (name: string): Promise<CsvRecord[]> => records(readFileSync(join(cases, name), 'utf8'));
const column = (found: readonly CsvRecord[], at: number): string[] =>
  found.slice(1).map(({ cells }) => cells[at] ?? '');

describe('a CSV file that comes in', () => {
  it('is UTF-8 where all of it decodes as UTF-8, else Windows-1252, and a byte order mark says it at once', async () => {
    expect(await encodingOf(bytesOf('Ærlig Øl'))).toBe('utf-8');
    expect(await encodingOf(bytesOf([]))).toBe('utf-8');
    // A letter cut in two by the chunks, and one that never ends.
    expect(await encodingOf(bytesOf([0xc3], [0xa6]))).toBe('utf-8');
    expect(await encodingOf(bytesOf('a', [0xc3]))).toBe('windows-1252');
    expect(await encodingOf(bytesOf('Prices ', [0x80, 0x20, 0xe6]))).toBe('windows-1252');
    expect(await encodingOf(bytesOf([0xff], [0xfe, 0x41, 0x00]))).toBe('utf-16le');
    expect((await all(decoded(bytesOf([0xef, 0xbb, 0xbf, 0x41]), 'utf-8'))).join('')).toBe('A');
    expect((await all(decoded(bytesOf([0x80, 0xe6]), 'windows-1252'))).join('')).toBe('€æ');
  });

  it('is cut the same into records, however its bytes come', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', ' ', ',', ';', '"', '\n', '\r', '\t', "'", '='),
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { maxLength: 5 }),
        fc.integer({ min: 1, max: 7 }),
        async (rows, size) => {
          for (const form of Object.values(csvForms)) {
            const file = csvOf([{ name: 'a' }, { name: 'b' }], rows.map(([a, b]) => ({ a, b })), form); // prettier-ignore
            const found = await records(file.slice(form.mark.length), form.separator, size);
            const read = found.slice(1).map(({ cells }) => cells.map(withFormula));
            expect(read).toEqual(rows);
          }
        },
      ),
    );
  });

  it('says in which line each record begins, and in which a quote was opened that nothing closes', async () => {
    const found = await records('a,b\r\n"two\r\nlines",x\r\n\r\nlast,y', ',');
    expect(found.map(({ number, line }) => [number, line])).toEqual([[0, 1], [1, 2], [2, 5]]); // prettier-ignore
    await expect(records('a,b\n"open,x\ny,z\n')).rejects.toEqual(new OpenQuote(2));
  });

  it('is refused for a record that is wider than any file that is read', async () => {
    const wide = (columns: number) => `name\n${','.repeat(columns - 1)}\n`;
    expect((await records(wide(maxColumns), ','))[1]!.cells).toHaveLength(maxColumns);
    await expect(records(wide(maxColumns + 1), ',')).rejects.toEqual(new TooManyColumns(2));
  });

  it('names its separator by the line of names, quoted ones aside', () => {
    expect(separatorOf('"a;b";c;d')).toBe(';');
    expect(separatorOf('a\tb')).toBe('\t');
    expect(separatorOf('alone')).toBe(',');
  });
});

describe('the columns of a file', () => {
  withCases('are known by place: two of one name are two, and in another file nothing moves up', async () => {
    const [header, ...rows] = await recordsOf('64-headers-twice/1-two-phones.csv');
    const headers = headersOf(header!.cells);
    expect(headers.map(({ name, occurrence }) => [name, occurrence])).toEqual([
      ['Name', 1], ['Phone', 1], ['Phone', 2], ['Phone_1', 1], ['E-mail', 1], ['e-mail', 1], ['', 1],
    ]); // prettier-ignore
    const fields = ['name', 'mobile', 'office', 'note', 'work', 'private'];
    const template: Template = fields.map((field, at) => ({ field, blank: 'keep', ...headers[at]! }));
    const mapping = mappingOf(template, headers);
    expect(mapping).toMatchObject({ missing: [], unused: [{ place: 7, name: '' }] });
    const [berit, ole, siri] = rows.map(({ cells }) => fieldsOf(mapping, cells));
    expect(berit).toEqual({
      name: 'Berit Aas', mobile: '+46 70 174 06 05', office: '+46 8 465 004 01', note: 'ext. 12',
      work: 'berit@nordlys.example.com', private: 'b.aas@privat.example.com',
    }); // prettier-ignore
    expect(ole).toEqual({ name: 'Ole Vik', office: '+46 8 465 004 02', private: 'ole@nordlys.example.com' });
    expect(siri).toMatchObject({ mobile: '+46 70 174 06 06', office: '+46 70 174 06 06' });

    const [second, per] = await recordsOf('64-headers-twice/2-one-phone.csv');
    const kept = mappingOf(template, headersOf(second!.cells));
    expect(fieldsOf(kept, per!.cells)).toEqual({
      name: 'Per Lund', mobile: '+46 8 465 004 03', work: 'per@nordlys.example.com',
    }); // prettier-ignore
    expect(kept.missing.map(({ name, occurrence }) => [name, occurrence])).toEqual([['Phone', 2], ['Phone_1', 1], ['e-mail', 1]]); // prettier-ignore
  });

  withCases('fill fields from their own row alone, and a blank clears only where the mapping says so', async () => {
    const [header, ...rows] = await recordsOf('62-import-rows/2-update.csv');
    const headers = headersOf(header!.cells);
    const template = (blank: 'keep' | 'clear'): Template =>
      headers.map((one) => ({ field: one.name.toLowerCase(), blank, ...one }));
    const read = (blank: 'keep' | 'clear') =>
      rows.map(({ cells }) => fieldsOf(mappingOf(template(blank), headers), cells));
    expect(read('keep')).toEqual([
      { email: 'berit@nordlys.example.com', title: 'Manager' },
      { email: 'siri@nordlys.example.com', city: 'Stavanger' },
      { city: 'Molde', title: 'Director' },
    ]);
    expect(read('clear')[1]).toEqual({ email: 'siri@nordlys.example.com', city: 'Stavanger', title: null });
  });

  withCases('keep quotes inside a cell, lines inside quotes, and an empty cell where one is missing', async () => {
    const found = await recordsOf('62-import-rows/3-bad-rows.csv');
    expect(found.map(({ number, line }) => [number, line])).toEqual([[0, 1], [1, 2], [2, 4], [3, 5], [4, 6], [5, 7]]); // prettier-ignore
    expect(column(found, 0)).toEqual(['Kai Holm', 'Liv Strand', 'Nils "Nisse" Haug', 'Ida Berge', 'Jo Li']);
    expect(column(found, 2)).toEqual([
      'Prefers calls.\nNot on Mondays; says "later"',
      '',
      'pipes of 5" and 8"',
      'Unit 4, yard',
      '',
    ]);
    await expect(recordsOf('62-import-rows/4-open-quote.csv')).rejects.toThrow(
      'The quote opened in line 2 is never closed.',
    );
    const first = await recordsOf('62-import-rows/1-new.csv');
    expect(column(first, 1).filter((address) => address === '')).toHaveLength(2);
  });
});

describe('the rows of a file', () => {
  const createContact = command('crm.contact.create', {
    title: 'Create a contact',
    http: 'POST /v1/crm/contacts',
    says: 'created a contact',
    input: z.object({
      name: z.string(),
      email: z.email('Give an e-mail address.').optional(),
      note: z.string().optional(),
      born: plainDate.optional(),
      owed: amount.optional(),
      employees: z.int().optional(),
      vip: z.boolean().optional(),
    }),
  });
  const mappedBy = (header: CsvRecord) =>
    mappingOf(headersOf(header.cells).map((one) => ({ field: one.name.toLowerCase(), blank: 'keep', ...one })), headersOf(header.cells)); // prettier-ignore

  const kinds = fieldKinds(createContact);
  const readAll = (mapping: Mapping, forms: ValueForms, rows: readonly CsvRecord[]) =>
    rows.map((row) => readRow(kinds, mapping, forms, row));

  withCases('give no row anything of another', async () => {
    const [header, ...rows] = await recordsOf('62-import-rows/1-new.csv');
    const mapping = mappingOf([{ field: 'name', name: 'Name', occurrence: 1, blank: 'keep' }, { field: 'email', name: 'Email', occurrence: 1, blank: 'keep' }], headersOf(header!.cells)); // prettier-ignore
    expect(readAll(mapping, {}, rows).map(({ fields }) => fields)).toEqual([
      { name: 'Berit Aas', email: 'berit@nordlys.example.com' },
      { name: 'Ole Vik' },
      { name: 'Siri Dal', email: 'siri@nordlys.example.com' },
      { name: 'Per Lund' },
      { name: 'Eva Moe', email: 'eva@nordlys.example.com' },
    ]);
  });

  withCases('with a day that does not exist are refused, and those with one are that day', async () => {
    const [header, ...rows] = await recordsOf('65-import-dates/4-no-such-day.csv');
    const mapping = mappedBy(header!);
    expect(readingsOf(kinds, mapping, rows)).toEqual({
      born: { kind: 'known', form: 'day-first' },
    });
    const read = readAll(mapping, { born: 'day-first' }, rows);
    expect(read.map(({ fields, errors }) => fields['born'] ?? errors[0]?.message)).toEqual([
      '“1981-02-29” is not a date that exists.',
      '“1981-11-31” is not a date that exists.',
      '1980-02-29',
      '“0000-00-00” is not a date that exists.',
    ]);
  });

  it('are read as what their fields are', async () => {
    const [header, ...rows] = await records("Name;Owed;Employees;VIP\n'=Sum;-1.234,50;12;Yes\nB;5;x;perhaps\n");
    const mapping = mappedBy(header!);
    expect(readingsOf(kinds, mapping, rows)).toEqual({ owed: { kind: 'known', form: 'comma' } });
    const [good, bad] = readAll(mapping, { owed: 'comma' }, rows);
    expect(good).toEqual({ fields: { name: '=Sum', owed: '-1234.50', employees: 12, vip: true }, errors: [] });
    expect(bad!.errors.map(({ pointer }) => pointer)).toEqual(['/employees', '/vip']);
  });
});

describe('what goes out and comes in again', () => {
  withCases('is the same, byte for byte, and no text begins a formula', () => {
    const { organisations } = JSON.parse(readFileSync(join(cases, '63-csv-out-and-in/values.json'), 'utf8')) as { organisations: Record<string, string>[] }; // prettier-ignore
    const columns = Object.keys(organisations[0]!).map((name) => ({ name, isDecimal: name === 'amount' }));
    return Promise.all(
      Object.values(csvForms).map(async (form) => {
        const found = await records(csvOf(columns, organisations, form).slice(form.mark.length), form.separator);
        const amounts = column(found, 4);
        const reading = decimalReading(amounts);
        expect(reading).toEqual({ kind: 'known', form: form.decimalSign === ',' ? 'comma' : 'point' });
        const read = found.slice(1).map(({ cells: [code, name, phone, note, amount] }) => ({
          code: withFormula(code!), name: withFormula(name!), phone: withFormula(phone!), note: withFormula(note!),
          amount: amount === '' ? '' : decimalOf(amount!, form.decimalSign === ',' ? 'comma' : 'point'),
        })); // prettier-ignore
        expect(read).toEqual(organisations);
        const cells = found.slice(1).flatMap(({ cells: all }) => all.slice(0, 4));
        if (form === csvForms.excel) for (const cell of cells) expect(cell).not.toMatch(/^[=+\-@\t]/);
      }),
    );
  });
});

describe('dates of a column', () => {
  withCases('have one reading, which one row decides', async () => {
    const found = await recordsOf('65-import-dates/1-one-row-decides.csv');
    expect(dateReading(column(found, 1))).toEqual({ kind: 'known', form: 'day-first' });
    expect(column(found, 1).map((text) => dateOf(text, 'day-first'))).toEqual([
      '1981-04-03',
      '1979-12-25',
      '1990-11-12',
    ]);
    expect(dateReading(column(found, 2))).toEqual({ kind: 'known', form: 'day-first' });
    expect(column(found, 2).map((text) => dateOf(text, 'day-first'))).toEqual([
      '2024-02-29',
      '2025-03-01',
      '2025-11-30',
    ]);
  });

  withCases('are asked about where nothing decides, and named where rows disagree', async () => {
    expect(dateReading(column(await recordsOf('65-import-dates/2-nothing-decides.csv'), 1))).toEqual({
      kind: 'ask',
      forms: ['day-first', 'month-first'],
    });
    expect(dateReading(column(await recordsOf('65-import-dates/3-contradiction.csv'), 1))).toEqual({
      kind: 'contradiction',
      against: { 'day-first': [1], 'month-first': [0] },
    });
  });

  withCases('that do not exist are none, and decide nothing', async () => {
    const found = column(await recordsOf('65-import-dates/4-no-such-day.csv'), 1);
    expect(dateReading(found)).toEqual({ kind: 'known', form: 'day-first' });
    expect(found.map((text) => dateOf(text, 'day-first'))).toEqual([null, null, '1980-02-29', null]);
  });

  it('with dots begin with the day, and have four digits of the year', () => {
    expect(dateReading(['03.04.1981'])).toEqual({ kind: 'known', form: 'day-first' });
    expect(dateOf('3.4.1981', 'day-first')).toBe('1981-04-03');
    expect(dateOf('03/04/81', 'day-first')).toBeNull();
    expect(dateReading(['31/11/1981', '01/02/1981'])).toEqual({ kind: 'known', form: 'day-first' });
    expect(dateReading(['', 'soon'])).toEqual({ kind: 'known', form: 'day-first' });
  });
});

describe('decimals of a column', () => {
  it.each([
    ['1,234.50', 'point', '1234.50'],
    ['1.234,50', 'comma', '1234.50'],
    ['1 234,50', 'comma', '1234.50'],
    ['1\u00a0234\u00a0567,5', 'comma', '1234567.5'],
    ['\u22120,50', 'comma', '-0.50'],
    ['+5', 'point', '5'],
    ['007', 'point', '7'],
    ['-0.00', 'point', '0.00'],
    ['12345678901234567.89', 'point', '12345678901234567.89'],
    ['1,23', 'point', null],
    ['1.23,4.5', 'comma', null],
    ['12.34.567', 'comma', null],
    ['1e5', 'point', null],
  ] as const)('reads %j with a %s as %j', (text, form, value) => {
    expect(decimalOf(text, form)).toBe(value);
  });

  it('have one form, and are asked about where a thousand could be a fraction', () => {
    expect(decimalReading(['1.234', '0,5'])).toEqual({ kind: 'known', form: 'comma' });
    expect(decimalReading(['1.234', '10'])).toEqual({ kind: 'ask', forms: ['point', 'comma'] });
    expect(decimalReading(['1,50', '1.50'])).toEqual({ kind: 'contradiction', against: { point: [0], comma: [1] } });
    expect(decimalReading(['10', 'n/a'])).toEqual({ kind: 'known', form: 'point' });
  });
});

describe('the records that rows are matched with', () => {
  it('are those of the wanted values, two of each at most, however many have one', () => {
    const { records: found, take } = recordsBy('code', new Set(['a', 'b']));
    const counted = ['A', 'x', 'b', ' a ', 'a', 'a'].map((code, id) => take({ id, code }));
    expect(counted).toEqual([1, 1, 2, 2, 2, 2]);
    expect([...found].map(([key, same]) => [key, same.map(({ id }) => id)])).toEqual([['a', [0, 3]], ['b', [2]]]); // prettier-ignore
  });

  it('are all where none is wanted, and tell how many there are', () => {
    const { take } = recordsBy('id', null);
    expect(['a', 'b', 'a', null].map((id) => take({ id }))).toEqual([1, 2, 2, 3]);
  });
});
