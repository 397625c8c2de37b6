import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { listTaggedRecords } from '@daybook/collaboration';
import type { OutputOf } from '@daybook/kernel';
import { Api } from '../core/api';
import { AsOf } from '../core/as-of';
import { asked } from '../core/asked';
import { Live } from '../core/live';
import { asProblem, type Problem } from '../core/problem';
import { Values } from '../core/values';
import { ProblemState } from '../parts/problem-state';
import { Said } from '../parts/said';

type Page = OutputOf<typeof listTaggedRecords>;

/** On the page of a tag: the records of all kinds that have it, as far as one may read them. */
@Component({
  selector: 'db-tagged-records',
  imports: [ProblemState, RouterLink, Said],
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
    <db-said [problem]="problem()" />
    @if (next() !== null) {
      <button class="btn btn-text btn-small" type="button" (click)="more()">Show more</button>
    }
  </section>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class TaggedRecords {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  protected readonly values = inject(Values);
  readonly tagId = input.required<string>();

  protected readonly problem = signal<Problem | null>(null);
  protected readonly read = asked(
    () => ({ tagId: this.tagId(), known: this.asOf.known() }),
    ({ known, tagId }, signal) => this.api.ask(listTaggedRecords, { tagId }, { signal, known }),
  );
  /** Pages behind the first one, as long as that is the same. */
  private readonly behind = signal<{ readonly first: Page; readonly pages: readonly Page[] } | null>(null);
  private readonly pages = computed(() => {
    const first = this.read.value();
    const behind = this.behind();
    return first === undefined ? [] : [first, ...(behind?.first === first ? behind.pages : [])];
  });
  protected readonly items = computed(() => this.pages().flatMap(({ items }) => items));
  protected readonly next = computed(() => this.pages().at(-1)?.next ?? null);

  constructor() {
    inject(Live).on('record-tags', () => this.read.reload());
  }

  protected async more(): Promise<void> {
    const [first, cursor] = [this.pages()[0], this.next()];
    if (first === undefined || cursor === null) return;
    this.problem.set(null);
    try {
      const page = await this.api.ask(listTaggedRecords, { tagId: this.tagId(), cursor });
      this.behind.set({ first, pages: [...this.pages().slice(1), page] });
    } catch (error) {
      this.problem.set(asProblem(error));
    }
  }
}
