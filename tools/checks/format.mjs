/* `npm run format:check`: Prettier over what the repository holds, with how many files it looked at. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, getFileInfo, resolveConfig } from 'prettier';
import { root } from './results.mjs';
import { end, seen } from './seen.mjs';

const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
const files = listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
const looked = [];
const failures = [];
for (const path of files) {
  const file = join(root, path);
  const { ignored, inferredParser } = await getFileInfo(file, { ignorePath: join(root, '.prettierignore') });
  if (ignored || inferredParser === null) continue;
  looked.push(path);
  const options = { ...(await resolveConfig(file)), filepath: file };
  const isFormatted = await check(readFileSync(file, 'utf8'), options).catch((error) => {
    failures.push(`${path}: ${error.message.split('\n')[0]}`);
    return true;
  });
  if (!isFormatted) failures.push(`${path} is not formatted: npm run format`);
}
end([...seen('format', looked), ...failures]);
