import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Entry {
  readonly name: string;
  readonly words: { readonly tenant: readonly string[]; readonly company: readonly string[] };
  readonly pages: readonly { readonly key?: string }[];
}
const root = fileURLToPath(new URL('../..', import.meta.url));
const { ambiguous } = (await import(join(root, 'apps/web/tools/ambiguous.mjs'))) as {
  ambiguous(contexts: readonly Entry[]): string[];
};

describe('the contexts of the console', () => {
  const entry = (name: string, of: Partial<Entry['words']>, key?: string): Entry => ({
    name,
    words: { tenant: [], company: [], ...of },
    pages: key === undefined ? [] : [{ key }],
  });

  it('each have addresses and keys of their own', () => {
    expect(
      ambiguous([entry('crm', { tenant: ['contacts'] }, 'P'), entry('stock', { company: ['contacts'] }, 'J')]),
    ).toEqual([]);
    expect(
      ambiguous([
        entry('crm', { tenant: ['contacts'] }, 'P'),
        entry('stock', { tenant: ['contacts', 'account'] }, 'P'),
      ]),
    ).toEqual([
      'stock and crm both have the address /contacts.',
      'stock and the console both have the address /account.',
      'stock and crm both have the keys G P.',
    ]);
  });
});
