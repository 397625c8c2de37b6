import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  linkedSignal,
  signal,
} from '@angular/core';
import type { OutputOf } from '@daybook/kernel';
import { listImportRows, type readImport, type RowState } from '@daybook/server/import/import.operations';
import { Announcer } from '../../core/announcer';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { Values } from '../../core/values';
import { Icon } from '../../parts/icon';
import { ProblemState } from '../../parts/problem-state';
import { cellsOf, errorWords, headline, isUnderWay, stateWords, tallyOf } from './import-report-words';

const [page, most] = [50, 200];

/** How far an import is, and what became of each row; a question about it goes above the rows. */
@Component({
  selector: 'db-import-report',
  imports: [Icon, ProblemState],
  templateUrl: './import-report.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ImportReport {
  private readonly api = inject(Api);
  protected readonly values = inject(Values);
  readonly of = input.required<OutputOf<typeof readImport>>();

  protected readonly active = computed(() => isUnderWay(this.of()));
  protected readonly headline = computed(() => headline(this.of()));
  /** All rows again in the next phase. */
  protected readonly shownState = linkedSignal<string, RowState | ''>({
    source: () => `${this.of().id} ${this.of().phase}`,
    computation: () => '',
  });
  private readonly limit = signal(page);
  protected readonly rows = asked(
    () => {
      const { id: importId, phase, state: ended } = this.of();
      return this.active() ? null : { importId, phase, ended, state: this.shownState(), limit: this.limit() };
    },
    ({ importId, state, limit }, signal) =>
      this.api.ask(
        listImportRows,
        { importId, limit, ...(state === '' ? {} : { state: [state] }) },
        { signal, known: null },
      ),
  );
  protected readonly counted = computed(() =>
    stateWords.flatMap((one) => {
      const count = this.of().counts[one.state];
      return count > 0 ? [{ ...one, count }] : [];
    }),
  );
  protected readonly mayShowMore = computed(() => this.rows.value()?.next != null && this.limit() < most);
  protected readonly isCut = computed(() => this.rows.value()?.next != null && this.limit() >= most);

  protected readonly most = most;
  protected readonly cellsOf = cellsOf;
  protected readonly errorWords = errorWords;
  protected readonly tally = computed(() => tallyOf(this.of(), (count) => this.values.count(count)));
  protected readonly words = { create: 'new', change: 'changed', act: 'done' } as const;

  constructor() {
    const announcer = inject(Announcer);
    effect(() => {
      if (this.active()) return;
      const counts = this.counted().map(({ count, word }) => `${count} ${word}`);
      announcer.say(`${this.headline()}: ${counts.join(', ')}`);
    });
  }

  protected wordOf(state: RowState): (typeof stateWords)[number] {
    return stateWords.find((one) => one.state === state) ?? stateWords[0];
  }
  protected show(state: RowState | ''): void {
    this.limit.set(page);
    this.shownState.set(state);
  }
  protected more(): void {
    this.limit.update((now) => Math.min(most, now + page));
  }
}
