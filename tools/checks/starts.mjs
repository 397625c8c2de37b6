/*
 * Spec files that start a product, a server or a program, which takes most of the time of the specs. Each is listed in starts.json
 * under the reason why nothing simpler suffices (docs/adr/0045).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Provides the server of the run, which all specs share. */
const shared = 'libs/core/postgres/src/testing/database.ts';

/** Functions that start one, including helpers that call them. */
const starters = [
  ...['startDoomed'],
  ...['startApp', 'approvalsWorld', 'useSso', 'useEventStoreDb', 'startKit', 'apiWith', 'createApi', 'createProjector'],
  ...['startEmbedded', 'scratchServer', 'Starts', 'faultRounds', 'spawn', 'fork'],
];
const call = new RegExp(`(?<![.\\w]|function )(?:${starters.join('|')})\\(`);
const named = new RegExp(`export (?:async )?(?:function|const|class) (?:${starters.join('|')})\\b`);

export const startsOne = (text) => call.test(text);

const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/(node_modules|dist|fixtures)\//.test(path));

/** The number of specs, how many of them start something, and a message per error in the list. */
export function starts(root, list = JSON.parse(readFileSync(join(root, 'tools/checks/starts.json'), 'utf8'))) {
  const files = ['libs', 'apps/api', 'apps/projector', 'examples', 'tools'].flatMap((part) =>
    filesBelow(join(root, part)),
  );
  const read = (paths) => paths.map((path) => [relative(root, path), readFileSync(path, 'utf8')]);
  const specs = read(files.filter((path) => /(?<!\.browser)\.spec\.ts$/.test(path)));
  const helpers = read(files.filter((path) => path.includes('/testing/') && !path.endsWith('.spec.ts')));
  const listed = list.flatMap(({ files: of }) => of);
  const starting = specs.filter(([, text]) => startsOne(text)).map(([path]) => path);
  const wrong = [
    ...starting
      .filter((path) => !listed.includes(path))
      .map((path) => `${path} starts a product, a server or a program: add it to tools/checks/starts.json, under why.`),
    ...listed
      .filter((path, index) => !starting.includes(path) || listed.indexOf(path) !== index)
      .map((path) => `${path} is in tools/checks/starts.json twice, or starts nothing.`),
    ...list.filter(({ why }) => !why).map(({ files: of }) => `tools/checks/starts.json gives no reason for ${of}.`),
    ...helpers
      .filter(([path, text]) => path !== shared && startsOne(text) && !named.test(text))
      .map(([path]) => `${path} starts something: name what it exports in tools/checks/starts.mjs.`),
  ];
  return { specs: specs.length, starting: starting.length, wrong };
}
