import { startImport } from './import.operations.js';

describe('the name of an imported file', () => {
  const named = (name: string) => startImport.input.safeParse({ sha256: 'a'.repeat(64), name });

  it.each(['annual\u202efdp.exe', 'books\u200b.xml', 'books\n2026.xml', '\u3164'])(
    'is refused where it holds what nobody sees, or a second line: %j',
    (name) => {
      expect(named(name).error?.issues[0]?.path).toEqual(['name']);
    },
  );

  it('may be any other text', () => {
    expect(named('Årsregnskap 2026 (søk).xml').data?.name).toBe('Årsregnskap 2026 (søk).xml');
  });
});
