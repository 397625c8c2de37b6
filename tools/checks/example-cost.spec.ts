import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Counted {
  readonly path: string;
  readonly lines: readonly string[];
}
const root = fileURLToPath(new URL('../..', import.meta.url));
const { budgets, costOf, overBudget } = (await import(join(root, 'tools/checks/example-cost.mjs'))) as {
  budgets: Readonly<Record<string, object>>;
  costOf(what: string, folder: string, root: string): readonly Counted[];
  overBudget(what: string, counted: readonly Counted[]): { readonly over: readonly string[] };
};
const folderOf = (what: string) =>
  join(root, what === 'register' ? 'libs/contexts/collaboration/src/tag' : 'examples/context');

describe('the worked example', () => {
  it.each(Object.keys(budgets))('keeps to the budget of %s', (what) => {
    const counted = costOf(what, folderOf(what), root);
    expect(counted.length).toBeGreaterThan(0);
    expect(overBudget(what, counted)).toMatchObject({ over: [] });
  });

  it('counts what a context costs, and says when it is too much', () => {
    const counted = costOf('aggregate', join(root, 'libs/contexts/approvals'), root);
    expect(overBudget('aggregate', counted).over).toEqual(['lines', 'files', 'outside']);
  });
});
