import type { EffectiveGrant } from '@daybook/server';
import { blockOf, isAllowed } from './addresses.js';
import { whyRefused, withinScopes, withoutOwn } from './api-key-rights.js';

const key = {
  keyId: 'k',
  holder: 'service' as const,
  holderId: 's',
  name: 'Orders',
  scopes: ['accounting.*.read'],
  until: '2026-06-01T00:00:00.000Z',
  addresses: ['192.0.2.0/24'],
  issuedBy: 'kari',
  revoked: false,
  version: 1,
};
const now = Date.parse('2026-03-01T00:00:00Z');
const state = (change: object = {}, active = true) => ({
  keys: new Map([['k', { ...key, ...change }]]),
  services: new Map([['s', { name: 'Webshop', active, version: 1, createdBy: 'kari' }]]),
});

describe('an API key', () => {
  it('works while it is active, from the addresses it allows', () => {
    expect(whyRefused('k', state(), '192.0.2.7', now)).toBeNull();
    // The same address as IPv6 writes it (RFC 4291, 2.5.5.2), dotted or not.
    for (const mapped of ['::ffff:192.0.2.7', '::FFFF:c000:207', '0:0:0:0:0:ffff:192.0.2.7']) {
      expect(whyRefused('k', state(), mapped, now)).toBeNull();
      expect(whyRefused('k', state({ addresses: ['198.51.100.0/24'] }), mapped, now)).toContain('address');
      expect(whyRefused('k', state({ addresses: [mapped] }), '192.0.2.7', now)).toBeNull();
    }
    const v6 = state({ addresses: ['2001:db8:7::/48'] });
    expect(whyRefused('k', v6, '2001:DB8:7:0::1', now)).toBeNull();
    expect(whyRefused('k', v6, '2001:db8:8::1', now)).toContain('address');
  });

  it.each([
    ['revoked', state({ revoked: true }), '192.0.2.7', 'revoked'],
    ['unknown to the stream', { ...state(), keys: new Map() }, '192.0.2.7', 'not active'],
    ['expired', state({ until: '2026-03-01T00:00:00.000Z' }), '192.0.2.7', 'expired'],
    ['of a service account that is deactivated', state({}, false), '192.0.2.7', 'deactivated'],
    ['used from another address', state(), '192.0.3.7', 'address'],
    ['used from no address that is known', state(), null, 'address'],
  ] as const)('is refused if it is %s', (_, known, address, why) => {
    expect(whyRefused('k', known, address, now)).toContain(why);
  });

  const grant = (...permissions: string[]): EffectiveGrant => ({
    role: 'Accountant',
    companyId: null,
    party: null,
    permissions: new Set(permissions),
    fields: {},
  });
  const held = [
    grant('accounting.entry.post', 'accounting.entry.read', 'accounting.entry.list', 'identity.session.read'),
    grant('identity.own-api-key.issue'),
  ];

  it("may do what its holder may, within its scopes, but nothing on the holder's own account", () => {
    expect(withinScopes(held, ['accounting.*.read'])).toEqual([grant('accounting.entry.read')]);
    expect(withinScopes(held, ['audit.*.read', '*.read'])).toEqual([]);
    expect(withinScopes(held, ['accounting.entry.post'])).toEqual([grant('accounting.entry.post')]);
    expect(withinScopes(held, ['accounting.import.post'])).toEqual([]);
    expect(withinScopes(held, ['identity.own-api-key.issue'])).toEqual([]);
  });

  it("gives a delegate the person's rights, except those on their own account", () => {
    expect(withoutOwn(held)).toEqual([
      grant('accounting.entry.post', 'accounting.entry.read', 'accounting.entry.list', 'identity.session.read'),
    ]);
  });
});

describe('addresses an API key may be used from', () => {
  it('are IPv4 and IPv6 addresses and CIDR blocks', () => {
    expect(blockOf('192.0.2.1')).toEqual({ net: '192.0.2.1', bits: 32, family: 'ipv4' });
    expect(blockOf('2001:db8::/32')).toEqual({ net: '2001:db8::', bits: 32, family: 'ipv6' });
    for (const wrong of ['', 'here', '192.0.2.1/33', '192.0.2.0/-1', '192.0.2.0/08', '192.0.2.0/24/1', '::1/129', 'fe80::1%eth0']) {
      expect([wrong, blockOf(wrong)]).toEqual([wrong, null]);
    } // prettier-ignore
  });

  it('allow the addresses in the list, and any address if the list is empty', () => {
    expect(isAllowed('2001:db8::7', ['192.0.2.1', '2001:db8::/32'])).toBe(true);
    expect(isAllowed('2001:db9::7', ['192.0.2.1', '2001:db8::/32'])).toBe(false);
    expect(isAllowed('anything', [])).toBe(true);
    expect(isAllowed('no address', ['0.0.0.0/0'])).toBe(false);
  });
});
