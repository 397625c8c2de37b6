import { setTimeout as sleep } from 'node:timers/promises';

export interface CheckResult {
  readonly status: 'ok' | 'failed';
  /** Details for the operator; never an address or a secret. */
  readonly [detail: string]: string | number;
}
export type Check = () => Promise<Readonly<Record<string, string | number>>>;

/** Thrown by a check that ran and failed; its details are shown. */
export class NotReady extends Error {
  constructor(readonly details: Readonly<Record<string, string | number>>) {
    super('not ready');
  }
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** Runs all checks in parallel, with a timeout. Error messages are not shown, since they may contain addresses. */
export async function readiness(checks: Readonly<Record<string, Check>>, timeoutMs = 2_000): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, CheckResult]> => {
      const timer = new AbortController();
      try {
        const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => {
          throw new NotReady({ reason: 'no answer' });
        });
        late.catch(() => undefined);
        return [name, { ...(await Promise.race([check(), late])), status: 'ok' }];
      } catch (error) {
        return [name, { ...(error instanceof NotReady ? error.details : { reason: 'unreachable' }), status: 'failed' }];
      } finally {
        timer.abort();
      }
    }),
  );
  return { ready: results.every(([, r]) => r.status === 'ok'), checks: Object.fromEntries(results) };
}

/** One run of the checks at a time, whose answer is that of all who ask meanwhile; the next who asks has them run again. */
export function sharedReadiness(checks: Readonly<Record<string, Check>>): () => Promise<Readiness> {
  let running: Promise<Readiness> | null = null;
  return () => (running ??= readiness(checks).finally(() => (running = null)));
}
