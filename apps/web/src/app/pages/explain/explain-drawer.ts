import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  linkedSignal,
  output,
  signal,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { explainEntry, explainFigure, readEntry } from '@daybook/accounting';
import { formatDate, initials, type OutputOf, shortHash } from '@daybook/kernel';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { Commands } from '../../core/commands';
import { download } from '../../core/download';
import { Links } from '../../core/links';
import { kept } from '../../core/preferences';
import { asProblem, type Problem } from '../../core/problem';
import { Values } from '../../core/values';
import { CopyButton } from '../../parts/copy-button';
import { Figure } from '../../parts/figure';
import { Icon } from '../../parts/icon';

type Line = OutputOf<typeof explainFigure>['items'][number];

/** What is explained, as the report's address names it. */
export interface Explained {
  readonly companyId: string;
  readonly account: string;
  readonly column: 'opening' | 'debit' | 'credit' | 'closing';
  readonly from: string;
  readonly to: string;
}
/** `entryId.line` of the line whose thread is shown. */
const keyOf = (line: Line): string => `${line.entryId}.${line.line}`;
const widthBounds = { least: 360, most: 720, start: 448, step: 24 } as const;

/**
 * One thread from a figure to its source: Figure, Lines, Entry, Event, Person, Source, Seal. The lines close with their
 * sum under a double rule; choosing another line changes the steps below, and is in the address.
 */
@Component({
  selector: 'db-explain-drawer',
  imports: [CopyButton, Figure, Icon, RouterLink],
  templateUrl: './explain-drawer.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ExplainDrawer {
  private readonly api = inject(Api);
  private readonly links = inject(Links);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  protected readonly values = inject(Values);
  readonly explained = input.required<Explained>();
  /** `entryId.line`; null shows the first line. */
  readonly picked = input<string | null>(null);
  readonly pick = output<string>();
  readonly closed = output();

  /** Narrow: a bar at the bottom that opens to a sheet. */
  protected readonly up = signal(false);
  protected readonly width = kept<number>('drawer-width', widthBounds.start, (v): v is number => typeof v === 'number');
  protected readonly bounds = widthBounds;
  protected readonly more = linkedSignal<Explained, readonly Line[]>({ source: this.explained, computation: () => [] });
  protected readonly nextPage = linkedSignal<Explained, string | null | undefined>({
    source: this.explained,
    computation: () => undefined,
  });
  protected readonly pageProblem = signal<Problem | null>(null);

  protected readonly figure = asked(this.explained, (input, signal) => this.api.ask(explainFigure, input, { signal }));
  protected readonly lines = computed<readonly Line[]>(() => [...(this.figure.value()?.items ?? []), ...this.more()]);
  protected readonly next = computed(() => {
    const paged = this.nextPage();
    return paged === undefined ? (this.figure.value()?.next ?? null) : paged;
  });
  protected readonly current = computed(
    () => this.lines().find((line) => keyOf(line) === this.picked()) ?? this.lines()[0] ?? null,
  );
  private readonly step = computed(() => {
    const line = this.current();
    return line === null ? null : { companyId: this.explained().companyId, entryId: line.entryId, line: line.line };
  });
  protected readonly entry = asked(
    () => this.step(),
    ({ companyId, entryId }, signal) => this.api.ask(readEntry, { companyId, entryId }, { signal }),
  );
  protected readonly thread = asked(
    () => this.step(),
    (input, signal) => this.api.ask(explainEntry, input, { signal }),
  );
  /** What made the entry count: a staged event has no place in the trail, the one that applied it has. */
  protected readonly event = computed(() => {
    const events = this.thread.value()?.events ?? [];
    return events.find((event) => event.trail !== null) ?? events[0] ?? null;
  });
  protected readonly later = computed(() => {
    const events = this.thread.value()?.events ?? [];
    const made = this.event();
    return made === null ? [] : events.slice(events.indexOf(made) + 1);
  });
  protected readonly columnWord = computed(() => this.explained().column);
  protected readonly range = computed(() => {
    const { from, to } = this.explained();
    return `${formatDate(from)} – ${formatDate(to)}`;
  });

  constructor() {
    inject(Commands).use(
      { name: 'Download the evidence', where: 'Drawer', icon: 'download', key: 'Ctrl+E', run: () => this.evidence() },
      { name: 'Widen the drawer', where: 'Drawer', key: 'Alt+Shift+Left', quiet: true, run: () => this.widen(1) },
      { name: 'Narrow the drawer', where: 'Drawer', key: 'Alt+Shift+Right', quiet: true, run: () => this.widen(-1) },
    );
    // The grid of the frame takes the drawer's width from a token; a style attribute would break the content policy.
    effect(() => document.documentElement.style.setProperty('--drawer', `${this.width()}px`));
  }

  protected readonly keyOf = keyOf;
  protected readonly shortHash = shortHash;
  protected readonly initials = initials;
  protected readonly shortDate = (date: string): string => formatDate(date).slice(0, -5);
  protected entryLink(entryId: string): string {
    return this.links.company(`entries/${entryId}`, this.explained().companyId);
  }
  protected importLink(importId: string): string {
    return `/imports/${importId}`;
  }

  protected widen(steps: number): void {
    const wanted = this.width() + steps * widthBounds.step;
    this.width.set(Math.min(widthBounds.most, Math.max(widthBounds.least, wanted)));
  }
  protected onGrip(event: KeyboardEvent): void {
    const steps = { ArrowLeft: 1, ArrowRight: -1 }[event.key];
    if (steps === undefined) return;
    event.preventDefault();
    this.widen(steps);
  }
  protected drag(event: PointerEvent): void {
    const grip = event.target as HTMLElement;
    grip.setPointerCapture(event.pointerId);
    const onMove = (move: PointerEvent): void =>
      this.width.set(Math.min(widthBounds.most, Math.max(widthBounds.least, Math.round(innerWidth - move.clientX))));
    grip.addEventListener('pointermove', onMove);
    grip.addEventListener('pointerup', () => grip.removeEventListener('pointermove', onMove), { once: true });
  }
  /** Down and Up through the lines; Enter opens the entry. */
  protected onLinesKey(event: KeyboardEvent): void {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const current = this.current();
    if (move === undefined || current === null || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    const to = this.lines()[this.lines().indexOf(current) + move];
    if (to === undefined) return;
    this.pick.emit(keyOf(to));
    const rows = this.host.nativeElement.querySelectorAll<HTMLElement>('[data-line]');
    rows[this.lines().indexOf(to)]?.focus();
  }
  protected async showMore(): Promise<void> {
    const cursor = this.next();
    if (cursor === null) return;
    this.pageProblem.set(null);
    const asking = this.explained();
    await this.api.ask(explainFigure, { ...asking, cursor }).then(
      (page) => {
        if (asking !== this.explained()) return;
        this.more.update((lines) => [...lines, ...page.items]);
        this.nextPage.set(page.next);
      },
      (error: unknown) => this.pageProblem.set(asProblem(error)),
    );
  }
  protected recordedAt(trail: string | null, position: string): string {
    return this.values.knownAt(trail ?? `position:${position}`);
  }
  /** What an outsider needs to follow the figure: the answers of each step, with their stamps, in one JSON document. */
  protected evidence(): void {
    const figure = this.figure.value();
    if (figure === undefined) return;
    const document = { asked: this.explained(), figure, entry: this.entry.value(), explanation: this.thread.value() };
    download(`evidence-${figure.account}-${figure.column}.json`, 'application/json', JSON.stringify(document, null, 2));
  }
}
