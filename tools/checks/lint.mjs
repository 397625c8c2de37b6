/* `npm run lint [-- --fix] [paths]`: runs ESLint on the tree, or on these paths, and prints on how many files. */
import { ESLint } from 'eslint';
import { relative, resolve } from 'node:path';
import { root } from './results.mjs';
import { end, parts, reportFiles } from './checked-files.mjs';

const paths = process.argv.slice(2).filter((path) => !path.startsWith('--'));
const eslint = new ESLint({ cwd: root, fix: process.argv.includes('--fix') });
const results = await eslint.lintFiles(paths.length === 0 ? ['.'] : paths.map((path) => resolve(path)));
await ESLint.outputFixes(results);
const text = await (await eslint.loadFormatter('stylish')).format(results);
if (text) console.log(text);
const failures = reportFiles(
  'lint',
  results.map(({ filePath }) => relative(root, filePath)),
  paths.length === 0 ? parts : paths.map((path) => relative(root, resolve(path))),
);
const faults = results.reduce((sum, { errorCount, warningCount }) => sum + errorCount + warningCount, 0);
if (faults > 0) failures.push(`ESLint found ${faults} faults.`);
end(failures);
