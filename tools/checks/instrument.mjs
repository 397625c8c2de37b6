/* Instruments the files in coverage-groups.mjs when Node loads them; Jest collects and reports the counts. */
import { registerHooks } from 'node:module';
import { matchesGlob, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInstrumenter } from 'istanbul-lib-instrument';
import { counted } from './coverage-groups.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const isCounted = (path) =>
  counted.some((glob) => !glob.startsWith('!') && matchesGlob(path, glob)) &&
  !counted.some((glob) => glob.startsWith('!') && matchesGlob(path, glob.slice(1)));

/** Branches that the compiler generates for decorators do not count: its helpers, and its checks whether a type exists. */
export const withoutDecorators = (source) =>
  source
    .replaceAll(/^function _ts_\w+\(/gm, '/* istanbul ignore next */ $&')
    .replaceAll(/typeof ([\w.]+) === "undefined" \? Object : \1/g, '/* istanbul ignore next */ $&');

export function instrument() {
  const instrumenter = createInstrumenter({ esModules: true });
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.startsWith('file:') || !isCounted(relative(root, fileURLToPath(url)))) return loaded;
      const source = instrumenter.instrumentSync(withoutDecorators(String(loaded.source)), fileURLToPath(url));
      return { ...loaded, source, shortCircuit: true };
    },
  });
}

/** Path → how many of its branches Jest knows to be taken. */
const known = new Map();

/**
 * What Jest gets after each spec file: the counts of files where this one took branches that none before it took. Modules
 * and their counts stay in the worker, so that all of them would be copied, sent and added up once per spec file.
 */
export function newlyTaken() {
  const news = Object.entries(globalThis.__coverage__ ?? {}).filter(([path, { b }]) => {
    const taken = Object.values(b)
      .flat()
      .filter((count) => count > 0).length;
    const isNews = known.get(path) !== taken;
    known.set(path, taken);
    return isNews;
  });
  return structuredClone(Object.fromEntries(news));
}
