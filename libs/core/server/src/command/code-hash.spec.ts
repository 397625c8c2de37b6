import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codeHash } from './code-hash.js';

describe('the hash of a decider', () => {
  const folders: string[] = [];
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

  const files = {
    'decider.js': `import { rule } from './rules.js';\nimport * as z from "zod";\nexport * from '@daybook/kernel';\nexport const d = rule;`,
    'rules.js': `import './deep/words.js';\nexport const rule = "from './nowhere.js'";`,
    'deep/words.js': `export { a } from '../decider.js';`,
    'beside.js': 'export const unused = 1;',
    'node_modules/zod/package.json': '{ "version": "4.0.0" }',
    'node_modules/@daybook/kernel/dist/index.js': `export * from './ids.js';`,
    'node_modules/@daybook/kernel/dist/ids.js': 'export const id = 1;',
  };
  function hashOf(changed: Partial<typeof files> = {}): string {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-code-'));
    folders.push(folder);
    for (const [name, text] of Object.entries({ ...files, ...changed })) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return codeHash(pathToFileURL(join(folder, 'decider.js')).href);
  }

  it('is the same for the same code, wherever it is', () => {
    expect(hashOf()).toBe(hashOf());
    expect(hashOf({ 'beside.js': 'export const unused = 2;' })).toBe(hashOf());
  });

  it('takes a slash in a text that is exported for no package', () => {
    expect(() => hashOf({ 'rules.js': "export const rule = (id) => id.split('/');" })).not.toThrow();
  });

  it.each([
    ['the module', { 'decider.js': `${files['decider.js']} ` }],
    ['what it imports', { 'rules.js': 'export const rule = 2;' }],
    ['what that imports', { 'deep/words.js': 'export const a = 1;' }],
    ['a package of the workspace', { 'node_modules/@daybook/kernel/dist/ids.js': 'export const id = 2;' }],
    ['the version of another package', { 'node_modules/zod/package.json': '{ "version": "4.0.1" }' }],
  ])('changes with %s', (_, changed) => {
    expect(hashOf(changed)).not.toBe(hashOf());
  });
});
