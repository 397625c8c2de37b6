/* `npm run typecheck`: type-checks libraries, server applications and tools, and prints how many files. */
import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { root } from './results.mjs';
import { end, parts, reportFiles } from './checked-files.mjs';

const tsc = join(root, 'node_modules/typescript/bin/tsc');
const { stdout, status } = spawnSync(process.execPath, [tsc, '--noEmit', '--listFiles', '-p', 'tsconfig.json'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const lines = stdout.split('\n').filter((line) => line !== '');
const files = lines.filter((line) => line.startsWith(`${root}/`)).map((line) => relative(root, line));
for (const line of lines) if (!line.startsWith('/')) console.log(line);
const ours = files.filter((path) => !path.startsWith('node_modules/'));
// The console is checked separately, with Angular's templates.
const failures = reportFiles(
  'typecheck',
  ours,
  parts.filter((part) => part !== 'apps/web/'),
);
if (status !== 0) failures.push('TypeScript found faults.');
end(failures);
