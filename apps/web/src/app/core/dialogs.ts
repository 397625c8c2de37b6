import { Injectable, signal, type Type } from '@angular/core';

export interface OpenDialog {
  readonly component: Type<unknown>;
  readonly inputs: Record<string, unknown>;
  readonly close: (result: unknown) => void;
}

/**
 * One dialog at a time, for a decision that needs a reason or cannot wait; over it another, for what it asks. The shell renders
 * them.
 */
@Injectable({ providedIn: 'root' })
export class Dialogs {
  private readonly open_ = signal<readonly OpenDialog[]>([]);
  /** The one below first. */
  readonly all = this.open_.asReadonly();

  /** Opens a component that takes an input `close: (result) => void`; resolves with the result, undefined when left. */
  open<R>(component: Type<unknown>, inputs: Record<string, unknown>): Promise<R | undefined> {
    for (const { close } of this.open_()) close(undefined);
    return this.above(component, inputs);
  }
  /** The same over the dialog that is open, which stays: a record is created that its form names. */
  above<R>(component: Type<unknown>, inputs: Record<string, unknown>): Promise<R | undefined> {
    return new Promise((resolve) => {
      const close = (result: unknown): void => {
        this.open_.update((all) => all.filter((one) => one !== dialog));
        resolve(result as R | undefined);
      };
      const dialog: OpenDialog = { component, inputs: { ...inputs, close }, close };
      this.open_.update((all) => [...all, dialog]);
    });
  }
}
