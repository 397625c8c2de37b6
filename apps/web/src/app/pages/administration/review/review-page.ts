import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  signal,
  untracked,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import type { CsvFormName } from '@daybook/kernel';
import {
  closeReview,
  decideReviewItem,
  listReviewItems,
  readReview,
  readReviewEvidence,
  reviewView,
} from '@daybook/identity';
import { Actions } from '../../../archetypes/form/actions';
import { listCsv } from '../../../archetypes/list/list-state';
import { RecordDiscussion } from '../../../collaboration/record-discussion';
import { Api } from '../../../core/api';
import { AsOf } from '../../../core/as-of';
import { asked } from '../../../core/asked';
import { Commands } from '../../../core/commands';
import { Companies } from '../../../core/companies';
import { download } from '../../../core/download';
import { Layout } from '../../../core/layout';
import { Live } from '../../../core/live';
import { PageTitle } from '../../../core/page-title';
import { asProblem } from '../../../core/problem';
import { Rights } from '../../../core/rights';
import { Session } from '../../../core/session';
import { Toasts } from '../../../core/toasts';
import { Values } from '../../../core/values';
import { EmptyState } from '../../../parts/empty-state';
import { ExportMenu } from '../../../parts/export-menu';
import { Icon } from '../../../parts/icon';
import { ProblemState } from '../../../parts/problem-state';
import { Skeleton } from '../../../parts/skeleton';
import {
  canDecide,
  csvColumns,
  type Decision,
  decided,
  inTab,
  isOpen,
  type Item,
  nextOpen,
  revoked,
  type Tab,
  tabs,
} from './review-model';

const shownAtOnce = 200;

/** A review, worked through row by row: J and K move, 1 keeps and 2 revokes with a reason, Enter goes on to the next. */
@Component({
  selector: 'db-review-page',
  imports: [RouterLink, EmptyState, ExportMenu, Icon, ProblemState, RecordDiscussion, Skeleton],
  templateUrl: './review-page.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ReviewPage {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly router = inject(Router);
  private readonly rights = inject(Rights);
  private readonly session = inject(Session);
  private readonly actions = inject(Actions);
  private readonly toasts = inject(Toasts);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  protected readonly companies = inject(Companies);
  protected readonly layout = inject(Layout);
  protected readonly values = inject(Values);
  /** From the address. */
  readonly id = input.required<string>();
  readonly tab = input<string>();
  protected readonly type = reviewView.record?.history ?? '';
  protected readonly permission = readReview.permission;
  protected readonly allowed = this.rights.may(readReview);
  protected readonly tabs = tabs;
  protected readonly shown = computed<Tab>(() => tabs.find(({ tab }) => tab === this.tab())?.tab ?? 'open');

  protected readonly review = asked(
    () => (this.allowed ? { reviewId: this.id(), known: this.asOf.known() } : null),
    ({ reviewId, known }, signal) => this.api.ask(readReview, { reviewId }, { signal, known }),
  );
  /** All of them, for its progress is about the whole: a large company's are read in many pages, and so not again for each decision. */
  protected readonly items = asked(
    () => (this.allowed ? { reviewId: this.id(), known: this.asOf.known() } : null),
    async ({ reviewId, known }, signal) => {
      const all: Item[] = [];
      let cursor: string | null = null;
      do {
        const page: { items: Item[]; next: string | null } = await this.api.ask(
          listReviewItems,
          { reviewId, limit: 200, ...(cursor === null ? {} : { cursor }) },
          { signal, known },
        );
        for (const item of page.items) all.push(item);
        cursor = page.next;
      } while (cursor !== null);
      return all;
    },
  );
  /** Decided just now, in this tab. */
  private readonly held = signal<ReadonlySet<string>>(new Set());
  private readonly from = signal(0);
  private readonly fitting = computed(() => inTab(this.items.value() ?? [], this.shown(), this.held()));
  protected readonly rows = computed(() => this.fitting().slice(this.from(), this.from() + shownAtOnce));
  protected readonly before = computed(() => this.from() > 0);
  protected readonly after = computed(() => this.fitting().length > this.from() + shownAtOnce);
  protected readonly progress = computed(() => {
    const all = this.items.value() ?? [];
    const left = all.filter(isOpen).length;
    const kept = all.filter(({ state }) => state === 'kept').length;
    const done = all.length - left;
    const share = all.length === 0 ? 100 : Math.round((done * 100) / all.length);
    return { all: all.length, left, done, kept, revoked: done - kept, share, mine: all.filter(canDecide).length };
  });
  protected readonly mayDecide = computed(
    () =>
      !this.asOf.past() &&
      this.rights.may(decideReviewItem) &&
      this.review.value() !== undefined &&
      this.review.value()?.closedAt === null,
  );
  protected readonly mayClose = computed(
    () => this.mayDecide() && this.rights.may(closeReview) && this.review.value()?.left === 0,
  );

  protected readonly here = signal(0);
  /** The row whose decision is being given a reason. */
  protected readonly deciding = signal<{ itemId: string; decision: Decision } | null>(null);
  protected readonly reason = signal('');
  protected readonly busy = signal(false);
  protected readonly fault = signal('');
  protected readonly canDecide = canDecide;
  protected readonly isOpen = isOpen;
  /** Whose and what, for screen readers that read the button alone. */
  protected readonly of = (item: Item): string => ` ${item.roleName} of ${item.holderName ?? 'an erased person'}`;
  /** Of the table: what there is no room for is left out. */
  protected readonly columns = computed(() => (this.layout.narrow() ? 3 : this.layout.slim() ? 5 : 8));
  /** Where and until when, in one line: there is no column for the end where there is little room. */
  protected readonly where = (item: Item): string =>
    `${this.companies.name(item.companyId)}${item.until === null ? '' : `, until ${this.day(item.until)}`}`;
  protected readonly isKept = (item: Item): boolean => item.state === 'kept';

  constructor() {
    const title = inject(PageTitle);
    effect(() => {
      const name = this.review.value()?.name;
      if (name !== undefined) title.set(name);
    });
    effect(() => {
      this.shown();
      this.held.set(new Set());
      this.from.set(0);
      this.here.set(0);
      this.deciding.set(null);
    });
    // What was decided here is shown already; the list is read again when others have decided or more was listed.
    inject(Live).on('reviews', () => {
      this.heard = true;
      this.review.reload();
    });
    effect(() => {
      const review = this.review.value();
      const busy = this.deciding() !== null || this.items.pending() || this.review.pending();
      if (review === undefined || busy || !this.heard) return;
      this.heard = false;
      const { all, left } = untracked(this.progress);
      if (review.items !== all || review.left - review.revoking !== left) this.items.reload();
      else if (review.revoking === 0) untracked(() => this.items.set(revoked(this.items.value() ?? [])));
    });
    this.keys();
  }
  /** Somebody decided, perhaps here: not compared with the list yet. */
  private heard = false;
  private keys(): void {
    const where = 'Review';
    const decide = (decision: Decision) => () => this.open(this.rows()[this.here()], decision);
    const open = (): boolean => this.mayDecide() && this.here() < this.rows().length;
    inject(Commands).use(
      { name: 'Next row', where, key: 'J', quiet: true, run: () => this.focus(this.here() + 1) },
      { name: 'Previous row', where, key: 'K', quiet: true, run: () => this.focus(this.here() - 1) },
      { name: 'Row below', where, key: 'Down', quiet: true, run: () => this.focus(this.here() + 1) },
      { name: 'Row above', where, key: 'Up', quiet: true, run: () => this.focus(this.here() - 1) },
      { name: 'Keep', where, key: '1', quiet: true, when: open, run: decide('keep') },
      { name: 'Revoke', where, key: '2', quiet: true, when: open, run: decide('revoke') },
      { name: 'Leave', where, key: 'Escape', quiet: true, inFields: true, run: () => this.leave() },
      { name: 'Download the evidence', where, key: 'Ctrl+E', icon: 'download', run: () => void this.evidence() },
    );
  }
  protected focus(index: number): void {
    const to = Math.max(0, Math.min(index, this.rows().length - 1));
    this.here.set(to);
    this.host.querySelectorAll<HTMLElement>('tbody tr.item')[to]?.focus();
  }
  protected open(item: Item | undefined, decision: Decision): void {
    if (item === undefined || !this.mayDecide() || !canDecide(item)) return;
    this.here.set(this.rows().indexOf(item));
    this.reason.set('');
    this.fault.set('');
    this.deciding.set({ itemId: item.itemId, decision });
    setTimeout(() => this.host.querySelector<HTMLElement>('#review-reason')?.focus());
  }
  protected leave(): void {
    if (this.deciding() === null) return void this.router.navigateByUrl('/reviews');
    this.deciding.set(null);
    this.focus(this.here());
  }

  protected async send(): Promise<void> {
    const open = this.deciding();
    const item = this.rows().find(({ itemId }) => itemId === open?.itemId);
    if (open === null || item === undefined || this.busy()) return;
    const reason = this.reason().trim();
    if (reason.length < 3) return this.fault.set('Give a reason.');
    this.busy.set(true);
    this.fault.set('');
    try {
      const { itemId, decision } = open;
      await this.api.execute(decideReviewItem, { reviewId: this.id(), itemId, decision, reason });
      const me = this.session.current()?.person.id ?? '';
      this.held.update((held) => new Set(held).add(itemId));
      this.items.set(
        (this.items.value() ?? []).map((one) =>
          one.itemId === itemId ? decided(one, decision, reason, me, new Date().toISOString()) : one,
        ),
      );
      this.deciding.set(null);
      this.review.reload();
      const next = nextOpen(this.rows(), this.here());
      // Drawn first: the next row may have moved.
      setTimeout(() => this.focus(next < 0 ? this.here() : next));
    } catch (error) {
      const { detail, code } = asProblem(error);
      this.fault.set(`${detail} ${code}`);
    } finally {
      this.busy.set(false);
    }
  }
  protected async close(): Promise<void> {
    const review = this.review.value();
    if (review === undefined) return;
    const action = {
      operation: closeReview,
      label: 'Close',
      what: 'No more decisions can be made in it. The evidence says what was listed, and who decided what, when and why.',
      from: { reviewId: 'reviewId' },
    };
    if (await this.actions.perform(reviewView, action, [review])) this.reload();
  }
  protected async evidence(): Promise<void> {
    try {
      const answer = await this.api.ask(readReviewEvidence, { reviewId: this.id() }, { known: null });
      download(`${this.fileName()}-evidence.json`, 'application/json', `${JSON.stringify(answer, null, 2)}\n`);
      this.toasts.show(`Evidence downloaded, SHA-256 ${answer.sha256.slice(0, 6)}…${answer.sha256.slice(-4)}`);
    } catch (error) {
      this.fault.set(asProblem(error).detail);
    }
  }
  protected csv(form: CsvFormName): void {
    download(`${this.fileName()}.csv`, 'text/csv', listCsv([...csvColumns], this.items.value() ?? [], form));
  }
  private fileName(): string {
    return (this.review.value()?.name ?? 'review').toLowerCase().replace(/[^\p{L}\d]+/gu, '-');
  }
  protected turn(step: 1 | -1): void {
    this.from.update((from) => Math.max(0, from + step * shownAtOnce));
    this.here.set(0);
  }
  protected reload(): void {
    this.review.reload();
    this.items.reload();
  }
  protected day(value: string | null): string {
    return value === null ? '' : this.values.text(value.slice(0, 10), 'date');
  }
}
