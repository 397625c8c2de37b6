import { reject, type Rejection } from '@daybook/kernel';

export interface RateLimit {
  /** Operations at once. */
  readonly burst: number;
  /** Operations a second in the long run. */
  readonly perSecond: number;
}
export const signedInLimit: RateLimit = { burst: 1_000, perSecond: 200 };
export const anonymousLimit: RateLimit = { burst: 60, perSecond: 2 };

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Token buckets per caller, counted where operations are dispatched, so that GraphQL aliases do not pass them
 * (DECISIONS 10). In memory of this process; full buckets are forgotten.
 */
export class RateLimits {
  private readonly buckets = new Map<string, Bucket>();
  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly most = 10_000,
  ) {}

  take(key: string, limit: RateLimit): Rejection | null {
    const now = this.now();
    const bucket = this.buckets.get(key) ?? { tokens: limit.burst, at: now };
    bucket.tokens = Math.min(limit.burst, bucket.tokens + ((now - bucket.at) / 1000) * limit.perSecond);
    bucket.at = now;
    // Re-inserted, so that the longest unused stand first and leave first.
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    for (const oldest of this.buckets.keys()) {
      if (this.buckets.size <= this.most) break;
      this.buckets.delete(oldest);
    }
    if (bucket.tokens < 1) {
      const retryAfterSeconds = Math.max(1, Math.ceil((1 - bucket.tokens) / limit.perSecond));
      return reject('platform.too-many-requests', `Too many requests. Wait ${retryAfterSeconds} s, then go on.`, {
        status: 429,
        details: { retryAfterSeconds },
      });
    }
    bucket.tokens -= 1;
    return null;
  }
}
