import { ChangeDetectionStrategy, Component, computed, inject, output, signal } from '@angular/core';
import { addDays, firstOfMonth, instantInZone, yearOf } from '@daybook/kernel';
import { AsOf, type AsOfPoint, now } from '../core/as-of';
import { Companies } from '../core/companies';
import { parseDate, parseMoment, today } from '../core/dates';
import { Values } from '../core/values';

interface Moment extends AsOfPoint {
  readonly name: string;
  readonly detail: string;
}

/** Two fields, business date and known at, and the moments worth going to. Show puts them into the address. */
@Component({
  selector: 'db-as-of-panel',
  templateUrl: './as-of-panel.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class AsOfPanel {
  private readonly asOf = inject(AsOf);
  private readonly values = inject(Values);
  private readonly companies = inject(Companies);
  readonly done = output();
  protected readonly date = signal('');
  protected readonly known = signal('');
  protected readonly dateWrong = signal(false);
  protected readonly knownWrong = signal(false);
  private readonly today = signal(today('UTC'));

  protected readonly moments = computed<readonly Moment[]>(() => {
    const zone = this.companies.zone();
    const monthEnd = addDays(firstOfMonth(this.today()), -1);
    const yearEnd = `${yearOf(this.today()) - 1}-12-31`;
    const endOf = (day: string): string => instantInZone(day, '23:59:59.999', zone);
    const yesterday = addDays(this.today(), -1);
    const written = (day: string): string => this.values.text(day, 'date');
    return [
      { name: 'Now', detail: 'live', ...now },
      { name: 'End of yesterday, as known then', detail: `${written(yesterday)} 23:59`, date: null, known: endOf(yesterday) },
      { name: 'End of last month, as known then', detail: `${written(monthEnd)} 23:59`, date: monthEnd, known: endOf(monthEnd) },
      { name: 'End of last month, as known now', detail: written(monthEnd), date: monthEnd, known: null },
      { name: 'End of last year, as known now', detail: written(yearEnd), date: yearEnd, known: null },
    ]; // prettier-ignore
  });

  /** Called each time the panel opens: the fields show the current values. */
  start(): void {
    this.today.set(today(this.companies.zone()));
    const { date, known } = this.asOf.point();
    this.date.set(date === null ? '' : this.values.text(date, 'date').replaceAll('\u00a0', ' '));
    this.known.set(
      known === null ? '' : known.includes('T') ? this.values.instant(known, false).replaceAll('\u00a0', ' ') : known,
    );
    this.dateWrong.set(false);
    this.knownWrong.set(false);
  }
  protected show(): void {
    const { date: shownDate, known: shownKnown } = this.asOf.point();
    const date = this.date().trim() === '' ? null : parseDate(this.date(), this.today());
    const typed = this.known().trim();
    const unchanged =
      shownKnown !== null &&
      (shownKnown === typed ||
        (shownKnown.includes('T') && this.values.instant(shownKnown, false).replaceAll('\u00a0', ' ') === typed));
    const known =
      typed === '' ? null : unchanged ? shownKnown : parseMoment(typed, this.today(), this.companies.zone());
    this.dateWrong.set(this.date().trim() !== '' && date === null);
    this.knownWrong.set(typed !== '' && known === null);
    if (this.dateWrong() || this.knownWrong()) return;
    if (date !== shownDate || known !== shownKnown) void this.asOf.go({ date, known });
    this.done.emit();
  }
  protected go(moment: AsOfPoint): void {
    void this.asOf.go({ date: moment.date, known: moment.known });
    this.done.emit();
  }
  protected chosen(moment: Moment): boolean {
    const { date, known } = this.asOf.point();
    return moment.date === date && moment.known === known;
  }
}
