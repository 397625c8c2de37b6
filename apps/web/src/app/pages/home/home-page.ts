import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import {
  entryView, importView, listAccounts, listCompanies, listEntries, listSubledgerLines, readTrialBalance, startImport,
} from '@daybook/accounting'; // prettier-ignore
import { decimals, formatRange, type Needs } from '@daybook/kernel';
import { Api } from '../../core/api';
import { AsOf } from '../../core/as-of';
import { asked } from '../../core/asked';
import { Companies } from '../../core/companies';
import { today } from '../../core/dates';
import { Links } from '../../core/links';
import { Live } from '../../core/live';
import { Rights } from '../../core/rights';
import { Session } from '../../core/session';
import { Values } from '../../core/values';
import { Figure } from '../../parts/figure';
import { Icon } from '../../parts/icon';
import { ProblemState } from '../../parts/problem-state';
import { OwnTasks } from '../../collaboration/own-tasks';
import { Notifications } from './notifications';

const classes = [
  { key: 'asset', label: 'Assets' },
  { key: 'liability', label: 'Liabilities' },
  { key: 'equity', label: 'Equity' },
  { key: 'income', label: 'Income' },
  { key: 'expense', label: 'Expenses' },
] as const;

interface Way {
  readonly title: string;
  readonly says: string;
  readonly icon: string;
  readonly path: string;
  readonly needs: Needs;
  /** Changes something: absent in the past. */
  readonly writes?: boolean;
}
const ways: readonly Way[] = [
  { title: 'Trial balance', says: 'Every figure explains itself', icon: 'scale', path: 'trial-balance', needs: readTrialBalance },
  { title: 'Accounts', says: 'Ledgers with running balance', icon: 'book-open', path: 'accounts', needs: listAccounts },
  { title: 'Subledger lines', says: 'What the books record about a customer or supplier', icon: 'users', path: 'subledger-lines', needs: listSubledgerLines },
  { title: 'Import a SAF-T file', says: 'A dry run first; nothing counts before you post it', icon: 'upload', path: '', needs: startImport, writes: true },
]; // prettier-ignore

/** The company at a glance, or the first step when there is none. */
@Component({
  selector: 'db-home-page',
  imports: [RouterLink, Figure, Icon, OwnTasks, ProblemState, Notifications],
  templateUrl: './home-page.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class HomePage {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly rights = inject(Rights);
  private readonly session = inject(Session);
  protected readonly values = inject(Values);
  protected readonly links = inject(Links);
  protected readonly companies = inject(Companies);
  protected readonly entries = computed(() => this.links.list(entryView));
  protected readonly importing = computed(() => `${this.links.list(importView)}/new`);

  protected readonly tenant = computed(() => this.session.current()?.tenant.name ?? '');
  protected readonly mayCompanies = computed(() => this.session.may(listCompanies.permission));
  protected readonly mayFigures = computed(() => this.rights.may(readTrialBalance));
  protected readonly mayEntries = computed(() => this.rights.may(listEntries));
  protected readonly mayImport = computed(() => this.rights.may(startImport));
  /** Where this person can go from here. */
  protected readonly ways = computed(() =>
    ways
      .filter(({ needs, writes }) => this.rights.may(needs) && !(writes && this.past()))
      .map(({ path, ...way }) => ({ ...way, link: path === '' ? this.importing() : this.links.company(path) })),
  );
  private readonly period = computed(() => {
    const to = this.asOf.date() ?? today(this.companies.zone());
    const start = this.companies.current()?.fiscalYearStart ?? 1;
    const year = Number(to.slice(0, 4)) - (Number(to.slice(5, 7)) < start ? 1 : 0);
    return { from: `${year}-${String(start).padStart(2, '0')}-01`, to };
  });
  protected readonly report = asked(
    () => {
      const company = this.companies.current();
      if (company === null || !this.mayFigures()) return null;
      return { companyId: company.id, ...this.period(), known: this.asOf.known() };
    },
    ({ known, ...input }, signal) => this.api.ask(readTrialBalance, input, { signal, known }),
  );
  protected readonly latest = asked(
    () => {
      const company = this.companies.current();
      if (company === null || !this.mayEntries()) return null;
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
      decimals.sum(report.rows.filter((row) => row.class === key).map((row) => row.closing));
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
