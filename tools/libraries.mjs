/*
 * Where the workspace's libraries are, by package name without `@daybook/`: found by their package.json, listed nowhere. Which
 * of them are contexts of the product, and in which order, says libs/contexts/index.ts alone.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Name → folder relative to `base`, as `kernel` → `libs/core/kernel`. Folders without a package.json count where `bare`. */
export function librariesIn(base = root, { bare = false } = {}) {
  const found = new Map();
  const look = (folder, depth) => {
    for (const { name } of readdirSync(join(base, folder), { withFileTypes: true }).filter((e) => e.isDirectory())) {
      const inner = `${folder}/${name}`;
      const isLibrary = existsSync(join(base, inner, 'package.json')) || (bare && existsSync(join(base, inner, 'src')));
      if (isLibrary) found.set(name, inner);
      if (depth === 0) look(inner, 1);
    }
  };
  if (existsSync(join(base, 'libs'))) look('libs', 0);
  return found;
}

/** Where a library's sources begin: the list of contexts has no folder of its own for them. */
export const sourcesOf = (base, folder) => join(base, folder, folder === 'libs/contexts' ? '' : 'src');

/** The contexts of the product, by package name without `@daybook/`, in the order of the list. */
export function contextsIn(base = root) {
  const text = readFileSync(join(base, 'libs/contexts/index.ts'), 'utf8');
  const imported = text.matchAll(/^import \{ (\w+) \} from '@daybook\/([a-z0-9-]+)\/[a-z0-9-]+\.module';$/gm);
  const names = new Map([...imported].map(([, module, name]) => [module, name]));
  const [, list = ''] = /^export const contexts = \[([^\]]*)\];$/m.exec(text) ?? [];
  const listed = list.split(',').flatMap((one) => one.trim() || []);
  const unread = listed.filter((module) => !names.has(module));
  if (listed.length === 0 || unread.length > 0)
    throw new Error(
      `libs/contexts/index.ts must import each context of its list from its module: ${unread.join(', ')}`,
    );
  return listed.map((module) => names.get(module));
}
