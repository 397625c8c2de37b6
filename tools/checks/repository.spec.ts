import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Found {
  readonly key: string;
  readonly sentence: string;
}
type Exception = Readonly<Record<string, string>>;
interface Measured {
  readonly name: string;
  readonly all: number;
  readonly taken: number;
}
interface Checks {
  judged(found: readonly Found[], exceptions: readonly Exception[], keyOf: (one: Exception) => string, today: string): string[]; // prettier-ignore
  secretsIn(path: string, content: string): Promise<Found[]>;
  advisoriesIn(report: string): { advisories: Found[] | null; reason?: string; packages?: number };
  keyOf(exception: Exception): string;
  closure(packages: object, names: readonly string[]): string[];
  unlicensed(packages: object, keys: readonly string[], exceptions: Exception): string[];
  misplaced(of: object): string[];
  undeclared(packages: ReadonlyMap<string, object>, sources: readonly [string, string][]): string[];
  measured(coverage: object, groups: object, base: string): Measured[];
  compared(groups: readonly Measured[], floors: object): { failures: string[]; raised: object };
  problemCodes(sources: readonly (readonly [string, string])[]): { codes: Map<string, Map<number, string[]>>; unread: string[] }; // prettier-ignore
  severalStatuses(codes: Map<string, Map<number, string[]>>): string[];
  tracked(): string[];
}
const root = fileURLToPath(new URL('../..', import.meta.url));
const load = async (name: string) => (await import(new URL(`${name}.mjs`, import.meta.url).href)) as Checks;

describe('a dated exception', () => {
  const found = [{ key: 'a', sentence: 'a is wrong' }];
  const judge = async (...exceptions: Exception[]) =>
    (await load('exceptions')).judged(found, exceptions, (one) => one['name']!, '2026-12-01');

  it('exempts what it names until its day has passed', async () => {
    expect(await judge()).toEqual(['a is wrong']);
    expect(await judge({ name: 'a', reason: 'known', until: '2026-12-01' })).toEqual([]);
    expect(await judge({ name: 'a', reason: 'known', until: '2026-11-30' })).toEqual([
      'The exception a ended on 2026-11-30 (known).',
    ]);
  });

  it('is refused without a reason or a date, or if nothing needs it', async () => {
    const bare = await judge({ name: 'a', until: '2026-12-31' }, { name: 'b', reason: 'gone', until: '2026-12-31' });
    expect(bare).toEqual([
      'The exception a needs a reason and a date (until: YYYY-MM-DD).',
      'The exception b is not needed: remove it.',
    ]);
  });
});

describe('the check of secrets', () => {
  // Assembled here, so that this file contains none.
  const planted: [string, string][] = [
    ['a private key', ['-----BEGIN PRIVATE', `KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0B'.repeat(8)}\n-----END PRIVATE`, 'KEY-----'].join(' ')], // prettier-ignore
    ['a key of AWS', `AWS_SECRET_ACCESS_KEY=${'wJalrXUtnFEMI/K7MDENG/'}${'bPxRfiCYq1w2e3r4t5'}`],
    ['a token of GitHub', `ghp_${'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'}`],
    ['a password in an address', `postgres://daybook:${'correct-horse'}@db.example.org:5432/books`],
  ];

  it.each(planted)('finds %s and does not repeat it', async (_what, text) => {
    const found = await (await load('secrets')).secretsIn('notes.md', `before\n${text}\n`);
    expect(found).not.toEqual([]);
    expect(found[0]!.sentence).toMatch(/^notes\.md:2 /);
    for (const { sentence } of found) expect(sentence).not.toContain(text.split(/[=:]/).at(-1));
  });

  it('finds nothing in plain text', async () => {
    expect(await (await load('secrets')).secretsIn('notes.md', 'The password is asked for at the prompt.')).toEqual([]);
  });
});

describe('the audit', () => {
  const advisory = { source: 1, name: 'left-pad', title: 'Pads too far', url: 'https://github.com/advisories/GHSA-1', severity: 'high', range: '<2' }; // prettier-ignore
  const report = JSON.stringify({
    vulnerabilities: { 'left-pad': { via: [advisory] }, outer: { via: ['left-pad'] } },
    metadata: { dependencies: { total: 3 } },
  });

  it('names each advisory once, by the key of exceptions', async () => {
    const { advisoriesIn, keyOf } = await load('audit');
    const { advisories, packages } = advisoriesIn(report);
    expect(packages).toBe(3);
    expect(advisories).toEqual([
      { key: keyOf({ advisory: 'GHSA-1', package: 'left-pad' }), sentence: 'left-pad <2 (high): Pads too far, https://github.com/advisories/GHSA-1' }, // prettier-ignore
    ]);
  });

  it.each([
    ['refuses', JSON.stringify({ message: '405 Method Not Allowed', error: {} }), '405 Method Not Allowed'],
    ['is out of reach', JSON.stringify({ error: { summary: 'ENOTFOUND' } }), 'ENOTFOUND'],
    ['says nothing', '', 'npm audit gave no report'],
  ])('is skipped with its reason where the registry %s', async (_how, text, reason) => {
    expect((await load('audit')).advisoriesIn(text)).toEqual({ advisories: null, reason });
  });
});

describe('the check of licences', () => {
  const packages = {
    'node_modules/a': { version: '1.0.0', license: 'MIT', dependencies: { b: '1' }, peerDependencies: { tool: '*' }, peerDependenciesMeta: { tool: { optional: true } } }, // prettier-ignore
    'node_modules/a/node_modules/b': { version: '1.0.0', license: 'AGPL-3.0-only' },
    'node_modules/b': { version: '2.0.0', license: '(MIT OR GPL-2.0-only)' },
    'node_modules/c': { version: '1.0.0' },
    'node_modules/tool': { version: '1.0.0', license: 'GPL-3.0-only' },
  };

  it('follows dependencies to the resolved version, and no optional peers', async () => {
    expect((await load('licences')).closure(packages, ['a', 'c'])).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/c',
    ]);
  });

  it('refuses an unlisted licence, and an unneeded exception', async () => {
    const { closure, unlicensed } = await load('licences');
    const keys = closure(packages, ['a', 'b', 'c']);
    expect(unlicensed(packages, keys, { c: 'public domain, says its README', d: 'gone' })).toEqual([
      'b 1.0.0 has the licence AGPL-3.0-only.',
      'd needs no exception in tools/checks/lists/licences.json: remove it.',
    ]);
  });
});

describe('the check of dependencies', () => {
  const misplaced = async (manifest: object, sources: Record<string, string>, reasons: object = {}) =>
    (await load('dependencies')).misplaced({
      manifest,
      sources: Object.entries(sources),
      scripts: ['swc src -d dist'],
      others: [],
      reasons,
      manifestOf: (name: string) =>
        name === '@swc/cli' ? { bin: { swc: 'bin.js' } } : name === 'nest' ? { peerDependencies: { rxjs: '7' } } : null,
    });

  it('accepts what production imports, its peers, types, and commands of scripts', async () => {
    const manifest = {
      dependencies: { nest: '1', rxjs: '7', pg: '8' },
      devDependencies: { '@types/pg': '8', '@swc/cli': '1', jest: '30' },
    };
    const sources = {
      'libs/core/server/src/api.ts': "import 'nest';\nconst pg = await import('pg');",
      'libs/core/server/src/api.spec.ts': "import { it } from 'jest';",
    };
    expect(await misplaced(manifest, sources)).toEqual([]);
  });

  it('refuses unused packages, packages in the wrong list or in none, and unneeded reasons', async () => {
    const manifest = { dependencies: { a: '1', b: '1', pg: '8' }, devDependencies: { c: '1', d: '1' } };
    const sources = {
      'libs/core/server/src/api.ts': "import 'pg';\nimport 'd';\nimport 'e/deep';",
      'apps/web/src/app.ts': "import 'b';",
    };
    expect(await misplaced(manifest, sources, { pg: 'kept' })).toEqual([
      'libs/core/server/src/api.ts imports d, which is no dependency of package.json.',
      'libs/core/server/src/api.ts imports e, which is no dependency of package.json.',
      expect.stringMatching(/^a is a dependency that nothing imports/),
      expect.stringMatching(/^b is imported by specs, tools or the console alone/),
      expect.stringMatching(/^c is a development dependency that nothing uses/),
      expect.stringMatching(/^d is a development dependency that nothing uses/),
      expect.stringMatching(/^pg needs no reason/),
    ]);
  });
});

describe('what a change affects', () => {
  const scripts = { build: '', lint: '', test: '', 'test-product': '' };
  const kernel = { name: '@daybook/kernel', scripts };
  const undeclared = async (books: object, sources: Record<string, string>) => {
    const packages = new Map([['libs/core/kernel', kernel], ['libs/contexts/books', { name: '@daybook/books', scripts, ...books }]]); // prettier-ignore
    return (await load('workspaces')).undeclared(packages, Object.entries(sources));
  };
  const importing = { 'libs/contexts/books/src/entry.ts': "import '@daybook/kernel';" };

  it('is missed if a package imports a library that it does not declare', async () => {
    expect(await undeclared({}, importing)).toEqual([
      'libs/contexts/books/src/entry.ts imports @daybook/kernel, which libs/contexts/books/package.json does not declare.',
    ]);
    expect(await undeclared({ dependencies: { '@daybook/kernel': '*' } }, importing)).toEqual([]);
  });

  it('is too much if a package declares a library that it does not import, and nothing if it has no script', async () => {
    const books = { dependencies: { '@daybook/kernel': '*' }, scripts: { build: '', lint: '', test: '' } };
    expect(await undeclared(books, {})).toEqual([
      'libs/contexts/books/package.json declares @daybook/kernel, which nothing there imports.',
      'libs/contexts/books/package.json has no script test-product: nx would run none for what a change affects.',
    ]);
  });

  it('excludes the specs of other contexts', () => {
    const nx = join(root, 'node_modules/nx/dist/bin/nx.js');
    const affectedBy = (file: string) =>
      execFileSync(process.execPath, [nx, 'show', 'projects', '--affected', `--files=${file}`], {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
      });
    const affected = affectedBy('libs/contexts/approvals/src/rule/rule.decider.ts');
    expect(affected.split('\n')).toEqual(expect.arrayContaining(['@daybook/approvals', '@daybook/app']));
    expect(affected).not.toMatch(/@daybook\/(accounting|identity|audit|kernel)/);
    expect(affectedBy('libs/core/kernel/src/decimal.ts')).toMatch(/@daybook\/accounting/);
  });
});

describe('branch coverage', () => {
  const groups = { deciders: ['libs/**/*.decider.ts'], projections: ['libs/**/*.projection.ts'] };
  const coverage = {
    '/r/libs/a/x.decider.ts': { b: { 0: [1, 0], 1: [4, 2] } },
    '/r/libs/a/y.decider.ts': { b: {} },
    '/r/libs/a/x.ts': { b: { 0: [0, 0] } },
  };
  const compared = async (floors: object) => {
    const { measured, compared: compare } = await load('coverage');
    return compare(measured(coverage, groups, '/r'), floors);
  };
  const lost = 'coverage: no file of projections matches libs/**/*.projection.ts: is its path right?';

  it('fails when it falls, or when a group matches no files', async () => {
    expect(await compared({ deciders: 75.1 })).toEqual({
      failures: ['Branch coverage of deciders fell to 75 %, below its floor of 75.1 %.', lost],
      raised: {},
    });
  });

  it('says when it has risen', async () => {
    expect(await compared({ deciders: 75 })).toEqual({ failures: [lost], raised: {} });
    expect(await compared({ deciders: 70 })).toEqual({ failures: [lost], raised: { deciders: 75 } });
  });
});

describe('a problem code', () => {
  const statusesIn = async (...texts: string[]) => {
    const { problemCodes, severalStatuses } = await load('problem-codes');
    const { codes, unread } = problemCodes(texts.map((text, index) => [`${index}.ts`, text]));
    return { sentences: severalStatuses(codes), unread };
  };

  it('has one status in the whole product', async () => {
    const { tracked } = await load('checked-files');
    const files = tracked().filter(
      (path) => /^(libs|apps\/api|apps\/projector)\/.*\.ts$/.test(path) && !/(\.spec\.ts$|\/testing\/)/.test(path),
    );
    const sources = await Promise.all(
      files.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const),
    );
    const { problemCodes, severalStatuses } = await load('problem-codes');
    const { codes, unread } = problemCodes(sources);
    expect(codes.size).toBeGreaterThan(200);
    expect([...severalStatuses(codes), ...unread]).toEqual([]);
    // The words are `not-found`, `exists`, `unchanged` and `invalid`, in every context.
    const others = /-(unknown|missing|known|same|taken|past|own|wrong)$/;
    expect([...codes.keys()].filter((code) => others.test(code))).toEqual([]);
  });

  it.each([
    ['as written', `reject('a.b', 'No.', { status: 404 });`, `reject('a.b', 'No.');`],
    ['in a condition', `reject(yes ? 'a.b' : 'a.c', 'No.');`, `reject('a.b', 'No.', { status: yes ? 401 : 403 });`],
    [
      'through functions',
      `export const missing = (code: string) => reject(code, 'No.', { status: 404 });`,
      `import { missing } from './0.js'; const wrong = (code, status = 409) => reject(code, 'No.', { status });
       missing('a.b'); wrong('a.b', 400);`,
    ],
    ['by its ending', 'reject(`${name}-gone`, "No.", { status: 404 });', 'reject(`${record.name}-gone`, "No.");'],
    ['by a constant', `export const full = 'a.b'; reject(full, 'No.');`, `reject('a.b', 'No.', { status: 503 });`],
  ])('is found with several statuses %s', async (_how, ...texts) => {
    const { sentences, unread } = await statusesIn(...texts);
    expect(sentences).toEqual([expect.stringMatching(/^(a\.b|\*-gone) is answered as /)]);
    expect(unread).toEqual([]);
  });

  it('must be one that the check can read', async () => {
    const texts = [
      `reject(first.code, 'No.');`,
      `reject('a.b', 'No.', options);`,
      `reject('a.b', 'No.', { status: s });`,
    ];
    expect((await statusesIn(...texts)).unread).toEqual(['0.ts:1', '1.ts:1', '2.ts:1']);
  });
});

it('runs no script of ours when packages are installed', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  // npm runs scripts with these names after an install; a check with such a name once needed Git on machines that only install.
  const byNpm = [
    'dependencies',
    'preinstall',
    'install',
    'postinstall',
    'prepublish',
    'preprepare',
    'prepare',
    'postprepare',
  ];
  expect(byNpm.filter((name) => name in scripts)).toEqual([]);
});
