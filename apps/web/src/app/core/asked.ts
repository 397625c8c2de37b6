import { effect, type Signal, signal, untracked } from '@angular/core';
import { asProblem, type Problem, wasAborted } from './problem';

/** A read in progress or done. The last value stays while the next one is fetched, so that nothing jumps. */
export interface Asked<T> {
  readonly value: Signal<T | undefined>;
  readonly problem: Signal<Problem | null>;
  readonly pending: Signal<boolean>;
  /** true from 300 ms on: only then does a wait show itself. */
  readonly slow: Signal<boolean>;
  /** When the answer shown came. */
  readonly at: Signal<Date | null>;
  reload(): void;
  set(value: T): void;
}

/**
 * Asks again whenever the signals that `params` reads change; null asks nothing. An answer that is overtaken is
 * dropped. 503 with Retry-After (a read model behind or building) is asked again by itself. Needs an injection context.
 */
export function asked<P, T>(params: () => P | null, ask: (params: P, abort: AbortSignal) => Promise<T>): Asked<T> {
  const value = signal<T | undefined>(undefined);
  const problem = signal<Problem | null>(null);
  const pending = signal(false);
  const slow = signal(false);
  const at = signal<Date | null>(null);
  const round = signal(0);
  let subject: string | undefined;

  effect((onCleanup) => {
    round();
    const asking = params();
    untracked(() => {
      const abort = new AbortController();
      const late = setTimeout(() => slow.set(true), 300);
      let again: ReturnType<typeof setTimeout> | undefined;
      const done = (): void => {
        clearTimeout(late);
        pending.set(false);
        slow.set(false);
      };
      onCleanup(() => {
        abort.abort();
        clearTimeout(again);
        done();
      });
      if (asking === null) return done();
      const same = JSON.stringify(asking);
      if (subject !== undefined && same !== subject) problem.set(null);
      subject = same;
      pending.set(true);
      ask(asking, abort.signal).then(
        (answer) => {
          if (abort.signal.aborted) return;
          value.set(answer);
          problem.set(null);
          at.set(new Date());
          done();
        },
        (error: unknown) => {
          if (abort.signal.aborted || wasAborted(error)) return;
          const failed = asProblem(error);
          problem.set(failed);
          done();
          if (failed.status === 503 && failed.retryAfter !== null)
            again = setTimeout(() => round.update((n) => n + 1), failed.retryAfter * 1000);
        },
      );
    });
  });
  return { value, problem, pending, slow, at, reload: () => round.update((n) => n + 1), set: (v) => value.set(v) };
}
