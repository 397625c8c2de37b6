import { inject, Injectable, signal } from '@angular/core';
import type { CallOf, CommandOperation, CommandResult } from '@daybook/kernel';
import { Announcer } from './announcer';
import { Api } from './api';
import { asProblem } from './problem';

export interface Toast {
  /** Deed, number, amount: "PU-2026-0057 posted, 22 800,00". */
  readonly text: string;
  readonly undo: (() => Promise<void>) | null;
}

/** One at a time, 8 seconds, never for errors. Ctrl Z undoes the last action while it is shown. */
@Injectable({ providedIn: 'root' })
export class Toasts {
  private readonly api = inject(Api);
  private readonly announcer = inject(Announcer);
  private readonly shown = signal<Toast | null>(null);
  readonly current = this.shown.asReadonly();
  private timer: ReturnType<typeof setTimeout> | undefined;

  show(text: string, undo: Toast['undo'] = null): void {
    this.shown.set({ text, undo });
    this.announcer.say(undo === null ? text : `${text}. Control Z undoes it.`);
    this.resume();
  }
  /** Says what was done, and offers the operation that takes it back, as the operation declares it. */
  done<C extends CommandOperation>(text: string, command: C, input: CallOf<C>, result: CommandResult): void {
    const undo = command.undo;
    this.show(
      text,
      undo === null
        ? null
        : async () => {
            const inverse = undo.operation();
            const taken = undo.input(input as Record<string, unknown>, result);
            const { approvalRequest } = (await this.api.execute(inverse, taken)) as CommandResult;
            this.show(approvalRequest === undefined ? `Undone: ${text}` : 'Undoing it waits for a second person.');
          },
    );
  }
  async undo(): Promise<void> {
    const undo = this.shown()?.undo;
    if (!undo) return;
    this.hide();
    await undo().catch((error: unknown) => this.show(`Not undone. ${asProblem(error).detail}`));
  }
  /** Stays under the pointer or focus. */
  hold(): void {
    clearTimeout(this.timer);
  }
  resume(): void {
    this.hold();
    this.timer = setTimeout(() => this.hide(), 8000);
  }
  hide(): void {
    this.hold();
    this.shown.set(null);
  }
}
