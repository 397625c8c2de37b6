import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const document = readFileSync(`${root}docs/asvs.md`, 'utf8');

/** The items that a test can prove; those of headers and cross-site requests are chapter 3. */
const asked =
  `6.2.1 6.2.4 6.2.5 6.2.8 6.2.9 6.3.1 6.3.2 6.3.8 6.4.3 6.5.1 6.5.5 7.2.4 7.4.1 7.4.2 7.4.3 7.5.1 7.5.2 7.5.3
  8.2.1 8.2.2 8.2.3 8.3.2 8.4.1 9.1.1 9.1.2 9.1.3 9.2.1 9.2.2 9.2.3 9.2.4 4.1.1 4.1.3 4.1.4 4.3.1 4.3.2 16.2.5 16.3.1 16.3.2
  16.4.1 16.5.1 16.5.3 16.5.4`.split(/\s+/);

describe('the map of ASVS items to specs', () => {
  const rows = document.split('\n').flatMap((line) => {
    const [, item = '', , , proofs = ''] = line.split('|').map((cell) => cell.trim());
    return /^\d/.test(item) ? [{ item, proofs: proofs.split('<br>') }] : [];
  });

  it('has a line for every item, and one each', () => {
    const items = rows.map(({ item }) => item);
    expect(asked.filter((item) => !items.includes(item))).toEqual([]);
    expect(new Set(items).size).toBe(items.length);
  });

  it('names only specs that exist, by file and title', () => {
    const wrong = rows.flatMap(({ item, proofs }) =>
      proofs.flatMap((proof) => {
        const [, file = '', title = ''] = /^`([^`]+)` › (.+)$/.exec(proof) ?? [];
        if (title === '' || !existsSync(root + file)) return [`${item}: ${proof}`];
        const titles = [...readFileSync(root + file, 'utf8').matchAll(/\bit\(\s*(['"`])(.*?)\1,/gs)].map(
          ([, , text]) => text,
        );
        return titles.includes(title) ? [] : [`${item}: ${file} has no "${title}"`];
      }),
    );
    expect(wrong).toEqual([]);
  });
});
