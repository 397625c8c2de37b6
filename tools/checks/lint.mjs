/* `npm run lint [-- --fix]`: ESLint over the tree, with how many files it looked at. */
import { ESLint } from 'eslint';
import { relative } from 'node:path';
import { root } from './results.mjs';
import { end, seen } from './seen.mjs';

const eslint = new ESLint({ cwd: root, fix: process.argv.includes('--fix') });
const results = await eslint.lintFiles(['.']);
await ESLint.outputFixes(results);
const text = await (await eslint.loadFormatter('stylish')).format(results);
if (text) console.log(text);
const failures = seen(
  'lint',
  results.map(({ filePath }) => relative(root, filePath)),
);
const faults = results.reduce((sum, { errorCount, warningCount }) => sum + errorCount + warningCount, 0);
if (faults > 0) failures.push(`ESLint found ${faults} faults.`);
end(failures);
