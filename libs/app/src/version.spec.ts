import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { version } from '@daybook/kernel';
import { openApiDocument } from '@daybook/server/openapi/document';

const root = fileURLToPath(new URL('../../..', import.meta.url));
interface Package {
  readonly version?: string;
}
const read = (path: string): Package & { packages?: Record<string, Package> } =>
  JSON.parse(readFileSync(join(root, path), 'utf8')) as Package & { packages?: Record<string, Package> };

describe('the version', () => {
  it('is the same in every package, in the lock file and in the product', () => {
    const { version: locked, packages = {} } = read('package-lock.json');
    const own = Object.keys(packages).filter((path) => !path.includes('node_modules'));
    expect(own.length).toBeGreaterThan(15);
    const said = [
      ['package-lock.json', locked],
      ['the OpenAPI document', (openApiDocument([], [])['info'] as Package).version],
      ...own.flatMap((path) => [
        [`${path} in package-lock.json`, packages[path]!.version],
        [join(path, 'package.json'), read(join(path, 'package.json')).version],
      ]),
    ];
    expect(said.filter(([, found]) => found !== version)).toEqual([]);
  });
});
