import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** A folder of external test data beside the project. null, with a warning, if it is not there. */
export function externalData(folder: string): string | null {
  const path = resolve('..', 'shared', 'data', folder);
  if (existsSync(path)) return path;
  console.warn(`Skipped: the external test data ../shared/data/${folder} is not there.`);
  return null;
}
