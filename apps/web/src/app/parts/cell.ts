import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { type ColumnDeclaration, initials } from '@daybook/kernel';
import { People } from '../core/people';
import { Values, words } from '../core/values';
import { Figure } from './figure';
import { Icon } from './icon';

/** One value, written by its format: in lists, records and drawers alike. */
@Component({
  selector: 'db-cell',
  imports: [Figure, Icon],
  templateUrl: './cell.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Cell {
  private readonly values = inject(Values);
  private readonly people = inject(People);
  readonly column = input.required<ColumnDeclaration>();
  readonly row = input.required<Readonly<Record<string, unknown>>>();
  readonly name = input.required<string>();
  /** In a record a person is named in full, in a list by initials. */
  readonly full = input(false);

  protected readonly value = computed(() => this.row()[this.name()]);
  protected readonly missing = computed(() => [null, undefined, ''].includes(this.value() as null));
  protected readonly raw = computed(() => String(this.value()));
  protected readonly text = computed(() => this.values.text(this.value(), this.column().as));
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
    return as === 'status' || as === 'person' || as === 'account' ? as : 'text';
  });
  /** null for the quiet, normal word. */
  protected readonly status = computed(() => {
    const said = this.column().words?.[this.raw()];
    return said ? { label: said.label ?? words(this.raw()), tone: said.tone ?? 'plain', icon: said.icon } : null;
  });
  protected readonly person = computed(() => {
    const name = this.people.name(this.raw());
    return { name, face: initials(name) };
  });
  protected readonly words = words;
}
