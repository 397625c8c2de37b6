/*
 * `npm run coverage [-- --raise]`: branch coverage of deciders, projections and walls, as the last `npm test` with
 * DAYBOOK_COVERAGE=1 measured it, against the floors in lists/coverage.json. A lower coverage fails; a higher one is printed, and
 * `--raise` makes it the new floor.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, matchesGlob, relative } from 'node:path';
import { groups } from './coverage-groups.mjs';
import { results, root } from './results.mjs';
import { end, isMain } from './checked-files.mjs';

/** Rounded down to a tenth, so that a later run of the same code reaches the floor. */
const percent = ({ taken, all }) => Math.floor((taken / all) * 1000) / 10;

/** Per group: files, branches and how many were covered; the worst files first. */
export function measured(coverage, groups, base) {
  const files = Object.entries(coverage).map(([path, { b }]) => {
    const counts = Object.values(b).flat();
    return { path: relative(base, path), all: counts.length, taken: counts.filter((n) => n > 0).length };
  });
  return Object.entries(groups).map(([name, globs]) => {
    const own = files.filter(({ path }) => globs.some((glob) => matchesGlob(path, glob)));
    return {
      name,
      files: own.toSorted((a, b) => b.all - b.taken - (a.all - a.taken)),
      all: own.reduce((sum, { all }) => sum + all, 0),
      taken: own.reduce((sum, { taken }) => sum + taken, 0),
      unmatched: globs.filter((glob) => !files.some(({ path }) => matchesGlob(path, glob))),
    };
  });
}

/** The failures, and the floors that could be raised. */
export function compared(groups, floors) {
  const failures = [];
  const raised = {};
  for (const { name, all, taken, unmatched } of groups) {
    for (const glob of unmatched) failures.push(`coverage: no file of ${name} matches ${glob}: is its path right?`);
    if (all === 0) continue;
    const now = percent({ all, taken });
    const floor = floors[name] ?? 0;
    if (now < floor) failures.push(`Branch coverage of ${name} fell to ${now} %, below its floor of ${floor} %.`);
    if (now > floor) raised[name] = now;
  }
  return { failures, raised };
}

if (isMain(import.meta)) {
  const list = join(root, 'tools/checks/lists/coverage.json');
  const floors = JSON.parse(readFileSync(list, 'utf8'));
  let coverage;
  try {
    coverage = JSON.parse(readFileSync(join(results, 'coverage/coverage-final.json'), 'utf8'));
  } catch {
    end(['coverage: nothing was measured. Run DAYBOOK_COVERAGE=1 npm test first.']);
  }
  const found = measured(coverage, groups, root);
  for (const group of found) {
    const { name, files, all, taken } = group;
    console.log(
      `${name}: ${taken} of ${all} branches in ${files.length} files, ${percent(group)} % (floor ${floors[name] ?? 0} %)`,
    );
    for (const file of files.slice(0, 5).filter((one) => one.taken < one.all))
      console.log(`  ${file.path}: ${file.all - file.taken} of ${file.all} not taken`);
  }
  const { failures, raised } = compared(found, floors);
  if (Object.keys(raised).length > 0) {
    if (process.argv.includes('--raise')) {
      writeFileSync(list, `${JSON.stringify({ ...floors, ...raised }, null, 2)}\n`);
      console.log('The floors are raised: commit tools/checks/lists/coverage.json.');
    } else
      console.log(`Above the floor: ${Object.keys(raised).join(', ')}. npm run coverage -- --raise writes it down.`);
  }
  end(failures);
}
