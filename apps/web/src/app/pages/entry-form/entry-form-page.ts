import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { listJournals, postEntry, readEntry } from '@daybook/accounting';
import { decimals, formatDate, minorUnits, newId } from '@daybook/kernel';
import { Announcer } from '../../core/announcer';
import { Api } from '../../core/api';
import { AsOf } from '../../core/as-of';
import { asked } from '../../core/asked';
import { Commands } from '../../core/commands';
import { Companies } from '../../core/companies';
import { parseDate, today } from '../../core/dates';
import { Leaving } from '../../core/leaving';
import { Links } from '../../core/links';
import { Preferences } from '../../core/preferences';
import { asProblem, type Problem } from '../../core/problem';
import { Rights } from '../../core/rights';
import { Toasts } from '../../core/toasts';
import { Values } from '../../core/values';
import { EmptyState } from '../../parts/empty-state';
import { Figure } from '../../parts/figure';
import { Icon } from '../../parts/icon';
import { ProblemState } from '../../parts/problem-state';
import { Skeleton } from '../../parts/skeleton';
import {
  type Draft, type DraftLine, draftOf, effectsOf, emptyDraft, type Fault, faultsFrom, faultsOf, isBlank, isTouched,
  sumsOf, toInput,
} from './entry-draft'; // prettier-ignore
import { EntryCustom } from './entry-custom';
import { KeptDrafts } from './kept-draft';
import { type AccountChoice, LineGrid } from './line-grid';
import { readChart } from './read-chart';
import { waitingEntry } from './waiting-entry';

/**
 * A new entry: fields, line grid with running difference, and what posting it will do. Kept on the device as a draft. With
 * `approval`, one that waits for approval: its requester changes it here.
 */
@Component({
  selector: 'db-entry-form-page',
  imports: [EmptyState, EntryCustom, Figure, Icon, LineGrid, ProblemState, RouterLink, Skeleton],
  templateUrl: './entry-form-page.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class EntryFormPage {
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  private readonly links = inject(Links);
  private readonly toasts = inject(Toasts);
  private readonly announcer = inject(Announcer);
  private readonly preferences = inject(Preferences);
  private readonly rights = inject(Rights);
  private readonly drafts = inject(KeptDrafts);
  protected readonly asOf = inject(AsOf);
  protected readonly companies = inject(Companies);
  protected readonly values = inject(Values);
  readonly companyId = input.required<string>();
  /** From the address: the id of a waiting entry that is to be changed. */
  readonly approvalRequest = input<string>();
  protected readonly waiting = waitingEntry(this.approvalRequest);
  private readonly grid = viewChild(LineGrid);
  private readonly custom = viewChild(EntryCustom);

  protected readonly may = computed(() => this.rights.may(postEntry));
  protected readonly journals = asked(
    () => ({ companyId: this.companyId() }),
    (input, signal) => this.api.ask(listJournals, input, { signal, known: null }),
  );
  protected readonly chart = asked(
    () => ({ companyId: this.companyId() }),
    ({ companyId }, signal) => readChart(this.api, companyId, signal),
  );
  protected readonly accounts = computed<readonly AccountChoice[]>(() => this.chart.value() ?? []);
  private readonly byNumber = computed(() => new Map(this.accounts().map((account) => [account.number, account])));

  protected readonly draft = signal<Draft>(emptyDraft('', ''));
  protected readonly faults = signal<readonly Fault[]>([]);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly busy = signal(false);
  protected readonly slow = signal(false);
  /** Whether the draft is on this device: from an earlier visit, or as it is now. */
  protected readonly kept = signal<'found' | 'now' | null>(null);
  /** The same key while the same entry is sent again: a repeat after a lost answer posts nothing twice. */
  private key = newId();

  protected readonly currency = computed(() => this.companies.currency());
  protected readonly places = computed(() => minorUnits(this.currency()));
  protected readonly date = computed(() => parseDate(this.draft().date, today(this.companies.zone())));
  protected readonly dateWords = computed(() => {
    const date = this.date();
    if (date === null) return 'Like 12 May 2026, 125 or t for today';
    const weekday = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(new Date(date));
    return `${weekday}, ${formatDate(date, 'long')}`;
  });
  protected readonly journalName = computed(
    () => this.journals.value()?.items.find((journal) => journal.code === this.draft().journal)?.name ?? '',
  );
  protected readonly sums = computed(() => sumsOf(this.draft().lines, this.preferences.numberForm()));
  protected readonly effects = computed(() =>
    [...effectsOf(this.draft().lines, this.preferences.numberForm())].flatMap(([number, change]) => {
      const account = this.byNumber().get(number);
      return account === undefined
        ? []
        : [{ label: `${number} ${account.name}`, now: account.balance, after: decimals.add(account.balance, change) }];
    }),
  );
  private readonly reading = computed(() => ({
    currency: this.currency(),
    form: this.preferences.numberForm(),
    accounts: this.byNumber(),
    date: this.date(),
  }));
  protected readonly checks = computed(() => {
    const { missing } = this.sums();
    const lines = this.draft().lines.filter((line) => !isBlank(line));
    const all = faultsOf(this.draft(), this.reading());
    const amounts = all.filter((fault) => fault.field === 'debit' || fault.field === 'credit');
    const accounts = all.filter((fault) => fault.field === 'account');
    return [
      { name: 'Debit equals credit', done: missing === null && lines.length > 1, note: missing === null ? '' : `${this.values.money(missing.amount)} missing` },
      { name: 'Every line names an account', done: accounts.length === 0, note: '' },
      { name: `Amounts fit ${this.currency()}`, done: amounts.length === 0 && lines.length > 1, note: `${this.places()} decimals` },
      { name: 'Date is understood', done: this.date() !== null, note: '' },
    ]; // prettier-ignore
  });

  constructor() {
    // The draft of the company, once its journals are there to offer a first choice.
    effect(() => {
      const journals = this.journals.value();
      const company = this.companyId();
      const waiting = this.waiting.command.value();
      if (journals === undefined || (this.approvalRequest() !== undefined && waiting === undefined)) return;
      untracked(() => {
        if (waiting !== undefined) return this.begin(waiting.id, waiting.input);
        if (this.draft().journal !== '' && this.keptCompany === company) return;
        this.keptCompany = company;
        this.place = this.drafts.placeOf(company);
        const kept = this.drafts.find(this.place);
        this.draft.set(kept ?? this.fresh());
        this.kept.set(kept === null ? null : 'found');
        setTimeout(() => document.getElementById('entry-journal')?.focus());
      });
    });
    inject(Leaving).guard(() => this.unsaved());
    inject(Commands).use(
      {
        name: 'Post entry',
        where: 'Form',
        icon: 'check',
        key: 'Ctrl+Enter',
        inFields: true,
        run: () => void this.post(),
      },
      { name: 'Discard the draft', where: 'Form', icon: 'trash', run: () => this.discard() },
    );
  }
  private keptCompany = '';
  /** Once: what is being typed is not overwritten when the command is read again. */
  private begin(id: string, input: unknown): void {
    if (this.keptCompany === id) return;
    this.keptCompany = id;
    this.draft.set(draftOf(input, this.preferences.numberForm()) ?? this.fresh());
    this.begun = this.draft();
    setTimeout(() => document.getElementById('entry-journal')?.focus());
  }

  // ── draft ──
  private place: string | null = null;
  /** The waiting entry as it was read. */
  private begun: Draft | null = null;
  private unsaved(): boolean {
    if (this.begun !== null) return this.draft() !== this.begun;
    return this.kept() === null && isTouched(this.draft());
  }
  private fresh(): Draft {
    const journals = this.journals.value()?.items ?? [];
    const first = journals.find(({ code }) => code === 'GL') ?? journals[0];
    return emptyDraft(first?.code ?? '', formatDate(today(this.companies.zone())).replaceAll('\u00a0', ' '));
  }
  /** At once: a user who types and leaves in the same second loses nothing. */
  private keep(): void {
    if (this.begun !== null) return;
    this.kept.set(this.drafts.keep(this.place, this.draft()) ? 'now' : null);
  }
  protected change(fields: Partial<Draft>): void {
    this.draft.update((draft) => ({ ...draft, ...fields }));
    this.keep();
    this.faults.set([]);
    this.problem.set(null);
  }
  protected setLines(lines: readonly DraftLine[]): void {
    const before = this.sums().missing;
    this.change({ lines });
    if (before !== null && this.sums().missing === null && lines.some((line) => !isBlank(line)))
      this.announcer.say('Debit equals credit');
  }
  protected dateKey(event: KeyboardEvent): void {
    const date = this.date();
    const by = { '+': 1, '-': -1 }[event.key];
    if (date === null || by === undefined || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    const moved = new Date(Date.parse(`${date}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10);
    this.change({ date: formatDate(moved).replaceAll('\u00a0', ' ') });
  }
  /** A day typed short is written out when the field is left. */
  protected dateLeft(): void {
    const date = this.date();
    if (date !== null) this.draft.update((draft) => ({ ...draft, date: formatDate(date).replaceAll('\u00a0', ' ') }));
  }
  protected faultOf(field: Fault['field']): Fault | undefined {
    return this.faults().find((fault) => fault.line === null && fault.field === field);
  }
  protected discard(): void {
    if (this.approvalRequest() !== undefined) {
      this.begun = this.draft();
      return this.leave();
    }
    const draft = this.draft();
    this.change(this.fresh());
    this.toasts.show('Draft discarded', async () => this.change(draft));
  }

  // ── posting ──
  private point(faults: readonly Fault[]): void {
    this.faults.set(faults);
    const first = faults[0];
    if (first === undefined) return;
    this.announcer.say(first.message);
    if (first.line !== null) this.grid()?.focus(first.line, first.field as keyof DraftLine);
    else setTimeout(() => document.getElementById(`entry-${first.field}`)?.focus());
  }
  protected async post(): Promise<void> {
    if (this.busy() || this.asOf.past()) return;
    const draft = this.draft();
    const faults = faultsOf(draft, this.reading());
    const missing = this.sums().missing;
    const date = this.date();
    if (faults.length > 0 || date === null) return this.point(faults);
    if (missing !== null) {
      const line = draft.lines.findIndex((one) => one.debit.trim() === '' && one.credit.trim() === '');
      const short = missing.side === 'debit' ? 'Debit' : 'Credit';
      return this.point([{ field: missing.side, line: line < 0 ? draft.lines.length : line, message: `${short} is short by ${this.values.money(missing.amount)}. = fills it.` }]); // prettier-ignore
    }
    if (this.custom()?.ready() === false) return;
    const { input, rows } = toInput(this.companyId(), draft, date, this.preferences.numberForm());
    this.busy.set(true);
    this.problem.set(null);
    const late = setTimeout(() => this.slow.set(true), 300);
    try {
      if (this.approvalRequest() !== undefined) {
        await this.waiting.change(input, this.key);
        this.begun = this.draft();
        return this.leave();
      }
      const result = await this.api.execute(postEntry, input, { key: this.key });
      if (result.approvalRequest !== undefined) {
        this.toasts.show(`${input.description} waits for a second person. Nothing is posted yet.`);
        return this.reset(draft);
      }
      const entry = await this.api.ask(readEntry, { companyId: this.companyId(), entryId: result.id }, { known: null });
      this.toasts.done(`${entry.number} posted, ${this.values.money(entry.amount)}`, postEntry, input, result);
      this.reset(draft);
    } catch (error) {
      const problem = asProblem(error);
      this.problem.set(problem);
      // Another attempt with other content needs another key; a lost answer is asked for again with the same one.
      if (problem.status !== 0) this.key = newId();
      const errors = this.custom()?.refuse(problem.errors) ?? problem.errors;
      this.point(faultsFrom(errors, draft, rows));
    } finally {
      clearTimeout(late);
      this.busy.set(false);
      this.slow.set(false);
    }
  }
  /** Ready for the next one: journal and date stay. */
  private reset(draft: Draft): void {
    this.key = newId();
    this.change({ ...emptyDraft(draft.journal, draft.date) });
    this.chart.reload();
    document.getElementById('entry-description')?.focus();
  }
  protected leave(): void {
    void this.router.navigateByUrl(
      this.approvalRequest() === undefined ? this.links.company('entries') : this.waiting.page(),
    );
  }
  protected readonly entriesLink = computed(() => this.links.company('entries', this.companyId()));
}
