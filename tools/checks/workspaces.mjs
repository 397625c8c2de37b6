/*
 * The dependencies between workspace packages in their package.json are what they import, since nx determines by them what a change
 * affects. A package that may import any context names none: `"implicitDependencies": ["directory:libs/contexts/*"]`. Whole-product
 * specs (*.e2e.spec.ts) and their doubles may import anything; they run with the product.
 */
import { matchesGlob } from 'node:path';

const library = /['"]@daybook\/([a-z-]+)(?:\/[^'"]*)?['"]/g;

/**
 * A message per library that a package imports and does not declare, or declares and does not import, and per missing script.
 * @param packages folder → its package.json
 * @param sources path → text
 */
export function undeclared(packages, sources) {
  const byName = new Map([...packages].map(([folder, { name }]) => [name, folder]));
  const declared = (folder) =>
    Object.keys({ ...packages.get(folder).dependencies, ...packages.get(folder).devDependencies }).filter((name) =>
      byName.has(name),
    );
  const ofFolders = (folder) =>
    (packages.get(folder).nx?.implicitDependencies ?? []).flatMap((pattern) =>
      [...packages.keys()].filter((path) => path !== folder && matchesGlob(path, pattern.replace(/^directory:/, ''))),
    );
  const reachable = (folder, seen = new Set()) => {
    for (const next of [...declared(folder).map((name) => byName.get(name)), ...ofFolders(folder)])
      if (!seen.has(next)) reachable(next, seen.add(next));
    return seen;
  };
  const ownerOf = (path) =>
    [...packages.keys()]
      .filter((one) => path.startsWith(`${one}/`))
      .reduce((a, b) => (b.length > a.length ? b : a), '');
  const failures = [];
  for (const [folder, manifest] of packages) {
    const used = new Set();
    const reached = reachable(folder);
    for (const [path, text] of sources) {
      if (ownerOf(path) !== folder || /\.e2e\.spec\.ts$|\/testing\/|\/e2e\//.test(path.slice(folder.length))) continue;
      const isSpec = path.endsWith('.spec.ts');
      for (const [, short] of text.matchAll(library)) {
        const name = `@daybook/${short}`;
        if (name === manifest.name || !byName.has(name)) continue;
        used.add(name);
        const isDeclared = isSpec
          ? reached.has(byName.get(name))
          : name in (manifest.dependencies ?? {}) || ofFolders(folder).includes(byName.get(name));
        if (!isDeclared) failures.push(`${path} imports ${name}, which ${folder}/package.json does not declare.`);
      }
    }
    for (const name of declared(folder).filter((one) => !used.has(one)))
      failures.push(`${folder}/package.json declares ${name}, which nothing there imports.`);
    const wanted = scriptsOf(folder);
    for (const script of wanted.filter((one) => !(one in (manifest.scripts ?? {}))))
      failures.push(`${folder}/package.json has no script ${script}: nx would run none for what a change affects.`);
  }
  return [...new Set(failures)];
}

/** The list of contexts is no library of its own: its specs are those of the product. */
const scriptsOf = (folder) =>
  folder === 'libs/contexts'
    ? ['build', 'lint']
    : ['build', 'lint', 'test', ...(folder === 'apps/web' ? [] : ['test-product'])];
