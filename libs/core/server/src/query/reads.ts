import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { reject, type Rejection } from '@daybook/kernel';
import type { PresentRead, ReadContext } from '@daybook/projections';

/** Port to the read models: one snapshot per call, and their position. */
export interface Reads {
  /** `knownAt` as the caller gave it: null for now, an instant, a trail number or `position:<n>`. */
  read<T>(tenant: string, knownAt: null, work: (read: PresentRead) => Promise<T>, signal?: AbortSignal): Promise<T>;
  read<T>(
    tenant: string,
    knownAt: string | null,
    work: (read: ReadContext) => Promise<T>,
    /** An abort cancels the statement that is running, and begins no other. */
    signal?: AbortSignal,
  ): Promise<T>;
  /** The position that all live projections have reached. */
  position(): Promise<bigint>;
}

export const longestWaitMs = 2_000;

/** Read your own writes: waits until the projections have reached `minPosition`, or rejects with 503 after two seconds. */
export async function waitFor(
  reads: Pick<Reads, 'position'>,
  minPosition: string,
  { waitMs = longestWaitMs, signal }: { readonly waitMs?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<Rejection | null> {
  if (!/^\d{1,19}$/.test(minPosition)) {
    return reject('platform.invalid-input', 'min-position must be a position.', {
      status: 400,
      errors: [
        { pointer: '/min-position', code: 'invalid', message: 'Use the position from the answer of a command.' },
      ],
    });
  }
  const wanted = BigInt(minPosition);
  const started = performance.now();
  // The check is cheap and a projection takes milliseconds, so poll often at first.
  for (let waited = 0; ; waited = performance.now() - started) {
    const pause = Math.min(5 + waited / 10, 100);
    const reached = await reads.position();
    if (reached >= wanted) return null;
    if (waited + pause > waitMs) {
      return reject(
        'platform.read-model-behind',
        'The read models have not caught up with that change yet. Try again in a moment.',
        {
          status: 503,
          details: { retryAfterSeconds: 1, wanted: minPosition, reached: String(reached) },
        },
      );
    }
    await sleep(pause, undefined, signal && { signal });
  }
}

/*
 * Looks up only once what is the same during a whole query: a query changes nothing that it reads later. The rights of the
 * caller, for example, are needed by the guard and again by the screens that show them.
 */
type Answers = Map<object, Map<string, Promise<unknown>>>;
const scope = new AsyncLocalStorage<Answers>();

export const inQueryScope = <T>(work: () => T): T => scope.run(new Map(), work);

/** The answer of `ask`, or the one that the same query got before under this key; outside a query it is asked each time. */
export function oncePerQuery<T>(of: object, key: string, ask: () => Promise<T>): Promise<T> {
  const answers = scope.getStore();
  if (!answers) return ask();
  const known = answers.get(of) ?? new Map<string, Promise<unknown>>();
  answers.set(of, known);
  const answer = (known.get(key) as Promise<T> | undefined) ?? ask();
  known.set(key, answer);
  return answer;
}
