import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** A folder of outside data beside the project, or null; who skips for its lack says so. */
export function externalData(folder: string): string | null {
  const path = resolve('..', 'shared', 'data', folder);
  if (existsSync(path)) return path;
  console.warn(`Skipped: the outside test data ../shared/data/${folder} is not here.`);
  return null;
}
