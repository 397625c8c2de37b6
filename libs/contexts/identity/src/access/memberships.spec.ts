import { limitedIn } from './memberships.js';

const [north, south] = ['0190a1b2-0000-7000-8000-0000000000aa', '0190a1b2-0000-7000-8000-0000000000bb'];
const grant = (companyId: string | null, ...permissions: string[]) => ({
  companyId,
  permissions: new Set(permissions),
});

describe('rights in single companies', () => {
  it('are empty when every permission is also held for the whole tenant', () => {
    expect(limitedIn([grant(null, 'a.read', 'b.post')])).toEqual([]);
    expect(limitedIn([grant(null, 'a.read'), grant(north, 'a.read')])).toEqual([]);
  });

  it('list, by company, the permissions held only there, each once and sorted', () => {
    expect(
      limitedIn([
        grant(null, 'own.read'),
        grant(north, 'b.post', 'a.read', 'own.read'),
        grant(north, 'a.read'),
        grant(south, 'a.read'),
      ]),
    ).toEqual([
      { companyId: north, permissions: ['a.read', 'b.post'] },
      { companyId: south, permissions: ['a.read'] },
    ]);
  });
});
