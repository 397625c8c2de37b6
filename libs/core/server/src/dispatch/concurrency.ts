import { type Operation, reject, type Rejection } from '@daybook/kernel';
import { poolSizes } from '@daybook/postgres';
import { type Access, anonymous } from './access.js';
import { networkOf } from './limits.js';

export interface ConcurrencyLimit {
  /** Operations that run at the same time. */
  readonly running: number;
  /** Operations that wait for one of these to end; more are refused. */
  readonly waiting: number;
}
export type ConcurrencyRules = Readonly<
  Record<Operation['kind'], { readonly caller: ConcurrencyLimit; readonly tenant: ConcurrencyLimit }>
>;

/**
 * How many operations run at the same time in one process, for one caller (a person, an API key, or a network address
 * before sign-in) and for one tenant. A query holds a connection while it runs, so a caller gets half of them and a tenant
 * all but one; commands are appended in groups and hold none.
 */
export const concurrencyRules: ConcurrencyRules = {
  query: {
    caller: { running: poolSizes.api.reads / 2, waiting: 100 },
    tenant: { running: poolSizes.api.reads - 1, waiting: 1_000 },
  },
  command: { caller: { running: 16, waiting: 100 }, tenant: { running: 64, waiting: 1_000 } },
};

type Leave = () => void;
interface Lane {
  running: number;
  /** Called when it is their turn, first come, first served. */
  readonly waiting: Set<() => void>;
}

/**
 * Turns of callers and tenants. A caller takes their own turn first and keeps it while waiting for the tenant. So at most as
 * many operations of one caller as may run wait there, and others queue behind no more than these.
 */
export class ConcurrencyLimits {
  private readonly lanes = new Map<string, Lane>();
  constructor(private readonly rules: ConcurrencyRules = concurrencyRules) {}

  /** Resolves when the operation may run; the function that it answers ends the turn. An abort gives up the place. */
  async enter(
    kind: Operation['kind'],
    { tenant, actor }: Pick<Access, 'tenant' | 'actor'>,
    address: string | null,
    signal?: AbortSignal,
  ): Promise<Leave | Rejection> {
    const rule = this.rules[kind];
    const isAnonymous = actor.id === anonymous.actor.id;
    const caller = isAnonymous ? networkOf(address) : actor.id;
    const ofCaller = await this.take(`${kind} ${tenant} ${caller}`, rule.caller, signal);
    if (ofCaller === null) return tooMany;
    // Before sign-in all tenants are one, and some wait for sign-in providers: those of one would hold up everybody.
    if (isAnonymous && kind === 'command') return ofCaller;
    try {
      const ofTenant = await this.take(`${kind} ${tenant}`, rule.tenant, signal);
      if (ofTenant !== null) return () => (ofTenant(), ofCaller());
    } catch (error) {
      ofCaller();
      throw error;
    }
    ofCaller();
    return tooMany;
  }

  private async take(key: string, most: ConcurrencyLimit, signal: AbortSignal | undefined): Promise<Leave | null> {
    signal?.throwIfAborted();
    const lane = this.lanes.get(key) ?? { running: 0, waiting: new Set() };
    this.lanes.set(key, lane);
    if (lane.running < most.running) lane.running += 1;
    else if (lane.waiting.size >= most.waiting) return null;
    else await turnIn(lane, signal);
    return () => this.next(key, lane);
  }

  /** Hands the turn to who waits longest. */
  private next(key: string, lane: Lane): void {
    const [first] = lane.waiting;
    if (first) {
      lane.waiting.delete(first);
      first();
    } else if ((lane.running -= 1) === 0) this.lanes.delete(key);
  }
}

function turnIn({ waiting }: Lane, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject: giveUp } = Promise.withResolvers<void>();
  const abort = (): void => {
    waiting.delete(begin);
    giveUp(signal?.reason);
  };
  const begin = (): void => {
    signal?.removeEventListener('abort', abort);
    resolve();
  };
  waiting.add(begin);
  signal?.addEventListener('abort', abort, { once: true });
  return promise;
}

const retryAfterSeconds = 1;
const tooMany = reject(
  'platform.too-many-requests',
  `Too many requests are running for you at the same time. Wait ${retryAfterSeconds} s, then try again.`,
  { status: 429, details: { retryAfterSeconds } },
);
