import { declaredPermissions, matchesPermission, readsOf } from './permission.js';

const permissions = ['pay.slip.read', 'pay.slip.issue', 'stock.item.read', 'stock.item.count', 'stocks.item.read'];

describe('a pattern of permissions', () => {
  it.each([
    ['stock.*', ['stock.item.read', 'stock.item.count']],
    [readsOf('stock'), ['stock.item.read']],
    ['stock.item.*', ['stock.item.read', 'stock.item.count']],
    ['pay.slip.issue', ['pay.slip.issue']],
  ])('%s names what it says of its context, and nothing of another', (pattern, named) => {
    expect(permissions.filter((permission) => matchesPermission(pattern, permission))).toEqual(named);
  });

  it.each(['*', '*.read', '*.slip.read', 'p*.slip.read', 'pay'])('%s names no context, and so nothing', (pattern) => {
    expect(permissions.filter((permission) => matchesPermission(pattern, permission))).toEqual([]);
  });
});

describe('what the contexts give to the roles', () => {
  const stock = { name: 'stock', roles: { Admin: ['stock.*'], Auditor: ['stock.*.read'] } } as const;

  it('is what each says, and nothing of a context that says nothing', () => {
    const { roles } = declaredPermissions(permissions, [stock, { name: 'pay', roles: {} }]);
    expect([...roles.Admin]).toEqual(['stock.item.read', 'stock.item.count']);
    expect([...roles.Auditor]).toEqual(['stock.item.read']);
    expect([...roles.Accountant, ...roles.Staff, ...roles.Vendor]).toEqual([]);
  });

  it('is of the context itself, and of permissions that there are', () => {
    const given = (pattern: `${string}.${string}`) => () =>
      declaredPermissions(permissions, [{ name: 'stock', roles: { Staff: [pattern] } }]);
    expect(given('pay.slip.read')).toThrow('not its own');
    expect(given('stocks.*')).toThrow('not its own');
    expect(given('stock.shelf.*')).toThrow('names no permission');
  });
});
