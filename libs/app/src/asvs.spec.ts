import { transformSync } from '@swc/core';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const document = readFileSync(`${root}docs/asvs.md`, 'utf8');

/** The items that a test can prove; those of headers and cross-site requests are chapter 3. */
const asked =
  `2.3.5 6.2.1 6.2.4 6.2.5 6.2.8 6.2.9 6.3.1 6.3.2 6.3.8 6.4.3 6.5.1 6.5.5 7.2.4 7.4.1 7.4.2 7.4.3 7.5.1 7.5.2 7.5.3
  8.2.1 8.2.2 8.2.3 8.3.2 8.4.1 9.1.1 9.1.2 9.1.3 9.2.1 9.2.2 9.2.3 9.2.4 4.1.1 4.1.3 4.1.4 4.3.1 4.3.2 12.3.2 16.2.5 16.3.1 16.3.2
  16.4.1 16.5.1 16.5.3 16.5.4`.split(/\s+/);

const rows = document.split('\n').flatMap((line) => {
  const [, item = '', , , proofs = ''] = line.split('|').map((cell) => cell.trim());
  return /^\d/.test(item) ? [{ item, proofs: proofs.split('<br>').map((proof) => proof.replaceAll('`', '')) }] : [];
});

describe('the map of ASVS items to specs', () => {
  it('has one line for every item', () => {
    const items = rows.map(({ item }) => item);
    expect(asked.filter((item) => !items.includes(item))).toEqual([]);
    expect(new Set(items).size).toBe(items.length);
  });

  it('names only specs that exist, by file and title', () => {
    const wrong = rows.flatMap(({ item, proofs }) =>
      proofs.flatMap((proof) => {
        const [, file = '', title = ''] = /^(\S+) › (.+)$/.exec(proof) ?? [];
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

/* `npm run test:controls` takes each of these out and sees its specs fail; this holds the list to the document and the code. */
interface Control {
  readonly item: string;
  readonly out: string;
  readonly changes: readonly { readonly file: string; readonly find: string; readonly put: string }[];
  readonly fails: readonly string[];
}
const listed = `${root}tools/checks/controls/`;
const controls = readdirSync(listed)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => JSON.parse(readFileSync(listed + name, 'utf8')) as Control[]);

describe('the list of controls that are removed', () => {
  const texts = new Map<string, string>();
  const textOf = (file: string): string => {
    const text = texts.get(file) ?? (existsSync(root + file) ? readFileSync(root + file, 'utf8') : '');
    texts.set(file, text);
    return text;
  };

  it('has a control for every item and every spec that proves it, and no other', () => {
    const pairs = (all: readonly (readonly [string, readonly string[]])[]) =>
      [...new Set(all.flatMap(([item, proofs]) => proofs.map((proof) => `${item}: ${proof}`)))].sort();
    expect(pairs(controls.map(({ item, fails }) => [item, fails]))).toEqual(
      pairs(rows.map(({ item, proofs }) => [item, proofs])),
    );
    const names = controls.map(({ item, out }) => `${item} ${out}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('names texts that occur exactly once in their files, and leaves code that compiles', () => {
    const wrong = controls.flatMap(({ item, out, changes }) => {
      const without = new Map<string, string>();
      const faults = changes.flatMap(({ file, find, put }) => {
        const text = without.get(file) ?? textOf(file);
        without.set(
          file,
          text.replace(find, () => put),
        );
        const times = text.split(find).length - 1;
        return times === 1 && find !== put ? [] : [`${item} ${out}: ${times} times in ${file}: ${find}`];
      });
      const broken = [...without].flatMap(([file, text]) => (compiles(file, text) ? [] : [`${item} ${out}: ${file}`]));
      return [...faults, ...broken];
    });
    expect(wrong).toEqual([]);
  });

  function compiles(file: string, text: string): boolean {
    const syntax = file.endsWith('.ts') ? ({ syntax: 'typescript', decorators: true } as const) : ({ syntax: 'ecmascript' } as const); // prettier-ignore
    try {
      return transformSync(text, { swcrc: false, configFile: false, jsc: { parser: syntax } }).code !== '';
    } catch {
      return false;
    }
  }
});
