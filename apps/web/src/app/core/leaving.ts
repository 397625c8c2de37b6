import { DestroyRef, inject, Injectable, signal } from '@angular/core';
import type { CanDeactivateFn } from '@angular/router';
import { Session } from './session';

/**
 * Asks before what was typed and is kept nowhere is lost: to another page, by a reload, with the tab. The shell renders the
 * question, over a dialog too.
 */
@Injectable({ providedIn: 'root' })
export class Leaving {
  private readonly session = inject(Session);
  private readonly forms = new Set<() => boolean>();
  private readonly open = signal<((leave: boolean) => void) | null>(null);
  /** Set while the person is asked; takes the answer. */
  readonly asking = this.open.asReadonly();

  constructor() {
    // The browser has words of its own for it, and asks only where somebody has typed.
    addEventListener('beforeunload', (event) => {
      if (this.unsaved()) event.preventDefault();
    });
  }
  /** Of a form that is on the page: would leaving it lose something? Needs an injection context. */
  guard(unsaved: () => boolean): void {
    this.forms.add(unsaved);
    inject(DestroyRef).onDestroy(() => this.forms.delete(unsaved));
  }
  may(): Promise<boolean> {
    this.open()?.(false);
    // A signed-out user has nothing to stay for.
    if (!this.session.signedIn() || !this.unsaved()) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.open.set((leave) => {
        this.open.set(null);
        resolve(leave);
      });
    });
  }
  private unsaved(): boolean {
    return [...this.forms].some((unsaved) => unsaved());
  }
}

/** Of the route of a page with a form. */
export const asksBeforeLeaving: CanDeactivateFn<unknown> = () => inject(Leaving).may();
