import fc from 'fast-check';
import { csvForms, csvOf, withFormula } from './csv.js';

const text = (value: unknown): string => csvOf([{ name: 'a' }], [{ a: value }]).slice('a\r\n'.length, -2);

describe('a list as CSV', () => {
  it('writes values free of locale, quoted where needed', () => {
    const columns = [{ name: 'number' }, { name: 'text' }, { name: 'amount', isDecimal: true }];
    const rows = [
      { number: 'PU-1', text: 'a "quoted", one', amount: '-1234.50' },
      { number: '1.10', text: null, amount: '0.0001' },
    ];
    expect(csvOf(columns, rows)).toBe('number,text,amount\r\nPU-1,"a ""quoted"", one",-1234.50\r\n1.10,,0.0001\r\n');
  });

  it('opened by double click in a Nordic or German Excel is columns, letters and figures', () => {
    const columns = [{ name: 'name' }, { name: 'code' }, { name: 'amount', isDecimal: true }];
    const rows = [{ name: 'Ærlig Øl; Å', code: '1.10', amount: '-1234.50' }];
    const file = Buffer.from(csvOf(columns, rows, csvForms.excel), 'utf8');
    expect([...file.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(file.subarray(3).toString('utf8')).toBe('name;code;amount\r\n"Ærlig Øl; Å";1.10;-1234,50\r\n');
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['@sum', "'@sum"],
    ['-2+3+cmd', "'-2+3+cmd"],
    [' =1+1', " '=1+1"],
    ['\t=1', `"'\t'=1"`],
    ['paid;=1+1', `"paid;'=1+1"`],
    ['paid, =1+1', `"paid, '=1+1"`],
    ['paid\t+A1', `"paid\t'+A1"`],
    ['first\n@sum', `"first\n'@sum"`],
    ['first\r\n-A1', `"first\r\n'-A1"`],
    ['a";"=1+1', `"a"";""'=1+1"`],
    ['\uff1d1+1', "'\uff1d1+1"],
    ['\uff0bA1', "'\uff0bA1"],
    ['\uff0dA1', "'\uff0dA1"],
    ['\uff20sum', "'\uff20sum"],
    ['+47-22-33', "'+47-22-33"],
    ['+47 -22', "'+47 -22"],
    ['+47.5', "'+47.5"],
    ['+A1', "'+A1"],
    ['+1(1)+cmd', "'+1(1)+cmd"],
  ])('defuses %j', (value, cell) => {
    expect(text(value)).toBe(cell);
  });

  it.each([
    '+47 22 33 44 55',
    '+4722334455',
    '+1 212-555-0100',
    '+44 (0)20 7946 0018',
    '+47 22.33.44.55',
    '+1 (212) 555-0100',
    '-0.50',
    '-1250',
    'e-mail',
    '1-2',
    'a = b',
    'kari@fjord.example',
  ])('leaves %j as it is', (value) => {
    expect(text(value)).toBe(value);
  });

  it('writes an array as one cell, its values joined by commas', () => {
    expect(text(['Admin', 'Auditor'])).toBe('"Admin,Auditor"');
    expect(text(['one'])).toBe('one');
    expect(text([])).toBe('');
    expect(text(['=1', '-5', '+47 22 33 44 55'])).toBe(`"'=1,-5,+47 22 33 44 55"`);
    expect(csvOf([{ name: 'a' }], [{ a: ['x', 'y'] }], csvForms.excel)).toBe('\ufeffa\r\n"x,y"\r\n');
  });

  it.each([
    ['+47 22 33 44 55', "'+47 22 33 44 55"],
    ['-0.50', "'-0.50"],
    [-5, '-5'],
  ])('for Excel marks %j too in a column of text, since a double click would read another figure', (value, cell) => {
    const file = csvOf(
      [{ name: 'a' }, { name: 'amount', isDecimal: true }],
      [{ a: value, amount: '-0.50' }],
      csvForms.excel,
    );
    expect(file).toBe(`\ufeffa;amount\r\n${cell};-0,50\r\n`);
  });

  it.each(["'=as written", "''=1", "'\t=1", "'-5", "a,'=1", "it's"])(
    'gives %j back as it was, though it looks marked',
    (value) => {
      for (const form of Object.values(csvForms)) {
        const file = csvOf([{ name: 'a' }], [{ a: value }], form).slice(form.mark.length + 'a\r\n'.length, -2);
        expect(withFormula(file.startsWith('"') ? file.slice(1, -1) : file)).toBe(value);
      }
    },
  );

  it('begins no formula in any cell, however it is cut, and gives every text back', () => {
    const piece = fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '\uff1d',
      ',',
      ';',
      '\t',
      '|',
      '\r',
      '\n',
      '"',
      ' ',
      'A1',
      '7',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom(...Object.values(csvForms)), (pieces, form) => {
        const value = pieces.join('');
        const file = csvOf([{ name: 'a' }], [{ a: value }], form).slice(form.mark.length + 'a\r\n'.length, -2);
        const cells = file.split(/[,;|\t\r\n]/).map((cell) => cell.replace(/^[\s"]+/u, ''));
        if (!/^-?\d+$/.test(value) && !/^\+\d+( \d[\d -]*)?$/.test(value)) {
          for (const cell of cells) expect(cell).not.toMatch(/^[=+\-@\uff1d]/u);
        }
        const read = file.startsWith('"') ? file.slice(1, -1).replaceAll('""', '"') : file;
        expect(read.replaceAll("'", '')).toBe(value);
      }),
    );
  });
});
