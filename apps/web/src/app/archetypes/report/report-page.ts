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
import { Router } from '@angular/router';
import { type CsvFormName, decimals, formatRange, type ReportDeclaration } from '@daybook/kernel';
import { Announcer } from '../../core/announcer';
import { Api } from '../../core/api';
import { AsOf } from '../../core/as-of';
import { asked } from '../../core/asked';
import { Commands } from '../../core/commands';
import { Companies } from '../../core/companies';
import { parseDate, today } from '../../core/dates';
import { download } from '../../core/download';
import { Layout } from '../../core/layout';
import { Links } from '../../core/links';
import { Live } from '../../core/live';
import { asProblem, type Problem } from '../../core/problem';
import { Toasts } from '../../core/toasts';
import { Values } from '../../core/values';
import { type Explained, ExplainDrawer } from '../../pages/explain/explain-drawer';
import { EmptyState } from '../../parts/empty-state';
import { csvChoices, ExportMenu } from '../../parts/export-menu';
import { Icon } from '../../parts/icon';
import { Pop } from '../../parts/pop';
import { ProblemState } from '../../parts/problem-state';
import { Skeleton } from '../../parts/skeleton';
import { differences, grouped, isZeroRow, periodsAround, type ReportAnswer, type ReportRow } from './report-model';
import { type FigurePoint, ReportTable } from './report-table';

/**
 * A declared report. Period, hidden zero rows, comparison, open figure and chosen line are in the address, the time it
 * is read at in the frame's as-of. The drawer is beside it and keeps its place.
 */
@Component({
  selector: 'db-report-page',
  imports: [EmptyState, ExplainDrawer, ExportMenu, Icon, Pop, ProblemState, ReportTable, Skeleton],
  templateUrl: './report-page.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ReportPage {
  private readonly api = inject(Api);
  protected readonly router = inject(Router);
  protected readonly links = inject(Links);
  private readonly announcer = inject(Announcer);
  private readonly toasts = inject(Toasts);
  private readonly layout = inject(Layout);
  protected readonly asOf = inject(AsOf);
  protected readonly companies = inject(Companies);
  protected readonly values = inject(Values);

  // From the route: its data and the address.
  readonly report = input.required<ReportDeclaration>();
  readonly companyId = input.required<string>();
  readonly from = input<string>();
  readonly to = input<string>();
  readonly zero = input<string>();
  readonly compare = input<string>();
  /** `account.column` of the figure that is explained. */
  readonly explain = input<string>();
  readonly line = input<string>();

  private readonly day = computed(() => this.asOf.date() ?? today(this.companies.zone()));
  protected readonly range = computed(() => {
    const to = this.to() ?? this.day();
    return { from: this.from() ?? `${to.slice(0, 4)}-01-01`, to };
  });
  protected readonly periods = computed(() => periodsAround(this.day()));
  protected readonly showZero = computed(() => this.zero() === 'shown');
  protected readonly comparing = computed(() => this.compare() === 'now' && this.asOf.known() !== null);
  /** Narrow: the one figure column that is shown. */
  protected readonly column = linkedSignal<string>(() => (this.comparing() ? 'diff' : 'closing'));

  private readonly asking = computed(() => ({ companyId: this.companyId(), ...this.range() }));
  protected readonly read = asked(
    () => ({ ...this.asking(), known: this.asOf.known() }),
    ({ known, ...input }, signal) => this.ask(input, known, signal),
  );
  protected readonly present = asked(
    () => (this.comparing() ? this.asking() : null),
    (input, signal) => this.ask(input, null, signal),
  );
  protected readonly answer = this.read.value;
  /** With a comparison, rows known at only one of the two moments are included. */
  private readonly rows = computed<readonly ReportRow[]>(() => {
    const rows = this.answer()?.rows ?? [];
    if (!this.comparing()) return rows;
    const id = this.report().id;
    const known = new Set(rows.map((row) => row[id]));
    const added = (this.present.value()?.rows ?? []).filter((row) => !known.has(row[id]));
    return [...rows, ...added.map((row) => this.emptied(row))].sort((a, b) => ((a[id] ?? '') < (b[id] ?? '') ? -1 : 1));
  });
  protected readonly compared = computed(() => {
    const [then, now] = [this.answer(), this.present.value()];
    const last = Object.keys(this.report().figures).at(-1) ?? '';
    return this.comparing() && then && now ? differences(this.report(), last, then.rows, now.rows) : null;
  });
  protected readonly groups = computed(() =>
    grouped(this.report(), this.rows(), !this.showZero() && !this.comparing()),
  );
  protected readonly hiddenRows = computed(() => this.rows().filter((row) => isZeroRow(this.report(), row)).length);
  protected readonly shownRows = computed(() => this.groups().reduce((count, group) => count + group.rows.length, 0));
  protected readonly figures = computed(() =>
    this.comparing()
      ? [{ name: 'then', label: 'Then' }, { name: 'now', label: 'Now' }, { name: 'diff', label: 'Difference' }]
      : Object.entries(this.report().figures).map(([name, { label }]) => ({ name, label })),
  ); // prettier-ignore
  protected readonly title = computed(() => formatRange(this.range().from, this.range().to, 'long'));
  protected readonly chip = computed(() => formatRange(this.range().from, this.range().to));

  protected readonly open = computed<FigurePoint | null>(() => {
    const text = this.explain();
    const dot = text?.lastIndexOf('.') ?? -1;
    return text === undefined || dot < 1 ? null : { account: text.slice(0, dot), column: text.slice(dot + 1) };
  });
  protected readonly explained = computed<Explained | null>(
    () => {
      const open = this.open();
      if (open === null || !(open.column in this.report().figures)) return null;
      return { ...this.asking(), account: open.account, column: open.column as Explained['column'] };
    },
    { equal: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
  );
  protected readonly folded = signal<ReadonlySet<string>>(new Set());
  protected readonly fromText = signal('');
  protected readonly toText = signal('');
  protected readonly wrong = signal<string | null>(null);
  protected readonly exportProblem = signal<Problem | null>(null);

  constructor() {
    inject(Live).on('trial-balance', () => {
      if (!this.asOf.past()) this.read.reload();
    });
    effect((onCleanup) => {
      this.layout.drawer.set(this.explained() !== null);
      onCleanup(() => this.layout.drawer.set(false));
    });
    inject(Commands).use(
      ...csvChoices.map(({ name, title }) => ({
        name: `Export as ${title}`, where: 'Report', icon: 'download', run: () => void this.exportCsv(name),
      })), // prettier-ignore
      { name: 'Print the report', where: 'Report', icon: 'printer', run: () => window.print() },
      {
        name: 'Close the drawer',
        where: 'Drawer',
        key: 'Escape',
        quiet: true,
        when: () => this.explained() !== null,
        run: () => this.closeDrawer(),
      },
    );
  }

  private ask(input: { companyId: string; from: string; to: string }, known: string | null, signal: AbortSignal) {
    return this.api.ask(this.report().read, input, { signal, known }) as Promise<ReportAnswer>;
  }
  private emptied(row: ReportRow): ReportRow {
    return { ...row, ...Object.fromEntries(Object.keys(this.report().figures).map((column) => [column, '0'])) };
  }
  private go(queryParams: Record<string, string | null>, replaceUrl = false): void {
    void this.router.navigate([], { queryParams, queryParamsHandling: 'merge', replaceUrl });
  }

  protected point(point: FigurePoint): void {
    this.go({ explain: `${point.account}.${point.column}`, line: null });
  }
  protected pick(line: string): void {
    this.go({ line }, true);
  }
  /** Focus returns to the figure. */
  protected closeDrawer(): void {
    const figure = document.querySelector<HTMLElement>('.report .why[aria-expanded="true"]');
    this.go({ explain: null, line: null });
    figure?.focus();
  }
  protected setPeriod(period: { from: string; to: string }): void {
    this.go({ from: period.from, to: period.to, explain: null, line: null });
  }
  protected startPeriod(): void {
    this.fromText.set(this.values.text(this.range().from, 'date').replaceAll('\u00a0', ' '));
    this.toText.set(this.values.text(this.range().to, 'date').replaceAll('\u00a0', ' '));
    this.wrong.set(null);
  }
  /** true when both days are understood and in order. */
  protected typedPeriod(): boolean {
    const from = parseDate(this.fromText(), this.day());
    const to = parseDate(this.toText(), this.day());
    if (from === null || to === null) this.wrong.set('Enter days like 31.3.2026, 153 or m for the month’s end.');
    else if (from > to) this.wrong.set('The first day comes after the last.');
    else {
      this.setPeriod({ from, to });
      return true;
    }
    return false;
  }
  protected toggleZero(): void {
    this.go({ zero: this.showZero() ? null : 'shown' });
    this.announcer.say(this.showZero() ? 'Zero rows hidden' : 'Zero rows shown');
  }
  protected toggleCompare(): void {
    this.go({ compare: this.comparing() ? null : 'now', explain: null });
  }
  protected print(): void {
    window.print();
  }
  protected async exportCsv(form: CsvFormName): Promise<void> {
    const { companyId, from, to } = this.asking();
    this.exportProblem.set(null);
    await this.api
      .askFile(this.report().read, { companyId, from, to }, form === 'plain' ? 'text/csv' : `text/csv; form=${form}`)
      .then(
        (file) => {
          const name = `${this.report().path}_${from}_${to}.csv`;
          download(name, 'text/csv', file);
          this.toasts.show(`${name} exported, ${this.rows().length} rows`);
        },
        (error: unknown) => this.exportProblem.set(asProblem(error)),
      );
  }
  protected isUncleared(amount: string): boolean {
    return !decimals.isZero(amount);
  }
}
