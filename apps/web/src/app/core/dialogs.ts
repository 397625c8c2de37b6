import { Injectable, signal, type Type } from '@angular/core';

export interface OpenDialog {
  readonly component: Type<unknown>;
  readonly inputs: Record<string, unknown>;
  readonly close: (result: unknown) => void;
}

/** One dialog at a time, for a decision that needs a reason or cannot wait. The shell renders it. */
@Injectable({ providedIn: 'root' })
export class Dialogs {
  private readonly open_ = signal<OpenDialog | null>(null);
  readonly current = this.open_.asReadonly();

  /** Opens a component that takes an input `close: (result) => void`; resolves with the result, undefined when left. */
  open<R>(component: Type<unknown>, inputs: Record<string, unknown>): Promise<R | undefined> {
    this.open_()?.close(undefined);
    return new Promise((resolve) => {
      const close = (result: unknown): void => {
        this.open_.set(null);
        resolve(result as R | undefined);
      };
      this.open_.set({ component, inputs: { ...inputs, close }, close });
    });
  }
}
