import { ChangeDetectionStrategy, Component, computed, effect, inject } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';
import type { ActionDeclaration, ColumnDeclaration, QueryOperation, ViewDeclaration } from '@daybook/kernel';
import { map } from 'rxjs';
import { Api } from '../../core/api';
import { AsOf } from '../../core/as-of';
import { asked } from '../../core/asked';
import { Commands } from '../../core/commands';
import { CustomFields, withCustom } from '../../core/custom-fields';
import { fill, Links } from '../../core/links';
import { Live } from '../../core/live';
import { PageTitle } from '../../core/page-title';
import { missing, ProblemError } from '../../core/problem';
import { Rights } from '../../core/rights';
import { Trip } from '../../core/trip';
import { Cell } from '../../parts/cell';
import { Icon } from '../../parts/icon';
import { Pop } from '../../parts/pop';
import { ProblemState } from '../../parts/problem-state';
import { Skeleton } from '../../parts/skeleton';
import { RecordTogether } from '../../collaboration/record-together';
import { Actions } from '../form/actions';
import { labelOf, type Row } from '../list/list-state';
import { RecordHistory } from '../timeline/record-history';
import { lineageOf } from './lineage';
import { RecordSections } from './record-sections';

/** The record archetype: fields, sections, lineage and history of one row, from its view's declaration. */
@Component({
  selector: 'db-record-page',
  imports: [RouterLink, Cell, Icon, Pop, ProblemState, RecordTogether, RecordHistory, RecordSections, Skeleton],
  templateUrl: './record-page.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RecordPage {
  private readonly route = inject(ActivatedRoute);
  private readonly router = inject(Router);
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly trip = inject(Trip);
  private readonly actions = inject(Actions);
  private readonly rights = inject(Rights);
  protected readonly links = inject(Links);

  private readonly declared = toSignal(this.route.data.pipe(map((data) => data['view'] as ViewDeclaration)), {
    requireSync: true,
  });
  private readonly customFields = inject(CustomFields);
  protected readonly view = computed(() => this.customFields.in(this.declared()));
  private readonly id = toSignal(this.route.paramMap.pipe(map((params) => params.get('id') ?? '')), {
    requireSync: true,
  });
  private readonly path = toSignal(this.route.params.pipe(map((params) => params as Record<string, string>)), {
    requireSync: true,
  });
  protected readonly record = computed(() => {
    const { record } = this.view();
    if (record === null) throw new Error(`The view ${this.view().path} declares no record.`);
    return record;
  });
  protected readonly allowed = computed(() => this.rights.may(this.record().query));
  protected readonly read = asked(
    () => {
      const { query, id } = this.record();
      if (!this.allowed()) return null;
      const company = 'companyId' in query.input.shape ? { companyId: this.path()['companyId'] } : {};
      const which = id in query.input.shape ? { [id]: this.id() } : 'limit' in query.input.shape ? { limit: 200 } : {};
      return { query: query.name, id: this.id(), input: { ...company, ...which }, known: this.asOf.known() };
    },
    async ({ id, input, known }, signal) => {
      const answer = (await this.api.ask(this.record().query as QueryOperation, input, { signal, known })) as Row;
      if (this.record().id in this.record().query.input.shape) return answer;
      // The list is whole: the record is one of its rows.
      const row = (answer['items'] as readonly Row[]).find((one) => String(one[this.view().id]) === id);
      if (row === undefined) throw new ProblemError(missing(this.view().one));
      return row;
    },
  );
  protected readonly row = computed(() => {
    const row = this.read.value() ?? null;
    return this.read.problem() === null && row !== null ? withCustom(row) : null;
  });
  protected readonly title = computed(() => {
    const row = this.row();
    return row === null ? '' : String(row[this.record().title] ?? this.record().untitled ?? '');
  });
  protected readonly sub = computed(() => String(this.row()?.[this.record().sub ?? ''] ?? ''));
  protected readonly status = computed<ColumnDeclaration | null>(() => this.view().columns['status'] ?? null);
  protected readonly hero = computed(() => {
    const name = this.record().hero;
    const column = name === undefined ? undefined : this.view().columns[name];
    return name === undefined || column === undefined ? null : { name, column, label: labelOf(name, column) };
  });
  protected readonly currency = computed(() => {
    const currency = this.row()?.['currency'];
    return typeof currency === 'string' ? `, ${currency}` : '';
  });
  /** What the record does not say takes no place. */
  protected readonly fields = computed(() =>
    Object.entries(this.record().fields)
      .filter(([name]) => ![null, undefined, ''].includes(this.row()?.[name] as null))
      .map(([name, column]) => ({ name, column, label: labelOf(name, column) })),
  );
  protected readonly lineage = computed(() =>
    this.record().lineage === undefined || this.row() === null ? [] : lineageOf(this.row() as Row, this.title()),
  );
  protected readonly deeds = computed(() =>
    this.row() === null ? [] : this.actions.possible(this.view().actions.row, this.row() as Row),
  );
  /** At most three are visible, the green one last; the others are behind `…`. */
  protected readonly open = computed(() => {
    const deeds = this.deeds();
    const first = deeds.length > 3 ? deeds.slice(0, 2) : deeds;
    return [...first].sort((a, b) => Number(a.main ?? false) - Number(b.main ?? false));
  });
  protected readonly more = computed(() => this.deeds().slice(this.deeds().length > 3 ? 2 : 3));
  protected readonly historyId = computed(() => {
    const row = this.row();
    const template = this.record().historyId;
    if (row === null) return null;
    return template === undefined ? String(row[this.view().id]) : fill(template, { ...row, ...this.path() });
  });
  protected readonly companyId = computed(() => this.path()['companyId'] ?? null);
  private readonly address = computed(() =>
    this.links.page({ path: `${this.view().path}/${this.id()}`, scoped: this.path()['companyId'] !== undefined }),
  );
  protected readonly previous = computed(() => this.trip.beside(this.address(), -1));
  protected readonly next = computed(() => this.trip.beside(this.address(), 1));
  protected readonly back = computed(() => {
    const from = this.trip.from();
    const list = this.links.list(this.view());
    return from !== null && from.startsWith(list) ? from : list;
  });

  constructor() {
    const title = inject(PageTitle);
    effect(() => this.title() && title.set(this.title()));
    const live = inject(Live);
    for (const name of new Set(this.view().channels ?? [this.view().path])) {
      live.on(name, (hint) => {
        if (hint === null || hint.ids.length === 0 || hint.ids.length >= 20 || hint.ids.includes(this.id()))
          this.read.reload();
      });
    }
    const where = 'Record';
    const quiet = true;
    inject(Commands).use(
      { name: 'Next of the list', where, key: 'J', quiet, when: () => this.next() !== null, run: () => this.go(this.next()) },
      { name: 'Previous of the list', where, key: 'K', quiet, when: () => this.previous() !== null, run: () => this.go(this.previous()) },
      { name: 'Back to the list', where, key: 'Escape', quiet, run: () => this.go(this.back()) },
    ); // prettier-ignore
    const commands = inject(Commands);
    effect((onCleanup) => {
      const deeds = this.deeds().map((action) => ({
        name: `${action.label}…`,
        where,
        ...(action.key === undefined ? {} : { key: action.key }),
        ...(action.icon === undefined ? {} : { icon: action.icon }),
        run: () => void this.perform(action),
      }));
      onCleanup(commands.add(...deeds));
    });
  }
  protected go(link: string | null): void {
    if (link !== null) void this.router.navigateByUrl(link);
  }
  protected linkTo(id: string): string {
    return this.links.page({ path: `${this.view().path}/${id}`, scoped: this.path()['companyId'] !== undefined });
  }
  protected async perform(action: ActionDeclaration): Promise<void> {
    const row = this.row();
    if (row !== null && (await this.actions.perform(this.view(), action, [row]))) this.read.reload();
  }
}
