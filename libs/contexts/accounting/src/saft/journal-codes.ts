/** The journal of the opening entries of imports. */
export const openingJournal = { code: 'OB', name: 'Opening balances' } as const;

const longest = 10;
const letters: Readonly<Record<string, string>> = { Æ: 'AE', Ø: 'OE', Å: 'AA', Ð: 'D', Þ: 'TH', ß: 'SS' };

/** A journal code for a JournalID of the file: `Kunde-faktura` becomes `KUNDEFAKTU`. */
function codeOf(id: string): string {
  const plain = id
    .toUpperCase()
    .replace(/[ÆØÅÐÞß]/g, (letter) => letters[letter] ?? '')
    .normalize('NFD')
    .replace(/[^A-Z0-9]/g, '');
  return plain === '' ? 'J' : plain.slice(0, longest);
}

/** Gives each JournalID of a file its own code, in the order of the file, so that the same file gives the same codes. */
export class JournalCodes {
  private readonly codes = new Map<string, string>();
  private readonly taken = new Set<string>([openingJournal.code]);

  of(id: string): string {
    const known = this.codes.get(id);
    if (known) return known;
    const plain = codeOf(id);
    let code = plain;
    for (let n = 2; this.taken.has(code); n++) {
      const suffix = String(n);
      code = plain.slice(0, longest - suffix.length) + suffix;
    }
    this.taken.add(code);
    this.codes.set(id, code);
    return code;
  }
}
