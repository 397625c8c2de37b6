import { RateLimits } from './limits.js';

describe('rate limits', () => {
  it('let a burst through, then say how long to wait, and recover with time', () => {
    let now = 0;
    const limits = new RateLimits(() => now);
    const limit = { burst: 3, perSecond: 1 };
    expect([1, 2, 3].map(() => limits.take('ada', limit))).toEqual([null, null, null]);
    expect(limits.take('ada', limit)).toMatchObject({ status: 429, details: { retryAfterSeconds: 1 } });
    expect(limits.take('bo', limit)).toBeNull();
    now = 1_100;
    expect(limits.take('ada', limit)).toBeNull();
  });

  it('keep only so many callers in memory, the latest', () => {
    const limits = new RateLimits(() => 0, 2);
    const limit = { burst: 1, perSecond: 1 };
    for (const caller of ['a', 'b', 'c']) limits.take(caller, limit);
    expect(limits.take('c', limit)).toMatchObject({ status: 429 });
    expect(limits.take('a', limit)).toBeNull();
  });
});
