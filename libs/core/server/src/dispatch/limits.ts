import { reject, type Rejection } from '@daybook/kernel';

export interface RateLimit {
  /** Operations in a burst. */
  readonly burst: number;
  /** Sustained operations per second. */
  readonly perSecond: number;
}
/** Configured per process (docs/operator.md); these are the defaults. */
export const defaultLimits = {
  signedIn: { burst: 1_000, perSecond: 200 },
  anonymous: { burst: 60, perSecond: 2 },
  /**
   * Per network address, before the caller is known: one token for each request and each kilobyte of it, since parsing a
   * query takes longer than authenticating the caller.
   */
  graphql: { burst: 4_000, perSecond: 400 },
} satisfies Record<string, RateLimit>;
export type CallerLimits = Readonly<Record<keyof typeof defaultLimits, RateLimit>>;

/** What anonymous callers are counted by: an IPv4 address, or the /64 network of an IPv6 address. */
export function networkOf(address: string | null): string {
  const plain = (address ?? '').toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  if (!plain.includes(':')) return plain;
  const [head = [], tail] = plain.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...(tail ?? [])];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

interface RateLimitsOptions {
  readonly per?: CallerLimits;
  /** In milliseconds. */
  readonly now?: () => number;
  /** Callers that are remembered. */
  readonly most?: number;
}
interface Bucket {
  tokens: number;
  at: number;
}

/**
 * Token buckets per caller, charged where operations are dispatched, so that GraphQL aliases cannot bypass them. Kept in
 * the memory of this process; the least recently used are evicted.
 */
export class RateLimits {
  private readonly buckets = new Map<string, Bucket>();
  readonly per: CallerLimits;
  private readonly now: () => number;
  private readonly most: number;
  constructor({ per = defaultLimits, now = () => performance.now(), most = 10_000 }: RateLimitsOptions = {}) {
    this.per = per;
    this.now = now;
    this.most = most;
  }

  take(key: string, limit: RateLimit, tokens = 1): Rejection | null {
    const now = this.now();
    const bucket = this.buckets.get(key) ?? { tokens: limit.burst, at: now };
    bucket.tokens = Math.min(limit.burst, bucket.tokens + ((now - bucket.at) / 1000) * limit.perSecond);
    bucket.at = now;
    // Re-inserted, so that the least recently used come first and are evicted first.
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    for (const oldest of this.buckets.keys()) {
      if (this.buckets.size <= this.most) break;
      this.buckets.delete(oldest);
    }
    if (bucket.tokens < tokens) {
      const retryAfterSeconds = Math.max(1, Math.ceil((tokens - bucket.tokens) / limit.perSecond));
      return reject('platform.too-many-requests', `Too many requests. Wait ${retryAfterSeconds} s, then try again.`, {
        status: 429,
        details: { retryAfterSeconds },
      });
    }
    bucket.tokens -= tokens;
    return null;
  }
}
