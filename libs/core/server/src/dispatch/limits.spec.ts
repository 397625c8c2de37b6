import { networkOf, RateLimits } from './limits.js';

describe('rate limits', () => {
  it('allow a burst, then say how long to wait, and recover with time', () => {
    let now = 0;
    const limits = new RateLimits({ now: () => now });
    const limit = { burst: 3, perSecond: 1 };
    expect([1, 2, 3].map(() => limits.take('ada', limit))).toEqual([null, null, null]);
    expect(limits.take('ada', limit)).toMatchObject({ status: 429, details: { retryAfterSeconds: 1 } });
    expect(limits.take('bo', limit)).toBeNull();
    now = 1_100;
    expect(limits.take('ada', limit)).toBeNull();
  });

  it('count a large request as many small ones', () => {
    let now = 0;
    const limits = new RateLimits({ now: () => now });
    const limit = { burst: 10, perSecond: 1 };
    expect(limits.take('ada', limit, 8)).toBeNull();
    expect(limits.take('ada', limit, 6)).toMatchObject({ status: 429, details: { retryAfterSeconds: 4 } });
    expect(limits.take('ada', limit, 2)).toBeNull();
    now = 6_000;
    expect(limits.take('ada', limit, 6)).toBeNull();
  });

  it('count an IPv4 address by itself, and all addresses of an IPv6 /64 as one caller', () => {
    expect(networkOf('203.0.113.7')).toBe('203.0.113.7');
    expect(networkOf('::ffff:203.0.113.7')).toBe('203.0.113.7');
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(networkOf('2001:DB8:1:2::9')).toBe('2001:db8:1:2::/64');
    expect(networkOf('2001:0db8:0001:0003::9')).toBe('2001:db8:1:3::/64');
    expect(networkOf('::1')).toBe('0:0:0:0::/64');
  });

  it('keep a bounded number of callers in memory, the most recent', () => {
    const limits = new RateLimits({ now: () => 0, most: 2 });
    const limit = { burst: 1, perSecond: 1 };
    for (const caller of ['a', 'b', 'c']) limits.take(caller, limit);
    expect(limits.take('c', limit)).toMatchObject({ status: 429 });
    expect(limits.take('a', limit)).toBeNull();
  });
});
