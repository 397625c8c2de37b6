import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { wireType } from '@daybook/event-store';
import type { EventDeclaration } from '@daybook/kernel';

const libs = fileURLToPath(new URL('../..', import.meta.url));
const files = readdirSync(libs, { recursive: true, encoding: 'utf8' })
  .filter((path) => /^(core|contexts)\/[^/]+\/(src\/.*\.ts|golden\/.*\.json)$/.test(path))
  .map((path) => join(libs, path));
const sources = files.filter((path) => path.endsWith('.ts') && !path.includes('/testing/'));
const golden = files.filter((path) => path.endsWith('.json'));

interface Declared {
  readonly constant: string;
  readonly declaration: EventDeclaration;
  readonly file: string;
}

/** Every event that the product declares, with the golden file it must have. */
async function declared(): Promise<Declared[]> {
  const declaring = sources.filter(
    (path) => !path.endsWith('.spec.ts') && /\b(event|eventOf|created|changed)\(/.test(readFileSync(path, 'utf8')),
  );
  const modules = await Promise.all(
    declaring.map(async (path) => ({ path, module: (await import(pathToFileURL(path).href)) as object })),
  );
  return modules.flatMap(({ path, module }) =>
    Object.entries(module).flatMap(([constant, value]) => {
      const declaration = value as EventDeclaration | undefined;
      if (declaration?.kind !== 'event') return [];
      const folder = join(path.slice(0, path.indexOf('/src/')), 'golden');
      return [{ constant, declaration, file: join(folder, `${wireType(declaration.name, declaration.version)}.json`) }];
    }),
  );
}

describe('golden files', () => {
  it('exist for every event, in the version that is written today', async () => {
    const events = await declared();
    expect(events.length).toBeGreaterThan(50);
    expect(events.filter(({ file }) => !existsSync(file)).map(({ file }) => basename(file))).toEqual([]);
  });

  it('each belong to an event', async () => {
    const wanted = new Set((await declared()).map(({ file }) => file));
    expect(golden.filter((file) => !wanted.has(file)).map((file) => basename(file))).toEqual([]);
  });

  it('are compared with what the code writes, by a spec that names the event', async () => {
    const specs = sources.filter((path) => path.endsWith('.spec.ts')).map((path) => readFileSync(path, 'utf8'));
    const isCompared = ({ constant }: Declared) =>
      specs.some((text) => new RegExp(`expectGolden\\(\\s*${constant}\\b`).test(text));
    expect((await declared()).filter((one) => !isCompared(one)).map(({ constant }) => constant)).toEqual([]);
  });

  it('contain what their event accepts, and nothing that it drops', async () => {
    for (const { declaration, file } of await declared())
      for (const data of JSON.parse(readFileSync(file, 'utf8')) as unknown[])
        expect(JSON.parse(JSON.stringify(declaration.data.parse(data)))).toEqual(data);
  });
});
