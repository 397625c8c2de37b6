import { Injectable, signal } from '@angular/core';

/**
 * Step-up: what is sensitive asks the person to prove again who they are. The request that was refused waits for the dialog
 * and is sent once more; several at a time share one dialog. The shell renders it, over whatever is open.
 */
@Injectable({ providedIn: 'root' })
export class Confirmation {
  private readonly turn = signal<{ answer: (confirmed: boolean) => void; asked: Promise<boolean> } | null>(null);
  readonly asking = this.turn.asReadonly();

  /** true once it is confirmed; false when the person leaves it. */
  ask(): Promise<boolean> {
    const open = this.turn();
    if (open !== null) return open.asked;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const answer = (confirmed: boolean): void => {
      this.turn.set(null);
      resolve(confirmed);
    };
    this.turn.set({ answer, asked: promise });
    return promise;
  }
}
