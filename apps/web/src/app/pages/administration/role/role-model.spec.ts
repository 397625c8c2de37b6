import { describe, expect, it } from 'vitest';
import { permissions } from '../testing/answers';
import { checkedOf, difference, inWords, rowsOf, toggled, treeOf } from './role-model';

const tree = treeOf(permissions);
const [books, people] = tree;

describe('the permissions of a role', () => {
  it('are grouped by context and noun, without those that everybody has', () => {
    expect(tree.map(({ label }) => label)).toEqual(['Books', 'People and rights']);
    expect(books?.children.map(({ label }) => label)).toEqual(['Everything that only reads', 'Entry', 'Trial balance']);
    expect(people?.permissions).toEqual(['identity.grant.give']);
  });

  it('are named by a pattern for each context, and one for what only reads there', () => {
    expect(tree.map(({ id }) => id)).toEqual(['accounting.*', 'identity.*']);
    const reads = books?.children[0];
    expect(reads).toMatchObject({ id: 'accounting.*.read', children: [] });
    if (reads === undefined) throw new Error('no node');
    expect([...toggled(reads, new Set())].sort()).toEqual(['accounting.entry.read', 'accounting.trial-balance.read']);
    expect(people?.children.map(({ id }) => id)).toEqual(['identity.grant']);
  });

  it('are whole, empty or mixed above their leaves', () => {
    const some = new Set(['accounting.entry.post']);
    expect([books, people].map((node) => node && checkedOf(node, some))).toEqual(['mixed', 'false']);
    expect(books && checkedOf(books, new Set(books.permissions))).toBe('true');
  });

  it('are all ticked by a node that is not whole, and all taken by one that is', () => {
    if (books === undefined) throw new Error('no node');
    const all = toggled(books, new Set(['accounting.entry.post', 'identity.grant.give']));
    expect([...all].sort()).toEqual([...books.permissions, 'identity.grant.give'].sort());
    expect([...toggled(books, all)]).toEqual(['identity.grant.give']);
  });

  it('show what is open, and what leads to a match while something is looked for', () => {
    expect(rowsOf(tree, new Set(), '').map(({ node }) => node.id)).toEqual(['accounting.*', 'identity.*']);
    expect(rowsOf(tree, new Set(['accounting.*']), '').map(({ node, place, size }) => [node.id, place, size])).toEqual([
      ['accounting.*', 1, 2],
      ['accounting.*.read', 1, 3],
      ['accounting.entry', 2, 3],
      ['accounting.trial-balance', 3, 3],
      ['identity.*', 2, 2],
    ]);
    expect(rowsOf(tree, new Set(), 'post an').map(({ node }) => node.id)).toEqual([
      'accounting.*',
      'accounting.entry',
      'accounting.entry.post',
    ]);
    expect(rowsOf(tree, new Set(), 'trial').map(({ node }) => node.id)).toEqual([
      'accounting.*',
      'accounting.trial-balance',
      'accounting.trial-balance.read',
    ]);
  });

  it('are said in the titles of operations: what may be changed, seen, and what not', () => {
    const words = inWords(tree, new Set(['accounting.entry.post', 'accounting.trial-balance.read']));
    expect(words).toEqual({
      changes: [{ part: 'Books', titles: ['Post an entry'] }],
      sees: [{ part: 'Books', titles: ['Read the trial balance'] }],
      cannot: [
        { part: 'Books', titles: ['List entries'] },
        { part: 'People and rights', titles: ['Give a role'] },
      ],
    });
  });

  it('say what saving adds and takes away', () => {
    expect(difference(tree, new Set(['accounting.entry.post']), new Set(['identity.grant.give']))).toEqual({
      added: ['Give a role'],
      taken: ['Post an entry'],
    });
  });
});
