/*
 * `node --import ./tools/source.mjs x.ts` runs the workspace's sources in place: imports of `@daybook/...` and of
 * `./x.js` find the TypeScript they were built from, which SWC turns into JavaScript as it is loaded. For `npm run dev`
 * and for specs that need a program of their own.
 */
import { transformSync } from '@swc/core';
import { existsSync, readFileSync } from 'node:fs';
import { enableCompileCache, registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { librariesIn, sourcesOf } from './libraries.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const libraries = librariesIn();
const { jsc } = JSON.parse(readFileSync(`${root}.swcrc`, 'utf8'));

const sourceOf = (specifier, parent) => {
  const [, name, file = 'index'] = /^@daybook\/([^/]+)(?:\/(.+))?$/.exec(specifier) ?? [];
  if (libraries.has(name)) return pathToFileURL(`${sourcesOf(root, libraries.get(name))}/${file}.ts`).href;
  if (/^\.{1,2}\/.*\.js$/.test(specifier) && parent?.startsWith('file:')) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), parent);
    if (existsSync(source)) return source.href;
  }
  return null;
};

/** The JavaScript of a source. */
export const compiled = (filename) =>
  transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    configFile: false,
    sourceMaps: 'inline',
    module: { type: 'es6' },
    jsc,
  }).code;

// Specs start dozens of programs, each of which would compile the same modules.
enableCompileCache(`${root}node_modules/.cache/daybook/compiled`);

registerHooks({
  resolve: (specifier, context, next) => next(sourceOf(specifier, context.parentURL) ?? specifier, context),
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
    return { format: 'module', source: compiled(fileURLToPath(url)), shortCircuit: true };
  },
});
