/*
 * The list of controls: `item` of docs/asvs.md; `out`, the control; `changes`, how to remove it (a text that occurs once in a file,
 * and its replacement); `fails`, the specs that must fail. `whole`: the specs of the file depend on earlier ones, so the whole
 * file runs. `env`: environment variables, to shorten a long spec.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const controls = (root) =>
  readdirSync(join(root, 'tools/checks/controls'))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => JSON.parse(readFileSync(join(root, 'tools/checks/controls', name), 'utf8')));

/** The controls of an item, a section or a chapter: `7.4.1`, `7.4`, `7`; by default all. */
export const wanted = (all, names) =>
  names.length === 0 ? all : all.filter(({ item }) => names.some((name) => `${item}.`.startsWith(`${name}.`)));

/** Each file that a control changes, with and without the control. Throws if the text does not occur. */
export function changed(root, { item, changes }) {
  const texts = new Map();
  for (const { file, find, put } of changes) {
    const before = texts.get(file)?.before ?? readFileSync(join(root, file), 'utf8');
    const text = texts.get(file)?.without ?? before;
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`${item}: ${file} has the text ${times} times: ${find}`);
    texts.set(file, { before, without: text.replace(find, () => put) });
  }
  return texts;
}

/** The specs that must fail, by file: one run of Jest for each. */
export function runsOf(list) {
  const runs = new Map();
  for (const { fails, whole = false, env = {} } of list) {
    for (const proof of fails) {
      const [file, title] = proof.split(' › ');
      const run = runs.get(file) ?? { file, titles: [], whole: false, env: {} };
      if (!run.titles.includes(title)) run.titles.push(title);
      runs.set(file, { ...run, whole: run.whole || whole, env: { ...run.env, ...env } });
    }
  }
  return [...runs.values()];
}
