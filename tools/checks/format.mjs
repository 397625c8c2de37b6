/* `npm run format:check`: checks the files of the repository with Prettier, and prints how many. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, getFileInfo, resolveConfig } from 'prettier';
import { root } from './results.mjs';
import { end, reportFiles, tracked } from './checked-files.mjs';

const files = tracked();
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
end([...reportFiles('format', looked), ...failures]);
