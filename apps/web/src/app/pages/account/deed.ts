import { inject, signal, type Signal } from '@angular/core';
import { asProblem, type Problem } from '../../core/problem';
import { Toasts } from '../../core/toasts';

/** One thing a page does at a time: which is going on, and why the last one was refused. Needs an injection context. */
export interface Deed {
  /** Name of what is going on. */
  readonly busy: Signal<string | null>;
  readonly problem: Signal<{ readonly of: string; readonly problem: Problem } | null>;
  /** Why this one was refused, if it was the last. */
  refusal(of: string): Problem | null;
  /** Runs it unless something runs; says the words when it is done. true when it was. */
  run(of: string, work: () => Promise<unknown>, done?: string | (() => string)): Promise<boolean>;
}

export function deed(): Deed {
  const toasts = inject(Toasts);
  const busy = signal<string | null>(null);
  const problem = signal<{ of: string; problem: Problem } | null>(null);
  return {
    busy: busy.asReadonly(),
    problem: problem.asReadonly(),
    refusal: (of) => (problem()?.of === of ? (problem()?.problem ?? null) : null),
    run: async (of, work, done) => {
      if (busy() !== null) return false;
      busy.set(of);
      problem.set(null);
      try {
        await work();
        if (done !== undefined) toasts.show(typeof done === 'string' ? done : done());
        return true;
      } catch (error) {
        problem.set({ of, problem: asProblem(error) });
        return false;
      } finally {
        busy.set(null);
      }
    },
  };
}
