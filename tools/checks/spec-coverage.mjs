/*
 * Every command, event and process occurs in a spec, by its constant or its name; a process in `x.process.spec.ts` beside it,
 * with each event that it handles. Files with cases that a spec imports (`x-cases.ts`) count as specs. Every event is also
 * written: a decider, or other code that appends, names it; one that is only read is obsolete.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const declaration = /export const (\w+)\s*(?::[^=]+)?=\s*(command|event)\(\s*'([^']+)'/g;
/** Those of a record, whose names follow from it: `archiveContact = act(contact, …)`. */
const ofRecord = /export const (\w+)\s*=\s*(?:(create|change|act)|created|changed|eventOf)\(\s*\w+\b/g;

const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/(node_modules|dist)\//.test(path));

const declaredProcess = /export const (\w+)\s*(?::[^=]+)?=\s*process(?:<[^(]*>)?\(\s*'([^']+)'/g;
const handledEvent = /\bwhen\(\s*(\w+)\s*,/g;

/** Processes, and events that they handle, which the spec beside the file does not mention. */
function unspeccedProcesses(path, shown) {
  const text = readFileSync(path, 'utf8');
  const beside = path.replace(/\.ts$/, '.spec.ts');
  const spec = existsSync(beside) ? readFileSync(beside, 'utf8') : '';
  const isNamed = (constant) => new RegExp(`\\b${constant}\\b`).test(spec);
  const processes = [...text.matchAll(declaredProcess)].map(([, constant, name]) => ({
    constant,
    what: `The process ${name}`,
  }));
  const events = [...text.matchAll(handledEvent)].map(([, constant]) => ({
    constant,
    what: `A process that handles ${constant}`,
  }));
  return {
    declared: processes.length,
    missing: [...processes, ...events]
      .filter(({ constant }) => !isNamed(constant))
      .map(({ what, constant }) => `${what} (${shown}) has no spec beside it that mentions ${constant}.`),
  };
}

/** The number of declarations and specs, and a message per command, event or process without a spec, and per event without a writer. */
export function withoutSpec(root) {
  const parts = ['libs', 'apps', 'examples'].map((part) => join(root, part)).filter((folder) => existsSync(folder));
  const files = parts.flatMap(filesBelow);
  const specs = files.filter((path) => /(\.spec|-cases)\.ts$/.test(path)).map((path) => readFileSync(path, 'utf8'));
  const writers = files
    .filter((path) => !/(\.(spec|events|projection)|-cases|\/index)\.ts$|\/testing\//.test(path))
    .map((path) => readFileSync(path, 'utf8'));
  const missing = [];
  let declared = 0;
  for (const path of files.filter((file) => /\.(operations|internal|events)\.ts$/.test(file))) {
    const source = readFileSync(path, 'utf8');
    for (const [, constant, command] of source.matchAll(ofRecord)) {
      declared += 1;
      if (!specs.some((spec) => new RegExp(`\\b${constant}\\b`).test(spec)))
        missing.push(`The ${command ? 'command' : 'event'} ${constant} (${relative(root, path)}) is in no spec.`);
    }
    for (const [, constant, kind, name] of source.matchAll(declaration)) {
      declared += 1;
      const mentioned = new RegExp(`\\b${constant}\\b|['"\`]${name.replaceAll('.', '\\.')}['"\`]`);
      if (!specs.some((spec) => mentioned.test(spec))) {
        missing.push(`The ${kind} ${name} (${relative(root, path)}) has no spec that mentions ${constant}.`);
      }
      if (kind === 'event' && !writers.some((text) => new RegExp(`\\b${constant}\\b`).test(text)))
        missing.push(`The event ${name} (${relative(root, path)}) is written by nothing.`);
    }
  }
  let processes = 0;
  for (const path of files.filter((file) => file.endsWith('.process.ts'))) {
    const found = unspeccedProcesses(path, relative(root, path));
    processes += found.declared;
    for (const failure of found.missing) missing.push(failure);
  }
  return { declared, processes, specs: specs.length, missing };
}
