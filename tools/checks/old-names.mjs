/*
 * `npm run old-names`: no old name of docs/changes.md occurs in code, specs or documents. The rows of its tables are
 * | `old` | `new` | or | `old` | `new` | where |; the page says how they are matched. And each new title in docs/spec-titles.md
 * occurs in its file.
 */
import { readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { root } from './results.mjs';
import { end, isMain, reportFiles, tracked } from './checked-files.mjs';

const page = 'docs/changes.md';
const titlesPage = 'docs/spec-titles.md';

/** The rows of the tables headed `| old | new |`: each old name with its new one, and the globs to search. */
export function namesIn(markdown) {
  const rows = [];
  let isTable = false;
  for (const line of markdown.split('\n')) {
    const cells = line.startsWith('|') ? line.split('|').slice(1, -1).map((cell) => cell.trim()) : null; // prettier-ignore
    if (cells === null) isTable = false;
    else if (cells[0] === 'old' && cells[1] === 'new') isTable = true;
    else if (isTable && !/^-+$/.test(cells[0]))
      for (const [, old] of cells[0].matchAll(/`([^`]+)`/g))
        rows.push({ old, now: cells[1], where: [...(cells[2] ?? '').matchAll(/`([^`]+)`/g)].map(([, glob]) => glob) });
  }
  return rows;
}

/** Matches whole words: `folds.ts` is in `access/folds.ts`, not in `unfolds.ts`. A star at the end matches any ending. */
const patternOf = (old) =>
  old.endsWith('*')
    ? new RegExp(`(?<![\\w-])${RegExp.escape(old.slice(0, -1))}`)
    : new RegExp(`(?<![\\w-])${RegExp.escape(old)}(?![\\w-])`);

/** A text without all words of the name cannot contain it; this skips nearly every search. */
const wordsOf = (text) => text.match(/[\w-]+/g) ?? [];
const mayHold = (words, old) => wordsOf(old.replace(/[\w-]*\*$/, '')).every((word) => words.has(word));

/** A message per line, or path, with an old name. */
export function oldNames(path, text, rows) {
  const failures = [];
  const words = new Set(wordsOf(`${path} ${text}`));
  const isLookedFor = ({ where }) => where.length === 0 || where.some((glob) => matchesGlob(path, glob));
  const here = rows.filter((row) => mayHold(words, row.old) && isLookedFor(row));
  for (const { old, now } of here) {
    const pattern = patternOf(old);
    if (pattern.test(path)) failures.push(`${path} is named ${old}, which is now ${now}.`);
    text.split('\n').forEach((line, i) => {
      if (pattern.test(line)) failures.push(`${path}:${i + 1} says ${old}, which is now ${now}.`);
    });
  }
  return failures;
}

/** A message per new title that is not in its file. `read` returns null for a missing file. */
export function missingTitles(markdown, read) {
  const failures = [];
  let file = null;
  for (const line of markdown.split('\n')) {
    file = /^## `([^`]+)`$/.exec(line)?.[1] ?? file;
    const title = /^\| .* \| (.*) \|$/.exec(line.replaceAll('\\|', '\0'))?.[1]?.replaceAll('\0', '|');
    if (file === null || title === undefined || title === '0.2') continue;
    if (!read(file)?.replaceAll("\\'", "'").includes(title))
      failures.push(`${file} has no spec titled "${title}" (${titlesPage}).`);
  }
  return failures;
}

if (isMain(import.meta)) {
  const rows = namesIn(readFileSync(join(root, page), 'utf8'));
  const files = tracked().filter(
    (path) =>
      !/\.(png|ico|woff2|xml)$/.test(path) && !['package-lock.json', 'LICENSE', page, titlesPage].includes(path),
  );
  const failures = reportFiles('old-names', files);
  console.log(`old-names: ${rows.length} names`);
  if (rows.length === 0) failures.push(`${page} has no row of old names: is its table still headed | old | new |?`);
  for (const path of files)
    for (const failure of oldNames(path, readFileSync(join(root, path), 'utf8'), rows)) failures.push(failure);
  const source = (path) => (files.includes(path) ? readFileSync(join(root, path), 'utf8') : null);
  for (const failure of missingTitles(readFileSync(join(root, titlesPage), 'utf8'), source)) failures.push(failure);
  end(failures);
}
