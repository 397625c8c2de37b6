import { reject } from '@daybook/kernel';
import { Cursors, cutPage, everyPage, maxExportRows } from './query-context.js';

const cursors = new Cursors('a secret of more than thirty-two characters');
const scope = { tenant: 't', operation: 'o', filters: {}, knownAt: null };
const numbers = Array.from({ length: 450 }, (_, i) => ({ n: i }));
const page = (input: Record<string, unknown>) =>
  cutPage(
    cursors,
    scope,
    { limit: Number(input['limit']), cursor: input['cursor'] as string | undefined },
    (row: { n: number }) => [String(row.n)],
    async (after, count) => numbers.filter((row) => after === null || row.n > Number(after[0])).slice(0, count),
  );

describe('an export of a list', () => {
  it('contains every row once, in order, over all pages', async () => {
    expect(await everyPage('items', { limit: 50 }, page)).toEqual({ items: numbers, next: null });
  });

  it('is a single answer when the list has no pages', async () => {
    expect(await everyPage('rows', {}, async () => ({ rows: [1, 2], total: 3 }))).toEqual({ rows: [1, 2], total: 3 });
  });

  it('passes rejections on, and rejects exports with too many rows', async () => {
    const refused = reject('x.no', 'No.');
    expect(await everyPage('items', { limit: 50 }, async () => refused)).toBe(refused);
    const endless = async () => ({ items: Array.from({ length: maxExportRows / 2 }, () => 1), next: 'more' });
    expect(await everyPage('items', { limit: 50 }, endless)).toMatchObject({ code: 'platform.too-many-rows' });
  });
});

describe('a cursor', () => {
  it('is valid only for its own tenant, operation, filters and known-at', () => {
    const cursor = cursors.write(scope, ['a', null]);
    expect(cursors.read(scope, cursor)).toEqual(['a', null]);
    for (const other of [{ tenant: 'x' }, { operation: 'x' }, { filters: { x: 1 } }, { knownAt: '7' }]) {
      expect(() => cursors.read({ ...scope, ...other }, cursor)).toThrow('does not belong to this list');
    }
    expect(() => new Cursors('another secret of thirty-two chars').read(scope, cursor)).toThrow();
  });
});
