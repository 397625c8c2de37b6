/*
 * Writes src/app/contexts.generated.ts: what the console knows of each context of libs/contexts/index.ts before it loads it, and
 * how it does. A context with components of its own has their routes in src/app/pages/<context>.routes.ts; those stand in
 * own-routes.generated.ts, apart, since pages know the list of contexts. Runs with `--import ../../tools/source.mjs`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pagesOf, wordsOf } from '@daybook/kernel';
import { contextsIn } from '../../../tools/libraries.mjs';
import { ambiguous } from './ambiguous.mjs';

const app = fileURLToPath(new URL('../src/app/', import.meta.url));

const described = await Promise.all(
  contextsIn().map(async (name) => {
    const faces = Object.entries(await import(`@daybook/${name}`)).filter(([, value]) => value?.kind === 'face');
    const [[constant, face] = [], ...more] = faces;
    if (face?.name !== name || more.length > 0)
      throw new Error(`libs/contexts/${name}/src/index.ts must publish one face, called '${name}'.`);
    const words = { tenant: wordsOf(face, false), company: wordsOf(face, true) };
    const { title, icon, administers } = face;
    return { constant, entry: { name, title, icon, administers, pages: pagesOf(face), words } };
  }),
);
const faults = ambiguous(described.map(({ entry }) => entry));
if (faults.length > 0) throw new Error(faults.join('\n'));

/** What is as it was keeps its time, by which `npm start` knows what to build. */
function write(name, lines) {
  const file = join(app, name);
  const text = ['/* Made by tools/contexts.mjs from libs/contexts/index.ts, before each build. */', ...lines, ''].join(
    '\n',
  );
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

write('contexts.generated.ts', [
  "import type { ListedContext } from './views';",
  'export const listed: readonly ListedContext[] = [',
  ...described.map(({ constant, entry }) => {
    const load = `load: () => import('@daybook/${entry.name}').then((m) => m.${constant})`;
    return `  ${JSON.stringify(entry).slice(0, -1)}, ${load} },`;
  }),
  '];',
]);
const withRoutes = described.filter(({ entry }) => existsSync(join(app, `pages/${entry.name}.routes.ts`)));
write('own-routes.generated.ts', [
  "import type { OwnRoutes } from './archetypes/view-routes';",
  'export const ownRoutes: Readonly<Record<string, () => Promise<OwnRoutes>>> = {',
  ...withRoutes.map(({ entry: { name } }) => `  '${name}': () => import('./pages/${name}.routes'),`),
  '};',
]);
console.log(`contexts.generated.ts: ${described.length} contexts`);
