import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { dateInZone, formatTime, initials, monthName } from '@daybook/kernel';
import { ChangeWords } from '../../core/change-words';
import { Companies } from '../../core/companies';
import { People } from '../../core/people';
import { channelWords, Values, words } from '../../core/values';
import { Icon } from '../../parts/icon';

/** One event as a person reads it. */
export interface TimelineEvent {
  readonly key: string;
  readonly recordedAt: string;
  readonly actor: { readonly kind: string; readonly id: string; readonly name: string | null };
  /** Past-tense predicate: "posted PU-2026-0041". */
  readonly says: string;
  readonly reason: string | null;
  readonly channel: string;
  /** The tenant's running number; what people cite. */
  readonly trail: string | null;
  /** What the event is about: by it, changes are put into words. */
  readonly recordType?: string;
  readonly changes: readonly { readonly field: string; readonly before: string; readonly after: string }[];
}
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Sentences, newest first, grouped by day. */
@Component({
  selector: 'db-timeline',
  imports: [Icon],
  templateUrl: './timeline.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Timeline {
  private readonly companies = inject(Companies);
  private readonly people = inject(People);
  private readonly values = inject(Values);
  private readonly changeWords = inject(ChangeWords);
  readonly events = input.required<readonly TimelineEvent[]>();

  protected readonly entries = computed(() => {
    const zone = this.companies.zone();
    let day = '';
    return this.events().map((event) => {
      const date = dateInZone(event.recordedAt, zone);
      const heading = date === day ? '' : this.day(date);
      day = date;
      const person = event.actor.kind === 'person';
      const name = event.actor.name ?? (person ? this.people.name(event.actor.id) : words(event.actor.id));
      return {
        ...event,
        heading,
        name,
        person,
        face: initials(name),
        time: formatTime(event.recordedAt, zone),
        channel: channelWords(event.channel),
        changes: event.changes.map((change) => this.changeWords.of(event.recordType ?? '', change)),
        trail: event.trail === null ? null : this.values.count(event.trail),
      };
    });
  });
  private day(date: string): string {
    const at = new Date(`${date}T00:00:00Z`);
    return `${weekdays[at.getUTCDay()]} ${at.getUTCDate()} ${monthName(at.getUTCMonth() + 1)} ${at.getUTCFullYear()}`;
  }
}
