import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { type ColumnDeclaration, initials } from '@daybook/kernel';
import { Companies } from '../core/companies';
import { People } from '../core/people';
import { Records } from '../core/records';
import { Roles } from '../core/roles';
import { listed, Values, words } from '../core/values';
import { Figure } from './figure';
import { Icon } from './icon';

/** One value, written by its format: in lists, records and drawers alike. */
@Component({
  selector: 'db-cell',
  imports: [Figure, Icon, RouterLink],
  templateUrl: './cell.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Cell {
  private readonly values = inject(Values);
  private readonly people = inject(People);
  private readonly companies = inject(Companies);
  private readonly roles = inject(Roles);
  private readonly records = inject(Records);
  readonly column = input.required<ColumnDeclaration>();
  readonly row = input.required<Readonly<Record<string, unknown>>>();
  readonly name = input.required<string>();
  /** In a record a person is named in full, in a list by initials. */
  readonly full = input(false);
  /** Within a link or a button a record is named without another link. */
  readonly linked = input(true);

  protected readonly value = computed(() => listed(this.row()[this.name()], this.column().each));
  /** No company is a value too: the whole tenant. */
  protected readonly missing = computed(
    () => [null, undefined, ''].includes(this.value() as null) && this.column().as !== 'company',
  );
  protected readonly raw = computed(() => String(this.value()));
  protected readonly text = computed(() => {
    const { as } = this.column();
    if (as === 'company') return this.companies.name(this.value() as string | null);
    return as === 'role' ? this.roles.name(this.raw()) : this.values.text(this.value(), as);
  });
  protected readonly currency = computed(() => {
    const currency = this.row()['currency'];
    return typeof currency === 'string' ? currency : null;
  });
  protected readonly second = computed(() => {
    const sibling = this.column().name;
    return sibling === undefined ? '' : String(this.row()[sibling] ?? '');
  });
  protected readonly kind = computed(() => {
    const { as } = this.column();
    if (as === 'money' || as === 'amount') return 'money';
    if (as === 'position' || as === 'hash' || as === 'id') return 'mono';
    if (as === 'company') return this.record().link === null ? 'text' : 'record';
    return as === 'status' || as === 'person' || as === 'account' || as === 'record' ? as : 'text';
  });
  /** null for the quiet, normal word. */
  protected readonly status = computed(() => {
    const said = this.column().words?.[this.raw()];
    return said && !said.quiet
      ? { label: said.label ?? words(this.raw()), tone: said.tone ?? 'plain', icon: said.icon }
      : null;
  });
  protected readonly person = computed(() => {
    const name = this.people.name(this.raw());
    return { name, face: initials(name) };
  });
  protected readonly record = computed(() => {
    const { as, to = '' } = this.column();
    if (as === 'company') return { name: this.text(), link: this.companies.link(this.value() as string | null) };
    return { name: this.second() || this.records.name(to, this.raw()), link: this.records.link(to, this.raw()) };
  });
  /** The normal word; a yes or no that is normal needs none. */
  protected readonly quiet = computed(() =>
    typeof this.value() === 'boolean' ? '' : (this.column().words?.[this.raw()]?.label ?? words(this.raw())),
  );
}
