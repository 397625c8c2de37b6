interface Row {
  readonly old: string;
  readonly now: string;
  readonly where: readonly string[];
}
interface Code {
  readonly names: ReadonlySet<string>;
  readonly scripts: readonly string[];
}
interface Checks {
  deadReferences(path: string, text: string, paths: readonly string[], code?: Code): string[];
  differingCode(path: string, text: string, read: (path: string) => string): string[];
  namesIn(markdown: string): Row[];
  oldNames(path: string, text: string, rows: readonly Row[]): string[];
  missingTitles(markdown: string, read: (path: string) => string | null): string[];
}
const load = async (name: string) => (await import(new URL(`${name}.mjs`, import.meta.url).href)) as Checks;

describe('the check of references', () => {
  const paths = ['README.md', 'docs/operator.md', 'docs/adr/0004-imports.md', 'docs/images/report.png'];
  const dead = async (text: string, path = 'docs/operator.md') =>
    (await load('documents')).deadReferences(path, text, paths);

  it('accepts links, paths and records that exist', async () => {
    const text =
      '[Read on](../README.md#top), [here](#here), [there](https://example.org/x.md), ![](images/report.png),\n' +
      '[all](adr/), decision 4, decisions 4, docs/adr/0004, docs/operator.md. See /docs/start.js.';
    expect(await dead(text)).toEqual([]);
  });

  it('reports a broken link, path and record with its line', async () => {
    expect(await dead('fine\n[Read on](missing.md)\n')).toEqual([
      'docs/operator.md:2 refers to missing.md, which is not there.',
    ]);
    expect(await dead('// see docs/nowhere.md', 'libs/core/kernel/src/a.ts')).toEqual([
      'libs/core/kernel/src/a.ts:1 refers to docs/nowhere.md, which is not there.',
    ]);
    expect(await dead('see `libs/core/kernel/src/gone.ts`')).toHaveLength(1);
    expect(await dead('(docs/adr/0099)')).toHaveLength(1);
    expect(await dead('(decision 99)')).toHaveLength(1);
  });

  it('reports names in the code, file names and scripts that are gone, and none of another time', async () => {
    const code = { names: new Set(['postEntry', 'CommandBus']), scripts: ['build'] };
    const { deadReferences } = await load('documents');
    const gone = (text: string, path = 'docs/operator.md') => deadReferences(path, text, ['libs/a/b.ts'], code).length;
    expect(gone('`postEntry`, `Books.postEntry(id)`, `CommandBus`, `b.ts`, `x.events.ts`, `npm run -s build`')).toBe(0);
    for (const text of ['`postNote`', '`Books.postNote()`', '`OldBus`', '`gone.ts`', 'npm run gone']) {
      expect(gone(text)).toBe(1);
      expect(gone(text, 'docs/changes.md')).toBe(0);
    }
  });

  it('reports code that is not what the source above it says', async () => {
    const { differingCode } = await load('documents');
    const text = 'What it is, `a/b.ts`:\n```ts\nconst a = 1;\n```\n';
    expect(differingCode('docs/x.md', text, () => 'let b;\nconst a = 1;\n')).toEqual([]);
    expect(differingCode('docs/x.md', text, () => 'const a = 2;\n')).toEqual([
      'docs/x.md: block 1 of code is not what a/b.ts says.',
    ]);
  });

  it('reports papers that were never part of the repository', async () => {
    for (const paper of ['DECISIONS', 'STYLE', 'KIT']) {
      expect(await dead(`the ledger (${paper} 7)`)).toHaveLength(1);
      expect(await dead(`see ${paper}.md`)).toHaveLength(1);
    }
    expect(await dead('KIT and STYLE as words, ISO 4217, RFC 9457, README.md')).toEqual([]);
  });
});

describe('the check of old names', () => {
  const markdown = [
    'A table of something else:',
    '| door | leads |',
    '|---|---|',
    '| `REST` | in |',
    '',
    '| old | new | where |',
    '|---|---|---|',
    '| `books.note.read`, `notes.ts` | `books.comment.read` | |',
    '| `books.tag*` | `books.label*` | |',
    '| `note` | `comment` | `libs/contexts/books/**` |',
    '',
    'Words after it: `fine`.',
  ].join('\n');
  const found = async (path: string, text: string) => {
    const { namesIn, oldNames } = await load('old-names');
    return oldNames(path, text, namesIn(markdown));
  };

  it('reads the tables of old and new names, and no other', async () => {
    const rows = (await load('old-names')).namesIn(markdown);
    expect(rows.map(({ old }) => old)).toEqual(['books.note.read', 'notes.ts', 'books.tag*', 'note']);
    expect(rows.at(-1)).toEqual({ old: 'note', now: '`comment`', where: ['libs/contexts/books/**'] });
  });

  it('finds an old name in a text and in a path', async () => {
    expect(await found('docs/a.md', "fine\npermission: 'books.note.read'")).toEqual([
      'docs/a.md:2 says books.note.read, which is now `books.comment.read`.',
    ]);
    expect(await found('libs/core/files/src/notes.ts', '')).toEqual([
      'libs/core/files/src/notes.ts is named notes.ts, which is now `books.comment.read`.',
    ]);
    expect(await found('docs/a.md', 'books.tags, books.tag-added')).toHaveLength(1);
  });

  it('matches whole words only, and a common word only in its globs', async () => {
    expect(await found('docs/a.md', 'books.note.reader, footnotes.ts, e-books.tag, a note')).toEqual([]);
    expect(await found('libs/contexts/books/src/a.ts', 'a note, a notebook, a side-note')).toHaveLength(1);
  });
});

it('refuses a page of titles with a title that its file does not hold, and with a file that is gone', async () => {
  const page = (file: string) => `## \`${file}\`\n\n| 0.1 | 0.2 |\n|---|---|\n| says a | says b \\| c |\n`;
  const read = (path: string) => (path === 'a.spec.ts' ? "it('says b | c', () => {" : path === 'b.spec.ts' ? '' : null);
  const { missingTitles } = await load('old-names');
  expect(missingTitles(page('a.spec.ts'), read)).toEqual([]);
  expect(missingTitles(page('b.spec.ts'), read)).toEqual([expect.stringContaining('has no spec titled "says b | c"')]);
  expect(missingTitles(page('c.spec.ts'), read)).toHaveLength(1);
});
