/*
 * `npm run documents`: references in code and documents are not broken: links between documents, files below docs/, decision
 * records by number, sources that a document names by path or name, names in the code, npm scripts, and documents with names in
 * capitals. Code that a document shows after the path of a source is in that source.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { root } from './results.mjs';
import { end, isMain, reportFiles, tracked } from './checked-files.mjs';

/** Documents that were never part of the repository; their content is in docs/architecture.md and docs/adr. */
const elsewhere = ['ARCHITECTURE', 'BRIEF', 'CONSOLE', 'DECISIONS', 'KIT', 'NAMES', 'STACK', 'STYLE'];

const patterns = {
  link: /\]\(([^)\s]+)\)/g,
  path: /(?<![\w/.])docs\/[\w./-]*\w/g,
  source: /`((?:libs|apps|tools|examples)\/[\w./-]+\.(?:m?[jt]s|json|sh|md))`/g,
  // `x.events.ts` stands for every file of that suffix.
  file: /`(?![xy]\.)([\w-]+(?:\.[\w-]+)*\.(?:m?[jt]s|sh))`/g,
  name: /`(?:[A-Za-z]\w*\.)*([a-z]+[A-Z]\w*|(?:[A-Z][a-z]+){2}\w*)(?:\(.*?\))?`/g,
  script: /\bnpm run (?:-s )?([\w:-]+)/g,
  record: /\b(?:ADR|[Dd]ecision(?: record)?s?) (\d{1,4})\b/g,
  capitals: /\b([A-Z][A-Z_-]+)\.md\b/g,
  paper: new RegExp(`\\b(?:${elsewhere.join('|')})(?= \\d|, ["“])|\\b(?:ARCHITECTURE|DECISIONS)\\b(?!\\.md)`, 'g'),
};

/** Names of libraries that documents explain why the code does not use. */
const foreign = ['EntityRepository', 'EventBus'];
/** Say what names were before. */
const ofBefore = ['docs/changes.md', 'docs/spec-titles.md'];

/**
 * A message per broken reference in a text. `paths` are the files of the repository, `names` the words of its code, `scripts` those
 * of package.json; names and scripts are checked only when given.
 */
export function deadReferences(path, text, paths, { names, scripts } = {}) {
  const held = new Set(paths);
  const isThere = (target) => held.has(target) || paths.some((one) => one.startsWith(`${target.replace(/\/$/, '')}/`));
  const records = paths.filter((one) => /^docs\/adr\/\d{4}-.+\.md$/.test(one)).map((one) => basename(one).slice(0, 4));
  const failures = [];
  const fail = (index, what) => failures.push(`${path}:${text.slice(0, index).split('\n').length} refers to ${what}, which is not there.`); // prettier-ignore

  if (extname(path) === '.md')
    for (const { 1: target, index } of text.matchAll(patterns.link)) {
      const [file] = target.split('#');
      if (file !== '' && !/^[a-z]+:/.test(target) && !isThere(join(dirname(path), file))) fail(index, target);
    }
  for (const { 0: target, index } of text.matchAll(patterns.path)) {
    const isRecord = /^docs\/adr\/\d{4}$/.test(target);
    if (isRecord ? !records.includes(target.slice(-4)) : !isThere(target)) fail(index, target);
  }
  if (extname(path) === '.md' && !ofBefore.includes(path)) {
    for (const { 1: target, index } of text.matchAll(patterns.source)) if (!isThere(target)) fail(index, target);
    for (const { 1: target, index } of text.matchAll(patterns.file))
      if (!paths.some((one) => basename(one) === target)) fail(index, target);
    for (const { 1: name, index } of text.matchAll(patterns.name))
      if (names && !names.has(name) && !foreign.includes(name)) fail(index, name);
  }
  for (const { 1: script, index } of text.matchAll(patterns.script))
    if (scripts && !scripts.includes(script) && !ofBefore.includes(path)) fail(index, `npm run ${script}`);
  for (const { 1: number, index } of text.matchAll(patterns.record))
    if (!records.includes(number.padStart(4, '0'))) fail(index, `decision ${number}`);
  for (const { 0: name, index } of text.matchAll(patterns.capitals))
    if (!paths.some((one) => basename(one) === name)) fail(index, name);
  for (const { 0: name, index } of text.matchAll(patterns.paper)) fail(index, name);
  return failures;
}

/** One sentence per block of code in a document that is not, word for word, in the source that is named above it. */
export function differingCode(path, text, read) {
  if (extname(path) !== '.md') return [];
  return [...text.matchAll(/`([\w./-]+\.ts)`[^\n]*\n+```ts\n([\s\S]*?)```/g)]
    .filter(([, source, code]) => !read(source).includes(code))
    .map(([, source], index) => `${path}: block ${index + 1} of code is not what ${source} says.`);
}

if (isMain(import.meta)) {
  const paths = tracked();
  const read = (path) => readFileSync(join(root, path), 'utf8');
  const texts = paths.filter(
    (path) =>
      /\.(md|m?[jt]s|cjs|json|css|html|sh|ya?ml|toml)$|^\.ci\/run$/.test(path) &&
      !/^(package-lock\.json|tools\/checks\/documents\.(mjs|spec\.ts))$/.test(path),
  );
  const failures = reportFiles('documents', texts);
  const names = new Set(
    texts.filter((path) => extname(path) !== '.md').flatMap((path) => read(path).match(/\w+/g) ?? []),
  );
  const scripts = paths
    .filter((path) => basename(path) === 'package.json')
    .flatMap((path) => Object.keys(JSON.parse(read(path)).scripts ?? {}));
  for (const path of texts)
    for (const failure of [
      ...deadReferences(path, read(path), paths, { names, scripts }),
      ...differingCode(path, read(path), read),
    ])
      failures.push(failure);
  end(failures);
}
