import { ElementRef, inject, type Signal, signal } from '@angular/core';
import { asProblem, type Problem } from '../../core/problem';
import type { TextField } from '../../parts/text-field';

/**
 * A form of one field: it is sent once. The field gets the focus when it is empty, and the heading when what was sent
 * has taken the form's place. Needs an injection context.
 */
export function oneField(box: Signal<TextField | undefined>, send: (value: string) => Promise<unknown>) {
  const host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  const value = signal('');
  const missing = signal(false);
  const busy = signal(false);
  const done = signal(false);
  const problem = signal<Problem | null>(null);
  return {
    value,
    missing: missing.asReadonly(),
    busy: busy.asReadonly(),
    done: done.asReadonly(),
    problem: problem.asReadonly(),
    async submit(): Promise<void> {
      if (busy() || done()) return;
      missing.set(value() === '');
      if (missing()) return box()?.focus();
      busy.set(true);
      problem.set(null);
      try {
        await send(value());
        done.set(true);
        setTimeout(() => host.querySelector('h1')?.focus());
      } catch (error) {
        problem.set(asProblem(error));
      } finally {
        busy.set(false);
      }
    },
  };
}
