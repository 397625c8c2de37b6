import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EventDeclaration } from '@daybook/kernel';
import { wireType } from '../sealing-catalogue.js';

const contexts = join(dirname(fileURLToPath(import.meta.url)), '../../../../contexts');

/**
 * `libs/contexts/<context>/golden/<type>.json` shows an event as stored, in the version that is written. A missing file is
 * created (not in CI), an existing one is compared: an event of another shape gets another version, and the first one since a
 * release raises the data format (docs/adr/0049).
 */
export function expectGolden<E extends EventDeclaration>(
  { name, version, data }: E,
  samples: readonly Parameters<E['of']>[0][],
  folder = join(contexts, name.split('.')[0]!, 'golden'),
): void {
  const golden = `${wireType(name, version)}.json`;
  const path = join(folder, golden);
  const written: unknown = JSON.parse(JSON.stringify(samples.map((sample) => data.parse(sample))));
  if (!existsSync(path)) {
    if (process.env['CI']) throw new Error(`${path} is missing: run the specs once and commit it.`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, `${JSON.stringify(written, null, 2)}\n`);
  }
  expect(written).toEqual(JSON.parse(readFileSync(path, 'utf8')));
  expect(readdirSync(folder).filter((file) => file.startsWith(`${name}.v`))).toEqual([golden]);
}
