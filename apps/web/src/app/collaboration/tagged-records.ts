import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { listTaggedRecords } from '@daybook/collaboration';
import { Api } from '../core/api';
import { AsOf } from '../core/as-of';
import { asked } from '../core/asked';
import { Live } from '../core/live';
import { firstPages } from '../core/pages';
import { Values } from '../core/values';
import { ProblemState } from '../parts/problem-state';

/** On the page of a tag: the records of all kinds that have it, as far as one may read them. */
@Component({
  selector: 'db-tagged-records',
  imports: [ProblemState, RouterLink],
  template: `<section aria-labelledby="tagged-h">
    <h2 id="tagged-h">Records with this tag</h2>
    @if (read.problem(); as failed) {
      <db-problem-state what="The records" [problem]="failed" (again)="read.reload()" />
    } @else if (items().length > 0) {
      <ul class="together">
        @for (record of items(); track record.recordType + record.recordId) {
          <li>
            <div class="grow">
              @if (record.address; as address) {
                <a class="link" [routerLink]="'/' + address">{{ record.called ?? record.one }}</a>
              } @else {
                {{ record.called ?? record.one }}
              }
              <p class="meta">
                <span>{{ record.one }}</span><span class="dotsep nowrap">{{
                  values.instant(record.taggedAt, false)
                }}</span>
              </p>
            </div>
          </li>
        }
      </ul>
    } @else if (read.value()) {
      <p class="none">None that you may read.</p>
    } @else if (read.slow()) {
      <span class="sk w-120"></span>
    }
    @if (read.value()?.next) {
      <button class="btn btn-text btn-small" type="button" [disabled]="read.pending()" (click)="pages.set(pages() + 1)">
        Show more
      </button>
    }
  </section>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class TaggedRecords {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  protected readonly values = inject(Values);
  readonly tagId = input.required<string>();

  protected readonly pages = signal(1);
  protected readonly read = asked(
    () => ({ tagId: this.tagId(), pages: this.pages(), known: this.asOf.known() }),
    ({ known, tagId, pages }, signal) =>
      firstPages(pages, (page) => this.api.ask(listTaggedRecords, { tagId, ...page }, { signal, known })),
  );
  protected readonly items = computed(() => this.read.value()?.items ?? []);

  constructor() {
    inject(Live).on('record-tags', () => this.read.reload());
  }
}
