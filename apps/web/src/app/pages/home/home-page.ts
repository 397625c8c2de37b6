import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { entryView, importView, listEntries, readTrialBalance } from '@daybook/accounting';
import { decimals, formatRange } from '@daybook/kernel';
import { Api } from '../../core/api';
import { AsOf } from '../../core/as-of';
import { asked } from '../../core/asked';
import { Companies } from '../../core/companies';
import { today } from '../../core/dates';
import { Links } from '../../core/links';
import { Live } from '../../core/live';
import { Rights } from '../../core/rights';
import { Values } from '../../core/values';
import { Figure } from '../../parts/figure';
import { Icon } from '../../parts/icon';
import { ProblemState } from '../../parts/problem-state';

const classes = [
  { key: 'asset', label: 'Assets' },
  { key: 'liability', label: 'Liabilities' },
  { key: 'equity', label: 'Equity' },
  { key: 'income', label: 'Income' },
  { key: 'expense', label: 'Expenses' },
] as const;

/** The company at a glance, or the first step when there is none. */
@Component({
  selector: 'db-home-page',
  imports: [RouterLink, Figure, Icon, ProblemState],
  templateUrl: './home-page.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class HomePage {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly rights = inject(Rights);
  protected readonly values = inject(Values);
  protected readonly links = inject(Links);
  protected readonly companies = inject(Companies);
  protected readonly entries = computed(() => this.links.list(entryView as never));
  protected readonly importing = computed(() => `${this.links.list(importView as never)}/new`);

  private readonly period = computed(() => {
    const to = this.asOf.date() ?? today(this.companies.zone());
    const start = this.companies.current()?.fiscalYearStart ?? 1;
    const year = Number(to.slice(0, 4)) - (Number(to.slice(5, 7)) < start ? 1 : 0);
    return { from: `${year}-${String(start).padStart(2, '0')}-01`, to };
  });
  protected readonly report = asked(
    () => {
      const company = this.companies.current();
      if (company === null || !this.rights.may(readTrialBalance)) return null;
      return { companyId: company.id, ...this.period(), known: this.asOf.known() };
    },
    ({ known, ...input }, signal) => this.api.ask(readTrialBalance, input, { signal, known }),
  );
  protected readonly latest = asked(
    () => {
      const company = this.companies.current();
      if (company === null || !this.rights.may(listEntries)) return null;
      const to = this.asOf.date();
      return { companyId: company.id, limit: 8, known: this.asOf.known(), ...(to === null ? {} : { to }) };
    },
    ({ known, ...input }, signal) => this.api.ask(listEntries, input, { signal, known }),
  );
  /** Debit positive in the books; a reader expects income, equity and debt as they are called, so the sign is kept. */
  protected readonly figures = computed(() => {
    const report = this.report.value();
    if (report === undefined) return [];
    const closing = (key: string): string =>
      decimals.add('0', ...report.rows.filter((row) => row.class === key).map((row) => row.closing));
    return classes.map(({ key, label }) => ({ label, closing: closing(key) }));
  });
  protected readonly past = this.asOf.past;
  protected readonly facts = computed(() => {
    const { from, to } = this.period();
    return formatRange(from, to);
  });

  constructor() {
    const live = inject(Live);
    for (const name of ['entries', 'trial-balance']) {
      live.on(name, () => {
        this.report.reload();
        this.latest.reload();
      });
    }
  }
}
