import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { Api } from '../../core/api';
import { AsOf } from '../../core/as-of';
import { asked } from '../../core/asked';
import { ProblemState } from '../../parts/problem-state';
import { Timeline, type TimelineEvent } from './timeline';

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
    @if (read.problem(); as problem) {
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
  readonly type = input.required<string>();
  readonly id = input.required<string>();
  /** Changes with the record: then there is more to tell. */
  readonly version = input<unknown>();
  protected readonly read = asked(
    () => ({ recordType: this.type(), recordId: this.id(), version: this.version(), known: this.asOf.known() }),
    async ({ recordType, recordId }, signal) => {
      const response = await this.api.fetch(
        `/v1/audit/events?recordType=${encodeURIComponent(recordType)}&recordId=${encodeURIComponent(recordId)}`,
        { signal },
        'application/json',
      );
      return (await response.json()) as { items: TimelineEvent[] };
    },
  );
  protected readonly events = computed(() => this.read.value()?.items ?? []);
}
