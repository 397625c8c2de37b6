/* Where the workspace's libraries are, by package name without `@daybook/`: found by their package.json, listed nowhere. */
import { existsSync, readdirSync } from 'node:fs';
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
      else if (depth === 0) look(inner, 1);
    }
  };
  if (existsSync(join(base, 'libs'))) look('libs', 0);
  return found;
}

/** The libraries of business: each is a context. */
export const contextsIn = (base = root) =>
  [...librariesIn(base)].filter(([, folder]) => folder.startsWith('libs/contexts/')).map(([name]) => name);
