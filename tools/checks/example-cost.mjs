/*
 * What the worked examples of docs/developer.md cost, against their budgets: the whole aggregate, one of its fields, one of its
 * transitions (examples/context), a register (examples/register). Counted are lines of production code, imports and comments included.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const budgets = {
  aggregate: { lines: 200, files: 8 },
  field: { lines: 2, files: 2 },
  transition: { lines: 20, files: 4 },
  register: { lines: 40, files: 3 },
};
/** What the example shows of each: a field that is shown on the record's page, and an act with its event. */
const shown = { field: /['\s]phone[':]/, transition: /restore/i };

/** Lines by file, relative to `root`. */
export function costOf(what, folder, root) {
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
  const cost = { lines: counted.reduce((sum, { lines }) => sum + lines.length, 0), files: counted.length };
  return { cost, over: Object.keys(cost).filter((unit) => cost[unit] > budgets[what][unit]) };
}
