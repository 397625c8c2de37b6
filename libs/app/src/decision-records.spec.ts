import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const records = readdirSync(join(root, 'docs/adr')).filter((name) => name.endsWith('.md'));
const documents = ['README.md', ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name))]; // prettier-ignore

describe('decision records', () => {
  it('have a unique number, the same in the file name and in the heading', () => {
    const numbers = records.map((name) => name.slice(0, 4));
    expect(numbers.filter((number, i) => numbers.indexOf(number) !== i)).toEqual([]);
    const headings = records.map((name) => {
      const [, number = ''] = /^# (\d+)\. /.exec(readFileSync(join(root, 'docs/adr', name), 'utf8')) ?? [];
      return number.padStart(4, '0');
    });
    expect(headings).toEqual(numbers);
  });

  it('and all other documents link to existing files', () => {
    const broken = documents
      .filter((name) => name.endsWith('.md'))
      .flatMap((name) =>
        [...readFileSync(join(root, name), 'utf8').matchAll(/\]\(([^)#\s:]+\.md)(?:#[^)]*)?\)/g)].flatMap(
          ([, to = '']) => (existsSync(join(root, dirname(name), to)) ? [] : [`${name}: ${to}`]),
        ),
      );
    expect(broken).toEqual([]);
  });
});
