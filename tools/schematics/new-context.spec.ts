import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const parts = ['.swcrc', 'jest.config.mjs', 'package.json', 'tsconfig.base.json', 'tsconfig.json', '.prettierrc.json'];
const folders = [
  'apps/api',
  'apps/projector',
  'apps/web/src/app/pages',
  'apps/web/tools',
  'examples/context',
  'libs',
  'tools',
];

/*
 * The sources of the repository, apart, with its packages: there `npm run new-context` is tried as somebody tries it who has
 * just cloned it. That a copy is made and TypeScript runs over it costs some 20 seconds on a quiet machine.
 */
describe('npm run new-context', () => {
  let copy: string;
  const run = (script: string, ...args: string[]) =>
    execFileSync(process.execPath, [script, ...args], {
      cwd: copy,
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, CI: '' },
    }); // golden files are not made in CI
  const inPackages = (path: string) => join(copy, 'node_modules', path);
  const newContext = (...args: string[]) =>
    run(inPackages('@angular-devkit/schematics-cli/bin/schematics.js'), '@daybook/schematics:context', ...args);
  /** As `npm install` links it. */
  const link = (name: string, folder: string) => symlinkSync(join(copy, folder), inPackages(`@daybook/${name}`));

  beforeAll(async () => {
    copy = realpathSync(mkdtempSync(join(tmpdir(), 'daybook-new-context-')));
    const isSource = (path: string) => !/\/(dist|node_modules|golden|fixtures)$/.test(path);
    for (const part of [...parts, ...folders])
      cpSync(join(root, part), join(copy, part), { recursive: true, filter: isSource });
    mkdirSync(inPackages('@daybook'), { recursive: true });
    for (const name of readdirSync(join(root, 'node_modules')))
      if (name !== '@daybook' && !name.startsWith('.cache'))
        symlinkSync(join(root, 'node_modules', name), inPackages(name));
    const { librariesIn } = (await import(join(root, 'tools/libraries.mjs'))) as { librariesIn(): Map<string, string> };
    for (const [name, folder] of librariesIn()) link(name, folder);
    link('schematics', 'tools/schematics');
    newContext('stock', 'stock-item');
    link('stock', 'libs/contexts/stock');
  }, 300_000);
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('writes a context that compiles, and whose specs pass', () => {
    const checked = { extends: './tsconfig.json', include: ['libs/contexts/stock/**/*.ts'] };
    writeFileSync(join(copy, 'tsconfig.stock.json'), JSON.stringify(checked));
    expect(run(inPackages('typescript/bin/tsc'), '-p', 'tsconfig.stock.json')).toBe('');
    const report = run(
      inPackages('jest/bin/jest.js'),
      '--maxWorkers=1',
      '--json',
      '--testPathPatterns',
      '/libs/contexts/stock/',
    );
    expect(JSON.parse(report)).toMatchObject({ success: true, numPassedTestSuites: 3, numPassedTests: 4 });
  }, 300_000);

  it('keeps to the budget: one list names the context, in two lines', async () => {
    const { costOf, overBudget } = (await import(join(root, 'tools/checks/example-cost.mjs'))) as {
      costOf(
        what: string,
        folder: string,
        root: string,
      ): { readonly lines: readonly string[]; readonly outside?: true }[];
      overBudget(
        what: string,
        counted: object,
      ): { readonly cost: Readonly<Record<string, number>>; readonly over: readonly string[] };
    };
    const counted = costOf('aggregate', join(copy, 'libs/contexts/stock'), copy);
    expect(overBudget('aggregate', counted)).toMatchObject({ cost: { files: 8, outside: 2 }, over: [] });
    const named = counted.filter(({ outside }) => outside).flatMap(({ lines }) => lines);
    expect(named).toEqual([
      "import { StockModule } from '@daybook/stock/stock.module';",
      expect.stringMatching(/\bStockModule\b/),
    ]);
  });

  it('shows it in the console, which makes its list at its build', () => {
    run('--import', join(copy, 'tools/source.mjs'), join(copy, 'apps/web/tools/contexts.mjs'));
    const made = readFileSync(join(copy, 'apps/web/src/app/contexts.generated.ts'), 'utf8');
    expect(made).toContain("load: () => import('@daybook/stock').then((m) => m.stock)");
    expect(made).toContain('"title":"Stock items","path":"stock-items"');
  });

  it('refuses a name that is taken or is no address, and writes nothing', () => {
    const list = () => readFileSync(join(copy, 'libs/contexts/index.ts'), 'utf8');
    const before = list();
    for (const name of ['stock', 'kernel', 'contexts', 'Stock Items', '../stock'])
      expect(() => newContext(name)).toThrow(/Name it|of that name/);
    expect(list()).toBe(before);
  });

  // `answer` has a table `answers`, and `of` a query `readOf`, which are functions of the kit.
  it.each([
    ['sales', 'case'],
    ['return', 'order'],
    ['sales', 'await'],
    ['sales', 'record'],
    ['sales', 'field'],
    ['sales', 'answer'],
    ['sales', 'of'],
    ['face', 'order'],
    ['sales', 'sales'],
  ])('refuses words that do not compile: %s %s', (name, record) => {
    expect(() => newContext(name, record)).toThrow('It cannot be called so');
    expect(readdirSync(join(copy, 'libs/contexts'))).not.toContain(name);
  });
});
