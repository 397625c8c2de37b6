/*
 * What the worked examples of docs/developer.md cost, against their budgets: the whole aggregate, one of its fields, one of its
 * transitions (examples/context), a register (the tags of libs/contexts/collaboration). Counted are lines of production code, imports and comments included;
 * of a context of the product also the lines outside that name it, its lines of the rights matrix, of starts.json and of the lock file apart.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

export const budgets = {
  aggregate: { lines: 200, files: 8, outside: 2 },
  field: { lines: 2, files: 2 },
  transition: { lines: 20, files: 4 },
  register: { lines: 40, files: 3 },
};
/** What the example shows of each: a field that is shown on the record's page, and an act with its event. */
const shown = { field: /['\s]phone[':]/, transition: /restore/i };

/** Lines by file, relative to `root`; `outside` of the folder, where it is a context of the product. */
export function costOf(what, folder, root) {
  const within = linesWithin(what, folder, root);
  const inProduct = what === 'aggregate' && relative(root, folder).startsWith('libs/contexts/');
  return inProduct ? [...within, ...linesOutside(folder, root)] : within;
}

function linesWithin(what, folder, root) {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const counted = files.map((path) => {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    return { path: relative(root, path), lines: !(what in shown) ? lines : linesThat(shown[what], lines) };
  });
  return counted.filter(({ lines }) => lines.length > 0);
}

/** What may name a context: not the documents, nor who may do what, nor which of its specs start the product. */
const parts = ['.ci', 'apps', 'examples', 'libs', 'tools'];
const apart =
  /\.generated\.|^libs\/app\/src\/rights\.matrix\.ts$|^tools\/checks\/starts\.json$|\.spec\.ts$|\/testing\//;

function linesOutside(folder, root) {
  const name = basename(folder);
  const pascal = name.replace(/(^|-)([a-z0-9])/g, (_, __, letter) => letter.toUpperCase());
  const naming = new RegExp(`@daybook/${name}\\b(?!-)|libs/contexts/${name}\\b(?!-)|\\b${pascal}Module\\b`);
  const own = `${relative(root, folder)}/`;
  return parts
    .flatMap((part) => filesBelow(join(root, part)))
    .map((path) => relative(root, path))
    .filter(
      (path) => !path.startsWith(own) && !apart.test(path) && /\.(m?js|c?js|ts|json|css|html)$|^\.ci\//.test(path),
    )
    .map((path) => {
      const lines = readFileSync(join(root, path), 'utf8').split('\n');
      return { path, lines: lines.filter((line) => naming.test(line)), outside: true };
    })
    .filter(({ lines }) => lines.length > 0);
}

/** Folders of packages and builds are large, and hold nothing that was written here. */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return /^(dist|node_modules|\.angular|golden)$/.test(entry.name) ? [] : filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/** A declaration counts whole when its first line names it. Lines that name it among others count as lines. */
function linesThat(pattern, lines) {
  let within = false;
  return lines.filter((line) => {
    if (within) within = !/^\S/.test(line);
    else if (!pattern.test(line)) return false;
    else within = /^export const .*[({]$/.test(line) && pattern.test(line.split('=')[0]);
    return true;
  });
}

export function overBudget(what, counted) {
  const within = counted.filter(({ outside }) => !outside);
  const sum = (files) => files.reduce((total, { lines }) => total + lines.length, 0);
  const cost = { lines: sum(within), files: within.length, outside: sum(counted) - sum(within) };
  return { cost, over: Object.keys(budgets[what]).filter((unit) => cost[unit] > budgets[what][unit]) };
}
