import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { listEvents } from '@daybook/audit';
import { Api } from '../../core/api';
import { AsOf } from '../../core/as-of';
import { asked } from '../../core/asked';
import { Commands } from '../../core/commands';
import { Rights } from '../../core/rights';
import { ProblemState } from '../../parts/problem-state';
import { Timeline } from './timeline';

export const historyKey = (run: () => void) => ({ name: 'History', where: 'Record', key: 'H', quiet: true, run });

/** The history at the right of every record: its events, in sentences, as known at the console's moment. */
@Component({
  selector: 'db-record-history',
  imports: [ProblemState, Timeline],
  template: `<aside class="side" id="history" tabindex="-1" aria-labelledby="history-h">
    <div class="side-head">
      <h2 id="history-h">History</h2>
      @if (events().length > 0) {
        <span class="quiet small"
          >{{ events().length }} {{ events().length === 1 ? 'event' : 'events, newest first' }}</span
        >
      }
    </div>
    @if (!allowed()) {
      <p class="hint">It needs <span class="mono">audit.event.read</span>, which your role does not have.</p>
    } @else if (read.problem(); as problem) {
      <db-problem-state what="The history" [problem]="problem" (again)="read.reload()" />
    } @else {
      <db-timeline [events]="events()" />
    }
  </aside>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RecordHistory {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly rights = inject(Rights);
  readonly type = input.required<string>();
  readonly id = input.required<string>();
  /** Changes with the record: then the history is longer. */
  readonly version = input<unknown>();
  protected readonly allowed = computed(() => this.rights.may(listEvents));
  protected readonly read = asked(
    () => {
      if (!this.allowed()) return null;
      return { recordType: this.type(), recordId: this.id(), version: this.version(), known: this.asOf.known() };
    },
    ({ recordType, recordId, known }, signal) =>
      this.api.ask(listEvents, { recordType, recordId, limit: 100 }, { signal, known }),
  );
  protected readonly events = computed(() => this.read.value()?.items ?? []);

  constructor() {
    inject(Commands).use(historyKey(() => document.getElementById('history')?.focus()));
  }
}
