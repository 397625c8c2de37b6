/*
 * `npm run licences`: everything that ships (dependencies of the server, and of the built console) has an allowed licence, or is an
 * exception in lists/licences.json with the reason. Read from the lock file, so that packages for other platforms count too.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import satisfies from 'spdx-satisfies';
import { importsOf } from './dependencies.mjs';
import { root } from './results.mjs';
import { end, isMain, tracked } from './checked-files.mjs';

/** Licences that only require their text and notices to ship with the product. */
export const allowed = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT', 'MIT-0', 'PSF-2.0', 'Python-2.0', 'Unlicense', 'Zlib']; // prettier-ignore

/** The dependencies of a package; optional peers only if another package names them. */
const needsOf = ({ dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta = {} }) => [
  ...Object.keys({ ...dependencies, ...optionalDependencies }),
  ...Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional),
];

/** Keys of the lock's `packages` for `names` and all their dependencies. */
export function closure(packages, names) {
  const found = new Set();
  const visit = (from, name) => {
    for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
      const key = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
      if (packages[key] !== undefined) {
        if (found.has(key)) return;
        found.add(key);
        for (const next of needsOf(packages[key])) visit(key, next);
        return;
      }
      if (folder === '') return; // an optional peer that is not installed
    }
  };
  for (const name of names) visit('', name);
  return [...found].filter((key) => !packages[key].link).sort();
}

/** A message per package without an allowed licence, and per exception that is not needed. */
export function unlicensed(packages, keys, exceptions, manifestOf = () => null) {
  const unneeded = new Set(Object.keys(exceptions));
  const failures = [];
  for (const key of keys) {
    const name = key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const licence =
      packages[key].license ??
      manifestOf(key)
        ?.licenses?.map(({ type }) => type)
        .join(' OR ');
    if (isAllowed(licence)) continue;
    if (name in exceptions) unneeded.delete(name);
    else failures.push(`${name} ${packages[key].version} has the licence ${licence ?? 'no licence that it names'}.`);
  }
  for (const name of unneeded)
    failures.push(`${name} needs no exception in tools/checks/lists/licences.json: remove it.`);
  return failures;
}

function isAllowed(licence) {
  if (licence === undefined) return false;
  try {
    return satisfies(licence, allowed);
  } catch {
    return false; // no SPDX expression
  }
}

if (isMain(import.meta)) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { dependencies, devDependencies, optionalDependencies } = packages[''];
  const read = (path) => readFileSync(join(root, path), 'utf8');
  const imported = tracked()
    .filter((path) => /^apps\/web\/src\/(?!testing\/).*(?<!\.spec)\.ts$/.test(path))
    .flatMap((path) => [...importsOf(read(path))]);
  const assets = read('apps/web/tools/assets.mjs'); // icons and fonts
  const copied = Object.keys(devDependencies).filter((name) => assets.includes(`'${name}`));
  const shipped = [...Object.keys({ ...dependencies, ...optionalDependencies }), ...imported, ...copied];
  const keys = closure(packages, shipped);
  console.log(`licences: ${keys.length} packages`);
  const exceptions = JSON.parse(readFileSync(join(root, 'tools/checks/lists/licences.json'), 'utf8'));
  const manifestOf = (key) => {
    try {
      return JSON.parse(readFileSync(join(root, key, 'package.json'), 'utf8'));
    } catch {
      return null;
    }
  };
  const failures = unlicensed(packages, keys, exceptions, manifestOf);
  if (keys.length < Object.keys(dependencies).length) failures.push('licences looked at too few packages.');
  end(failures);
}
