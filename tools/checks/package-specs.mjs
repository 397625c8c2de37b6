/*
 * `npm run test` and `npm run test-product` of one library (or of tools): its specs, run by Jest. `test` needs only the library's
 * dependencies; `test-product` starts the whole product (*.e2e.spec.ts). nx runs both for packages that a change affects.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './results.mjs';

const [what, ...more] = process.argv.slice(2);
const folder = relative(root, process.cwd());
const files = globSync('**/*.spec.ts', { exclude: ['**/node_modules/**', '**/dist/**'] }).filter(
  (file) => file.endsWith('.e2e.spec.ts') === (what === 'test-product'),
);
const specs = what === 'test-product' ? '\\.e2e\\.spec\\.ts$' : '(?<!\\.e2e)\\.spec\\.ts$';
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/jest/bin/jest.js'),
    '--maxWorkers=1',
    // Only where there are no such files at all, so that a pattern that finds none of them fails.
    ...(files.length === 0 ? ['--passWithNoTests'] : []),
    '--testPathPatterns',
    `/${folder}/.*${specs}`,
    ...more,
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
