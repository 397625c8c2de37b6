import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EventDeclaration } from '@daybook/kernel';
import { wireType } from '../catalogue-of.js';

const contexts = join(dirname(fileURLToPath(import.meta.url)), '../../../../contexts');

/**
 * What an event looks like in the log stands in `libs/contexts/<context>/golden/<type>.json` and may never change: the log of every
 * customer holds it. A missing file is written (but not in CI), an existing one only compared. Samples of older versions
 * must still be lifted to data that today's schema takes.
 */
export function expectGolden<E extends EventDeclaration>(
  declaration: E,
  samples: readonly Parameters<E['of']>[0][],
  folder = join(contexts, declaration.name.split('.')[0]!, 'golden'),
): void {
  const file = (version: number): string => join(folder, `${wireType(declaration.name, version)}.json`);
  const written = samples.map((sample) => JSON.parse(JSON.stringify(declaration.data.parse(sample))) as unknown);
  const newest = file(declaration.version);
  if (!existsSync(newest)) {
    if (process.env['CI']) throw new Error(`${newest} is missing: run the specs once and commit it.`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(newest, `${JSON.stringify(written, null, 2)}\n`);
  }
  expect(written).toEqual(JSON.parse(readFileSync(newest, 'utf8')));
  for (let version = 1; version < declaration.version; version++) {
    for (let data of JSON.parse(readFileSync(file(version), 'utf8')) as unknown[]) {
      for (let v = version; v < declaration.version; v++) data = declaration.upcast[v]!(data as never);
      declaration.data.parse(data);
    }
  }
  const newer = readdirSync(folder).filter(
    (name) => name === `${wireType(declaration.name, declaration.version + 1)}.json`,
  );
  expect(newer).toEqual([]);
}
