import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  linkedSignal,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';
import {
  type ActionDeclaration,
  type CommandOperation,
  type CsvFormName,
  type RecordCommand,
  refOf,
  type SavedView,
  screenOpening,
  type ViewDeclaration,
} from '@daybook/kernel';
import type { ExportFormat } from '@daybook/server/export/export.operations';
import { map } from 'rxjs';
import { AsOf } from '../../core/as-of';
import { Announcer } from '../../core/announcer';
import { Companies } from '../../core/companies';
import { withTags } from '../../collaboration/tag-filter';
import { CustomFields, isCustomName, withCustom } from '../../core/custom-fields';
import { download } from '../../core/download';
import { Exports } from '../../core/exports';
import { fill, Links } from '../../core/links';
import { Layout } from '../../core/layout';
import { PageTitle } from '../../core/page-title';
import { kept, Preferences } from '../../core/preferences';
import { Rights } from '../../core/rights';
import { Session } from '../../core/session';
import { Trip } from '../../core/trip';
import { Values } from '../../core/values';
import { Icon } from '../../parts/icon';
import { Cell } from '../../parts/cell';
import { ExportMenu } from '../../parts/export-menu';
import { Pop } from '../../parts/pop';
import { ProblemState } from '../../parts/problem-state';
import { Skeleton } from '../../parts/skeleton';
import { isScoped, pages } from '../../views';
import { RecordDiscussion } from '../../collaboration/record-discussion';
import { Actions, isForMany } from '../form/actions';
import { ListBulk } from './list-bulk';
import { ListFilters } from './list-filters';
import { listKeys } from './list-keys';
import { ListPeek } from './list-peek';
import { listRead } from './list-read';
import { filterFields, filtersIn, labelOf, listCsv, type Query, type Row, shownColumns, viewOf } from './list-state';
import { ListTable } from './list-table';

/** The list archetype: everything a declared view gets without writing Angular. */
@Component({
  selector: 'db-list-page',
  imports: [
    RouterLink,
    Cell,
    ExportMenu,
    Icon,
    ListBulk,
    ListFilters,
    ListPeek,
    ListTable,
    Pop,
    ProblemState,
    RecordDiscussion,
    Skeleton,
  ],
  templateUrl: './list-page.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ListPage {
  private readonly route = inject(ActivatedRoute);
  private readonly router = inject(Router);
  private readonly asOf = inject(AsOf);
  private readonly exports = inject(Exports);
  private readonly announcer = inject(Announcer);
  private readonly title = inject(PageTitle);
  private readonly actions = inject(Actions);
  private readonly trip = inject(Trip);
  private readonly values = inject(Values);
  private readonly rights = inject(Rights);
  private readonly session = inject(Session);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  protected readonly links = inject(Links);
  protected readonly companies = inject(Companies);
  protected readonly preferences = inject(Preferences);
  readonly layout = inject(Layout);
  readonly table = viewChild(ListTable);
  readonly filters = viewChild(ListFilters);

  private readonly declared = toSignal(this.route.data.pipe(map((data) => data['view'] as ViewDeclaration)), {
    requireSync: true,
  });
  private readonly customFields = inject(CustomFields);
  readonly view = computed(() => withTags(this.customFields.in(this.declared()), this.rights));
  readonly query = toSignal(
    this.route.queryParamMap.pipe(
      map((params) => Object.fromEntries(params.keys.map((key) => [key, params.get(key) ?? ''])) as Query),
    ),
    { requireSync: true },
  );
  private readonly path = toSignal(this.route.params.pipe(map((params) => params as Query)), { requireSync: true });
  readonly read = listRead(this.view, this.query, this.path, signal(50));

  readonly here = signal(0);
  readonly selected = signal<ReadonlySet<string>>(new Set());
  /** All that match, not only the selected rows of this page; until another row is selected or not. */
  protected readonly everything = linkedSignal({ source: this.selected, computation: () => false });
  protected readonly past = this.asOf.past;
  protected readonly columns = computed(() => shownColumns(this.view(), this.query()));
  protected readonly allColumns = computed(() =>
    Object.entries(this.view().columns).map(([name, column]) => ({
      name,
      column,
      label: labelOf(name, column),
      on: this.columns().some(([shown]) => shown === name),
    })),
  );
  protected readonly summary = computed(() =>
    Object.entries(this.view().summary ?? {}).map(([name, column]) => ({ name, column, label: labelOf(name, column) })),
  );
  protected readonly heading = computed(() =>
    this.view().title.includes('{') ? fill(this.view().title, this.read.value() ?? {}).trim() : this.view().title,
  );
  /** The record that this list is the page of: the account of a ledger. */
  protected readonly record = computed(() => {
    const screen = screenOpening(this.view().path);
    const companyId = this.path()['companyId'] ?? null;
    return screen === undefined ? null : { ...refOf(screen.record, this.path()), companyId };
  });
  protected readonly about = computed(() => {
    const type = screenOpening(this.view().path)?.record.name ?? '';
    const row = withCustom((this.read.value()?.[this.view().about ?? ''] ?? {}) as Row);
    const names = Object.keys(row).filter((name) => (row[name] ?? null) !== null);
    const fields = names.map((name) => ({
      name,
      column: isCustomName(name) ? this.customFields.column(type, name) : null,
    }));
    return {
      row,
      fields: fields.flatMap(({ name, column }) => (column ? [{ name, column, label: labelOf(name, column) }] : [])),
    };
  });
  /** Rows of one company, or of the whole tenant. */
  protected readonly scoped = computed(() => isScoped(this.view()));
  protected readonly parent = computed(() => {
    const at = this.view().path.indexOf('/');
    const path = this.view().path.slice(0, Math.max(0, at));
    const above = pages.find((page) => page.path === path);
    return above === undefined ? null : { title: above.title, link: this.links.page(above) };
  });
  protected readonly beside = computed(() =>
    (this.view().beside ?? [])
      .filter(({ needs }) => this.rights.may(needs))
      .map((one) => ({ ...one, link: this.links.page({ path: one.path, scoped: this.scoped() }) })),
  );
  protected readonly tenant = computed(() => this.session.current()?.tenant.name ?? '');
  protected readonly searchable = computed(() => 'text' in this.view().list.input.shape);
  protected readonly selectable = computed(
    () => !this.past() && this.view().actions.bulk.some((action) => this.rights.may(action.operation)),
  );
  protected readonly narrowed = computed(() => Object.keys(filtersIn(this.view(), this.query())).length > 0);
  protected readonly ownViews = kept<Record<string, readonly SavedView[]>>(
    'views',
    {},
    (value): value is Record<string, readonly SavedView[]> => typeof value === 'object' && value !== null,
  );
  protected readonly saved = computed(() => [
    { name: 'All', where: {} } as SavedView,
    ...this.view().views,
    ...(this.ownViews()[this.view().path] ?? []),
  ]);
  protected readonly inView = computed(() =>
    viewOf(this.view(), this.ownViews()[this.view().path] ?? [], this.query()),
  );
  protected readonly createLink = computed(() => {
    const create = this.view().actions.create;
    if (this.past() || create === undefined) return null;
    if (!this.rights.may(create.action ? create.action.operation : create.needs)) return null;
    return create.action ? '' : this.links.page({ path: create.path, scoped: this.scoped() });
  });
  /** For rows of a file: the command that makes records, else the one that changes them. */
  protected readonly importLink = computed(() => {
    const { create, row } = this.view().actions;
    const found = [...(create?.action ? [create.action] : []), ...row].find(
      ({ operation }) => isForMany(operation) && makesOrChanges(operation),
    );
    if (this.past() || !found || !this.rights.may(found.operation) || !this.session.may('files.file.upload'))
      return null;
    // Of a company that is not known yet.
    if (this.scoped() && this.companies.current() === null) return null;
    return { path: this.links.page({ path: 'import', scoped: this.scoped() }), operation: found.operation.name };
  });
  protected readonly importFrom = computed(() => ({
    operation: this.importLink()?.operation,
    list: this.links.page({ path: this.view().path, scoped: this.scoped() }),
    title: this.view().title,
  }));
  protected readonly peeked = computed(
    () => this.read.rows().find((row) => String(row[this.view().id]) === this.query()['peek']) ?? null,
  );
  private readonly trail = signal<readonly string[]>([]);
  protected readonly range = computed(() => {
    const count = this.read.rows().length;
    const first = this.trail().length * 50 + 1;
    const known = !this.query()['cursor'] || this.trail().length > 0;
    return known
      ? `Rows ${this.values.count(Math.min(first, first + count - 1))} – ${this.values.count(first + count - 1)}`
      : `${count} rows`;
  });
  protected readonly total = signal('');
  protected readonly emptySelection: ReadonlySet<string> = new Set();

  constructor() {
    listKeys(this);
    effect(() => this.heading() && this.title.set(this.heading()));
    effect(() => {
      this.read.rows();
      untracked(() => this.here.update((at) => Math.max(0, Math.min(at, this.read.rows().length - 1))));
    });
    // Rows that are not on the new page are deselected.
    effect(() => {
      JSON.stringify([filtersIn(this.view(), this.query()), this.query()['cursor']]);
      this.selected.set(new Set());
      this.total.set('');
    });
    effect(() => {
      if (this.narrowed() && !this.read.pending() && this.read.value())
        this.announcer.say(`${this.read.rows().length} rows${this.read.value()?.next ? ' and more' : ''}`);
    });
  }

  /** Changes the address; what it shows follows from there. */
  go(fields: Query, replaceUrl = false): void {
    const queryParams = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, value === '' ? null : value]),
    );
    void this.router.navigate([], { relativeTo: this.route, queryParams, queryParamsHandling: 'merge', replaceUrl });
  }
  protected filter(fields: Query): void {
    this.trail.set([]);
    this.go({ ...fields, cursor: '', peek: '' });
  }
  protected where(saved: SavedView): Query {
    return { ...Object.fromEntries(filterFields(this.view()).map((name) => [name, ''])), ...saved.where };
  }
  older(): void {
    const next = this.read.value()?.next;
    if (!next) return;
    this.trail.update((cursors) => [...cursors, this.query()['cursor'] ?? '']);
    this.go({ cursor: next, peek: '' });
  }
  newerPage(): void {
    const back = this.trail().at(-1) ?? '';
    if (!this.query()['cursor']) return this.read.newer() > 0 ? this.read.pull() : undefined;
    this.trail.update((cursors) => cursors.slice(0, -1));
    this.go({ cursor: this.read.value()?.previous ?? back, peek: '' });
  }
  /** A custom field is sorted by upwards, downwards, and not. */
  protected turn(by: string): void {
    this.trail.set([]);
    const sorted = this.query()['customSort'] ?? '';
    if (by !== '') return this.go({ customSort: sorted === by ? `-${by}` : sorted === `-${by}` ? '' : by, cursor: '' });
    if (sorted !== '') return this.go({ customSort: '', cursor: '' });
    const { order, columns } = this.view();
    if (order === undefined) return;
    const declared =
      Object.values(columns).find((column) => column.sort !== undefined)?.sort === 'desc' ? order.desc : order.asc;
    const now = this.query()['order'] || declared;
    const next = now === order.desc ? order.asc : order.desc;
    this.go({ order: next === declared ? '' : next, cursor: '' });
  }
  protected toggleColumn(name: string): void {
    const names = this.allColumns()
      .filter((column) => (column.name === name ? !column.on : column.on))
      .map((column) => column.name);
    this.go({ columns: names.join(',') }, true);
  }
  protected saveView(name: string): void {
    const { path } = this.view();
    const text = name.trim();
    if (text === '') return;
    this.ownViews.update((all) => ({
      ...all,
      [path]: [
        ...(all[path] ?? []).filter((saved) => saved.name !== text),
        { name: text, where: filtersIn(this.view(), this.query()) },
      ],
    }));
  }
  protected dropView(name: string): void {
    const { path } = this.view();
    this.ownViews.update((all) => ({ ...all, [path]: (all[path] ?? []).filter((saved) => saved.name !== name) }));
  }
  protected isOwn(saved: SavedView): boolean {
    return (this.ownViews()[this.view().path] ?? []).includes(saved);
  }

  open(row: Row | undefined = this.read.rows()[this.here()]): void {
    const link = row === undefined ? null : this.links.row(this.view(), row);
    // A row without a page of its own opens beside the list, where its deeds are.
    if (link === null) return this.peek(true);
    this.remember();
    void this.router.navigateByUrl(link);
  }
  /** Beside the list; again closes it, unless it is to stay. */
  peek(stay = false): void {
    const row = this.read.rows()[this.here()];
    const id = row === undefined ? '' : String(row[this.view().id]);
    this.go({ peek: this.query()['peek'] === id && !stay ? '' : id }, true);
  }
  /** J and K in a record go through the rows it was opened from. */
  protected remember(): void {
    this.trip.set(
      this.read.rows().flatMap((row) => this.links.row(this.view(), row) ?? []),
      this.router.url,
    );
  }
  focusSearch(): void {
    this.host.querySelector<HTMLInputElement>('#list-text')?.focus();
  }
  create(): void {
    const { create } = this.view().actions;
    const link = this.createLink();
    if (link === null || create === undefined) return;
    if (create.action !== undefined) void this.perform(create.action, []);
    else void this.router.navigateByUrl(link);
  }
  rowActions(row: Row | null | undefined = this.read.rows()[this.here()]): readonly ActionDeclaration[] {
    return row === undefined || row === null ? [] : this.actions.possible(this.view().actions.row, row);
  }
  performHere(action: ActionDeclaration): void {
    const row = this.read.rows()[this.here()];
    if (row !== undefined) void this.perform(action, [row]);
  }
  async perform(action: ActionDeclaration, rows: readonly Row[]): Promise<void> {
    const { cursor: _, limit: __, sort: ___, count: ____, sums: _____, ...where } = this.read.input();
    const done = await this.actions.perform(this.view(), action, rows, this.everything() ? where : null);
    if (!done) return;
    this.selected.set(new Set());
    this.read.reload();
  }
  protected selectedRows(): Row[] {
    return this.read.rows().filter((row) => this.selected().has(String(row[this.view().id])));
  }

  protected async count(): Promise<void> {
    this.total.set('Counting');
    const { count, complete } = await this.read.count(100_000, new AbortController().signal);
    this.total.set(`${this.values.count(count)}${complete ? '' : ' and more'} in all`);
  }
  /** The whole list, by the server. */
  async exportAll(format: ExportFormat): Promise<void> {
    const { cursor: _, limit: __, ...input } = this.read.input();
    const columns = this.columns().flatMap(([name, { name: other, each }]) => [
      each === undefined ? name : `${name}.${each}`,
      ...(other === undefined ? [] : [other]),
    ]);
    await this.exports.start({ title: this.heading(), list: this.view().list, input, format, columns });
  }
  /** Selected rows, which are here. */
  exportCsv(form: CsvFormName, rows: readonly Row[]): void {
    const known = this.asOf.known();
    const name = this.heading()
      .toLowerCase()
      .replace(/[^\p{L}\d]+/gu, '-');
    const moment = known === null ? '' : `-known-${known.replace(/[^\w.-]/g, '-')}`;
    download(`${name}${moment}.csv`, 'text/csv', listCsv(this.columns(), rows, form));
  }
}

const makesOrChanges = (operation: CommandOperation): boolean =>
  ['create', 'change'].includes((operation as RecordCommand).of.does);
