import { JournalCodes } from './journal-codes.js';

describe('journal codes', () => {
  it('are unique and made of the JournalIDs of the file', () => {
    const codes = new JournalCodes();
    expect(['GL', '123ABC', 'gl', 'Kjøp', 'Kundefaktura', 'Kundefakturakopi', '—', 'OB'].map((id) => codes.of(id))).toEqual(['GL', '123ABC', 'GL2', 'KJOEP', 'KUNDEFAKTU', 'KUNDEFAKT2', 'J', 'OB2']); // prettier-ignore
    expect(codes.of('gl')).toBe('GL2');
  });
});
