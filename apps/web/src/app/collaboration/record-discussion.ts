import { afterRenderEffect, ChangeDetectionStrategy, Component, inject, input, signal, viewChild } from '@angular/core';
import { historyKey, RecordHistory } from '../archetypes/timeline/record-history';
import { Commands } from '../core/commands';
import { Icon } from '../parts/icon';
import { Pop } from '../parts/pop';
import { RecordTogether } from './record-together';

/** The same and the history behind a button, on the page of a record whose rows take all the room: a ledger, a review, an import. */
@Component({
  selector: 'db-record-discussion',
  imports: [Icon, Pop, RecordHistory, RecordTogether],
  template: `<button class="btn btn-line slim" type="button" popovertarget="record-comments">
      <svg icon="message-square"></svg><span>Comments</span>
    </button>
    <div
      dbPop="end"
      id="record-comments"
      class="discussion-pop"
      role="dialog"
      aria-label="Comments and history"
      (opened)="open.set($event)"
    >
      @if (open()) {
        <db-record-together [type]="type()" [id]="id()" [companyId]="companyId()" />
        <db-record-history [type]="type()" [id]="id()" />
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

  private readonly history = viewChild(RecordHistory);
  /** What opens takes the focus first, and the history may be drawn later. */
  private readonly wanted = signal(false);

  constructor() {
    inject(Commands).use({ ...historyKey(() => this.showHistory()), when: () => !this.open() });
    afterRenderEffect(() => {
      if (!this.wanted() || !this.history()) return;
      this.wanted.set(false);
      document.getElementById('history')?.focus();
    });
  }
  private showHistory(): void {
    const panel = document.getElementById('record-comments');
    panel?.addEventListener('toggle', () => this.wanted.set(true), { once: true });
    panel?.showPopover();
  }
}
