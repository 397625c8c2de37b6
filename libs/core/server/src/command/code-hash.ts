import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const hashes = new Map<string, string>();

/**
 * Hash of a built module with everything that it imports: another one folds other states. Modules of packages count by the
 * package's name and version. Run from sources, it is that of the sources.
 */
export function codeHash(module: string): string {
  const known = hashes.get(module);
  if (known !== undefined) return known;
  const parts = new Map<string, string>();
  collect(module, parts);
  const hash = createHash('sha256')
    .update([...parts.values()].sort().join('\n'))
    .digest('base64url')
    .slice(0, 22);
  hashes.set(module, hash);
  return hash;
}

/** In sources and in what they are built to; what only looks like it, in a text or a comment, names no file. */
const imported = /(?:^|[;\s}])(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*['"]([^'"\n]+)['"]/g;

function collect(module: string, parts: Map<string, string>): void {
  if (parts.has(module)) return;
  const text = readFileSync(fileURLToPath(module), 'utf8');
  parts.set(module, createHash('sha256').update(text).digest('base64'));
  for (const [, specifier = ''] of text.matchAll(imported)) {
    const found = specifier.startsWith('.') ? sourceOf(new URL(specifier, module)) : inPackage(specifier, module);
    if (!found.startsWith('file:')) parts.set(found, found);
    else if (statSync(new URL(found), { throwIfNoEntry: false })?.isFile()) collect(found, parts);
  }
}

/** Sources name each other as they are called once they are built. */
function sourceOf(built: URL): string {
  if (existsSync(built)) return built.href;
  return built.href.replace(/\.js$/, '.ts');
}

/** The file of a package of this workspace, or name and version of another one. */
function inPackage(specifier: string, from: string): string {
  const [, name = specifier, file = 'index'] = /^(@[^/]+\/[^/]+|[^/]+)(?:\/(.+))?$/.exec(specifier) ?? [];
  const folder = folderOf(name, from);
  if (folder === null) return specifier;
  if (!name.startsWith('@daybook/')) {
    const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { version?: string };
    return `${name}@${version}`;
  }
  return new URL(from.endsWith('.ts') ? `src/${file}.ts` : `dist/${file}.js`, folder).href;
}

function folderOf(name: string, from: string): URL | null {
  for (let at = new URL('.', from); ; at = new URL('..', at)) {
    const folder = new URL(`node_modules/${name}/`, at);
    if (existsSync(folder)) return pathToFileURL(`${realpathSync(folder)}/`);
    if (at.pathname === new URL('..', at).pathname) return null;
  }
}
