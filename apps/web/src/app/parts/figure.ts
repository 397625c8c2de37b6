import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { decimals, figureParts, minorUnits } from '@daybook/kernel';
import { Companies } from '../core/companies';
import { Preferences } from '../core/preferences';

/**
 * A figure: `<data db-figure [value]="row.amount">`. Decimals step back, zero is a dash where the place says so, and
 * screen readers get it whole. Copying gives the plain value.
 */
@Component({
  selector: 'data[db-figure]',
  template: `@if (dash()) {
      –<span class="pad" aria-hidden="true">{{ fraction() }}</span>
    } @else {
      {{ parts().sign }}{{ parts().whole }}<span class="dec">{{ parts().fraction }}</span
      >{{ parts().close }}
    }`,
  host: { class: 'fig', '[class.zero]': 'dash()', '[attr.value]': 'value()' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Figure {
  private readonly preferences = inject(Preferences);
  private readonly companies = inject(Companies);
  readonly value = input.required<string>();
  readonly currency = input<string | null>(null);
  /** Reports write zero as a dash under the units digit, forms as 0,00. */
  readonly zero = input<'dash' | 'plain'>('plain');
  readonly plus = input(false);
  private readonly places = computed(() => minorUnits(this.currency() ?? this.companies.currency()));
  protected readonly dash = computed(() => this.zero() === 'dash' && decimals.isZero(this.value()));
  protected readonly parts = computed(() =>
    figureParts(this.value(), this.preferences.numberForm(), {
      places: this.places(),
      negative: this.preferences.negative(),
      plus: this.plus(),
    }),
  );
  protected readonly fraction = computed(() => this.parts().fraction);
}
