import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { Modal } from './modal';

/** Asked when a page is left that would lose what was typed. */
@Component({
  selector: 'db-leave-dialog',
  imports: [Modal],
  template: `<db-modal label="Leave without saving?" look="dialog" (left)="close()(false)">
    <h2 class="dialog-title">Leave without saving?</h2>
    <p class="muted dialog-what">What you typed here is not saved, and is lost with the page.</p>
    <div class="dialog-foot">
      <button class="btn btn-text" type="button" autofocus (click)="close()(false)">Stay here</button>
      <button class="btn btn-main btn-red" type="button" (click)="close()(true)">Discard and leave</button>
    </div>
  </db-modal>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class LeaveDialog {
  readonly close = input.required<(leave: boolean) => void>();
}
