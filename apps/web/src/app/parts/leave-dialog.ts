import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { Leaving } from '../core/leaving';
import { Modal } from './modal';

/** Asked when a page is left that would lose what was typed. */
@Component({
  selector: 'db-leave-dialog',
  imports: [Modal],
  template: `<db-modal label="Leave without saving?" look="dialog" (left)="answer(false)">
    <h2 class="dialog-title">Leave without saving?</h2>
    <p class="muted dialog-what">What you typed here is not saved, and is lost with the page.</p>
    <div class="dialog-foot">
      <button class="btn btn-text" type="button" autofocus (click)="answer(false)">Stay here</button>
      <button class="btn btn-main btn-red" type="button" (click)="answer(true)">Discard and leave</button>
    </div>
  </db-modal>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class LeaveDialog {
  private readonly leaving = inject(Leaving);

  /** Asked of the service, not of an input: what is deferred is on the page before its inputs are set. */
  protected answer(leave: boolean): void {
    this.leaving.asking()?.(leave);
  }
}
