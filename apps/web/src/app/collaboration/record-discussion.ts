import { ChangeDetectionStrategy, Component, input, signal } from '@angular/core';
import { Icon } from '../parts/icon';
import { Pop } from '../parts/pop';
import { RecordTogether } from './record-together';

/** The same behind a button, on the page of a record whose rows take all the room: a ledger, a review, an import. */
@Component({
  selector: 'db-record-discussion',
  imports: [Icon, Pop, RecordTogether],
  template: `<button class="btn btn-line slim" type="button" popovertarget="record-comments">
      <svg icon="message-square"></svg><span>Comments</span>
    </button>
    <div
      dbPop="end"
      id="record-comments"
      class="discussion-pop"
      role="dialog"
      aria-label="Comments"
      (opened)="open.set($event)"
    >
      @if (open()) {
        <db-record-together [type]="type()" [id]="id()" [companyId]="companyId()" />
      }
    </div>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RecordDiscussion {
  readonly type = input.required<string>();
  readonly id = input.required<string>();
  readonly companyId = input<string | null>(null);
  protected readonly open = signal(false);
}
