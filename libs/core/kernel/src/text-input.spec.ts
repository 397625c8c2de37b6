import { asOneLine, hiddenCharacterIn, oneLine, oneLineOrEmpty, plainText } from './text-input.js';

const name = oneLine(20, 'Give a name.');
const wrong = (schema: ReturnType<typeof oneLine>, text: string): string | null =>
  schema.safeParse(text).error?.issues[0]?.message ?? null;

describe('a name of one line', () => {
  it.each([
    ['Ærlig Regnskap & Sønn AS'.slice(0, 20)],
    ['Żółć'],
    ['株式会社 東京'],
    ['עברית'],
    ['شركة'],
    ['O’Brien – “x”'],
    ['Café 🙂'],
  ])('%s is taken as it is', (text) => {
    expect(name.parse(text)).toBe(text.normalize('NFC'));
  });

  it.each([
    ['a line break', 'Fjord\nAS', 'U+000A'],
    ['a carriage return', 'Fjord\rAS', 'U+000D'],
    ['a tab', 'Fjord\tAS', 'U+0009'],
    ['a null', 'Fjord\0AS', 'U+0000'],
    ['a control of the second block', 'Fjord\u0085AS', 'U+0085'],
    ['a line separator', 'Fjord\u2028AS', 'U+2028'],
    ['a zero-width space', 'Fjord\u200bAS', 'U+200B'],
    ['a zero-width joiner', 'Fjord\u200dAS', 'U+200D'],
    ['a word joiner', 'Fjord\u2060AS', 'U+2060'],
    ['a byte order mark within', 'Fjord\ufeffAS', 'U+FEFF'],
    ['a soft hyphen', 'Fj\u00adord', 'U+00AD'],
    ['an override of direction', 'Fjord\u202eSA', 'U+202E'],
    ['an isolate', 'Fjord\u2066SA', 'U+2066'],
    ['a mark of direction', 'Fjord\u200f', 'U+200F'],
    ['a filler that shows nothing', 'Fjord\u3164', 'U+3164'],
    ['a variation selector', 'Fjord\ufe0f', 'U+FE0F'],
    ['a tag', 'Fjord\u{e0041}', 'U+E0041'],
    ['a private character', 'Fjord\ue000', 'U+E000'],
    ['a blank of braille', '\u2800', 'U+2800'],
  ])('with %s is refused, and which character it is', (_, text, code) => {
    expect(wrong(name, text)).toEqual(expect.stringContaining(code));
  });

  it('that is blank is none, whatever the blanks', () => {
    for (const text of ['', '   ', '\u00a0\u3000', '\n']) expect(wrong(name, text)).toBe('Give a name.');
    expect(wrong(name, '\u0301')).toBe('Write something that can be seen.');
    expect(oneLineOrEmpty(20).parse('  ')).toBe('');
  });

  it('looks alike only where it is alike: spaces are one kind, and accents are composed', () => {
    expect(name.parse('  Fjord\u00a0\u2003 AS ')).toBe('Fjord AS');
    expect(name.parse('Cafe\u0301')).toBe('Café');
    expect(wrong(name, 'x'.repeat(21))).toContain('20');
  });
});

it('a reason may have lines, and nothing else that is not seen', () => {
  const reason = plainText(50);
  expect(reason.parse(' Left.\n\tMoved to Oslo.\r\n ')).toBe('Left.\n\tMoved to Oslo.');
  expect(wrong(reason, 'Left\u202e.')).toEqual(expect.stringContaining('U+202E'));
  expect(wrong(reason, 'Left\u0007.')).toEqual(expect.stringContaining('U+0007'));
});

it('a text of elsewhere is shown as one line, with blanks for what shows nothing', () => {
  expect(asOneLine('Fjord\r\nBcc: x\u202e@y\u200b')).toBe('Fjord Bcc: x @y');
});

it('a character that shows nothing is found in a text of elsewhere, and lines and tabs are none', () => {
  expect(hiddenCharacterIn('Fjord\r\n\tAS')).toBeNull();
  expect(hiddenCharacterIn('Fjord\u0001\u202e')).toBe('U+0001');
});
