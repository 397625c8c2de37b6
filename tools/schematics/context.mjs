/*
 * `npm run new-context NAME [RECORD]`, or `npx nest g context NAME [RECORD]`: a context with one record, by the kit, with its specs,
 * and its two lines in libs/contexts/index.ts. Files of the folder `context` are copied; `<%= name %>` in them, and `__name__` in
 * their paths, is filled.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const templates = fileURLToPath(new URL('context/', import.meta.url));
const list = 'libs/contexts/index.ts';
const packages = ['apps', 'libs', 'libs/core', 'libs/contexts', 'tools'];
const word = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export function context({ name, path: record = 'item' }) {
  return async (tree, { logger }) => {
    for (const one of [name, record])
      if (!word.test(one ?? ''))
        throw new Error(`Name it in lower case, as in an address: sales, sales-order. Not: ${one}`);
    const folder = `libs/contexts/${name}`;
    const known = packages.map((inner) => `${inner}/${name}`).find((one) => tree.exists(`${one}/package.json`));
    if (known !== undefined) throw new Error(`There is a package of that name: ${known}. Choose another one.`);

    const words = {
      ...formsOf('name', name),
      ...formsOf('record', record),
      version: tree.readJson('package.json').version,
    };
    refuseUnfit(words);
    const fill = (text) => text.replace(/<%= (\w+) %>|__(\w+)__/g, (_, inText, inPath) => words[inText ?? inPath]);
    for (const file of filesBelow(templates)) {
      const path = fill(relative(templates, file)).replace(/\.template$/, '');
      tree.create(`${folder}/${path}`, await formatted(path, fill(readFileSync(file, 'utf8'))));
    }
    tree.overwrite(list, await formatted(list, withContext(tree.readText(list), words)));
    logger.info(nextSteps(words));
  };
}

/** Names that the templates make of the words must be free: neither the language's, nor imported there, nor made of both words. */
function refuseUnfit(words) {
  const texts = filesBelow(templates).map((file) => readFileSync(file, 'utf8'));
  const imported = texts.flatMap((text) =>
    [...text.matchAll(/^import \{([^}]*)\}/gm)].flatMap(([, names]) => names.split(/[\s,]+/)),
  );
  const madeOf = (as) =>
    texts.flatMap((text) =>
      [...text.matchAll(new RegExp(`(\\w*)<%= (${as}(?:Constant|Class)) %>(\\w*)`, 'g'))].map(
        ([, before, form, after]) => before + words[form] + after,
      ),
    );
  const [ofName, ofRecord] = [madeOf('name'), madeOf('record')];
  const unfit = [...ofName, ...ofRecord].find((made) => imported.includes(made) || !isIdentifier(made));
  if (unfit !== undefined)
    throw new Error(`It cannot be called so: ${unfit} means something in the code already. Choose another word.`);
  if (ofName.some((made) => ofRecord.includes(made)))
    throw new Error(
      `It cannot be called so: the context ${words.name} and its record ${words.record} would have one name.`,
    );
}
/** Whether something in a module may have this name. */
function isIdentifier(name) {
  if (['undefined', 'globalThis', 'module', 'exports', 'require'].includes(name)) return false;
  try {
    new Script(`async () => { 'use strict'; const ${name} = 0; }`);
    return true;
  } catch {
    return false;
  }
}

/** As `npm run format` leaves it: how long a line is depends on the names. */
async function formatted(path, text) {
  const { format, resolveConfig } = await import('prettier');
  return format(text, { ...(await resolveConfig(templates)), filepath: path });
}

/** `sales-order` as it stands in code and in sentences. */
function formsOf(as, name) {
  const pascal = name.replace(/(^|-)([a-z0-9])/g, (_, __, letter) => letter.toUpperCase());
  const text = name.replaceAll('-', ' ');
  return {
    [as]: name,
    [`${as}Constant`]: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    [`${as}Class`]: pascal,
    [`${as}Words`]: text,
    [`${as}Title`]: text.charAt(0).toUpperCase() + text.slice(1),
  };
}

const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** The list with the context: its import in alphabetical order, and its module at the end. */
function withContext(text, { name, nameClass }) {
  const lines = text.split('\n');
  const added = `import { ${nameClass}Module } from '@daybook/${name}/${name}.module';`;
  const imports = [...lines.filter((line) => line.startsWith('import ')), added];
  const rest = lines.filter((line) => !line.startsWith('import ')).join('\n');
  const listed = rest.replace(/^(export const contexts = \[[^\]]*?),?\s*\];$/m, `$1, ${nameClass}Module];`);
  if (listed === rest) throw new Error(`${list} has no list to add to.`);
  const from = (line) => line.split("'")[1];
  return `${imports.sort((a, b) => (from(a) < from(b) ? -1 : 1)).join('\n')}\n${listed}`;
}

/** As the roles of the template have it: lines of the reviewed matrix, to be read before they are taken over. */
const rightsOf = ({ name, record }) =>
  Object.entries({ create: false, change: false, archive: false, restore: false, list: true, read: true })
    .map(([verb, reads]) => {
      const others = reads
        ? 'denied   denied   allowed  denied   allowed'
        : 'denied   denied   denied   denied   denied ';
      return `   ${`${name}.${record}.${verb}`.padEnd(42)} allowed  ${others} | -      -         -`;
    })
    .join('\n');

const nextSteps = (words) => `
Next:
1. npm install && npm run complete-lock     links the new package, and notes it in the lock file.
2. npm run test:node -- libs/contexts/${words.name}
   It writes libs/contexts/${words.name}/golden, the stored format of the events, which belongs into the commit.
3. Describe the fields in libs/contexts/${words.name}/src/${words.record}/${words.record}.record.ts, as docs/developer.md shows.
   Delete the golden files whenever an event changes; once data is kept, its version is raised instead.
4. Decide who may do what: the roles in libs/contexts/${words.name}/src/index.ts, and the same, reviewed by hand, in
   libs/app/src/rights.matrix.ts, whose spec fails until it has a line for each operation. As the roles are now:
   const ${words.nameConstant} = \`
${rightsOf(words)}
   \`; and its name in the list of all texts there.
`;
