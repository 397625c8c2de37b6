/*
 * `npm run dependencies:check`: every pinned package is used. Packages that the product needs at run time are dependencies; those
 * for building and testing are development dependencies; those that nothing imports are in lists/dependencies.json with the
 * reason. The console is built in advance, so its packages are development dependencies.
 */
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { root } from './results.mjs';
import { end, isMain, reportFiles, tracked } from './checked-files.mjs';
import { undeclared } from './workspaces.mjs';

const isSource = (path) => /\.(m?[jt]s|cjs)$/.test(path) && !path.startsWith('tools/checks/fixtures/');
/** Is the file part of the running product? Not specs, doubles, checks, benches and build tools. */
const isProduction = (path) =>
  /^(libs\/.+\/src|apps\/(api|projector)\/src|tools\/(start|cli))\//.test(path) &&
  !/\.spec\.ts$|\/testing\/|^tools\/start\/(build|dev)\.mjs$/.test(path);

/** `@scope/name/deep/file` → `@scope/name`; null for a path, a Node module or a library of the workspace. */
function packageOf(specifier) {
  if (/^[./#]|^node:|^@daybook\//.test(specifier)) return null;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return builtinModules.includes(name) ? null : name;
}

/** Static and dynamic imports, `require`, `import.meta.resolve` and `require.resolve`. */
export function importsOf(text) {
  const named = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  const resolved = [...text.matchAll(/\bresolve\(\s*['"]([^'"]+)['"]/g)].map(([, specifier]) => specifier);
  return new Set([...named, ...resolved].map(packageOf).filter((name) => name !== null));
}

/**
 * A message per package that is in the wrong list, or in none.
 * @param manifest the root's package.json
 * @param sources path → text of every source file
 * @param scripts the commands of all package.json
 * @param others texts of tools and configuration, which name packages without importing them
 * @param reasons package → why it is needed although nothing imports it
 * @param manifestOf the package.json of an installed package, or null
 */
export function misplaced({ manifest, sources, scripts, others, reasons, manifestOf }) {
  const { dependencies = {}, devDependencies = {} } = manifest;
  const inProduction = new Map();
  const elsewhere = new Set();
  for (const [path, text] of sources)
    for (const name of importsOf(text))
      if (!isProduction(path)) elsewhere.add(name);
      else if (!inProduction.has(name)) inProduction.set(name, path);

  const failures = [];
  const stale = new Set(Object.keys(reasons));
  const isExcused = (name) => stale.delete(name) || name in reasons;
  /** Peers of used packages: Nest, MikroORM and Angular import theirs, so they must be installed. */
  const peersOf = (names) => new Set(names.flatMap((name) => Object.keys(manifestOf(name)?.peerDependencies ?? {})));
  /** Used by a command of a script, or by name in configuration and tools, such as a Jest transform. */
  const isNamed = (name) => {
    const commands = Object.keys(binsOf(name, manifestOf(name)))
      .map(RegExp.escape)
      .join('|');
    const command = new RegExp(`(^|[\\s;&])(${commands})(\\s|$)`);
    const mention = new RegExp(`(['"]|node_modules/)${RegExp.escape(name)}['":/]`);
    return (commands !== '' && scripts.some((text) => command.test(text))) || others.some((text) => mention.test(text));
  };

  for (const [name, path] of inProduction) {
    if (name in dependencies || (name.startsWith('@types/') && name in devDependencies)) continue;
    if (`@types/${name.replace(/^@(.+)\/(.+)$/, '$1__$2')}` in devDependencies && !(name in devDependencies)) continue;
    failures.push(`${path} imports ${name}, which is no dependency of package.json.`);
  }
  const peers = peersOf([...inProduction.keys()]);
  for (const name of Object.keys(dependencies)) {
    if (inProduction.has(name) || peers.has(name) || isExcused(name)) continue;
    failures.push(
      elsewhere.has(name)
        ? `${name} is imported by specs, tools or the console alone: make it a development dependency.`
        : `${name} is a dependency that nothing imports: remove it, or give a reason in tools/checks/lists/dependencies.json.`,
    );
  }
  const devPeers = peersOf([...elsewhere, ...Object.keys(devDependencies).filter(isNamed)]);
  for (const name of Object.keys(devDependencies)) {
    if (elsewhere.has(name) || devPeers.has(name) || isNamed(name) || isTypes(name, manifest) || isExcused(name))
      continue;
    failures.push(`${name} is a development dependency that nothing uses: remove it, or give a reason.`);
  }
  for (const name of stale)
    failures.push(`${name} needs no reason in tools/checks/lists/dependencies.json any more: remove the line.`);
  return failures;
}

const binsOf = (name, manifest) =>
  typeof manifest?.bin === 'string' ? { [name.replace(/^.*\//, '')]: manifest.bin } : (manifest?.bin ?? {});

/** `@types/node`, and those of a package that is pinned too. */
function isTypes(name, { dependencies = {}, devDependencies = {} }) {
  const [, typed] = /^@types\/(.+)$/.exec(name) ?? [];
  if (typed === undefined) return false;
  const of = typed.includes('__') ? `@${typed.replace('__', '/')}` : typed;
  return of === 'node' || of in dependencies || of in devDependencies;
}

function installed(name) {
  try {
    return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  } catch {
    return null;
  }
}

if (isMain(import.meta)) {
  const files = tracked();
  const read = (path) => readFileSync(join(root, path), 'utf8');
  const sources = files.filter(isSource);
  const manifest = JSON.parse(read('package.json'));
  const scripts = files
    .filter((path) => /(^|\/)package\.json$/.test(path))
    .flatMap((path) => Object.values(JSON.parse(read(path)).scripts ?? {}));
  const tools = sources.filter((path) => /^[^/]+$|(^|\/)tools\//.test(path)).map(read);
  const configuration = files.filter((path) => /(^|\/)(angular|tsconfig[^/]*|ngsw-config)\.json$/.test(path)).map(read);
  const failures = misplaced({
    manifest,
    sources: sources.map((path) => [path, read(path)]),
    scripts,
    others: [...tools, ...configuration],
    reasons: JSON.parse(read('tools/checks/lists/dependencies.json')),
    manifestOf: installed,
  });
  const packages = new Map(
    files
      .filter((path) => /^(libs|apps)\/.*package\.json$/.test(path) && !path.includes('/fixtures/'))
      .map((path) => [dirname(path), JSON.parse(read(path))]),
  );
  const counts = ['dependencies', 'devDependencies'].map((kind) => `${Object.keys(manifest[kind]).length} ${kind}`);
  console.log(`dependencies: ${counts.join(', ')}, ${packages.size} packages of the workspace`);
  const ofWorkspace = undeclared(
    packages,
    sources.map((path) => [path, read(path)]),
  );
  end([...reportFiles('dependencies', sources), ...failures, ...ofWorkspace]);
}
