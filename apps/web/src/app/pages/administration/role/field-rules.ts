import { ChangeDetectionStrategy, Component, input, model } from '@angular/core';
import type { RoleField } from '@daybook/identity';

const words = [
  { rule: '', label: 'Shown' },
  { rule: 'mask', label: 'Masked' },
  { rule: 'hide', label: 'Hidden' },
] as const;

/** Fields that the role shows in part or not at all, wherever they appear: pages, exports, search, events. */
@Component({
  selector: 'db-field-rules',
  template: `<table class="table tight field-rules">
    <caption class="sr">
      Fields
    </caption>
    <thead>
      <tr>
        <th scope="col">Field</th>
        <th scope="col">For this role</th>
      </tr>
    </thead>
    <tbody>
      @for (one of fields(); track one.field; let index = $index) {
        <tr>
          <th scope="row">
            {{ one.title }} <span class="mono quiet wide">{{ one.field }}</span>
          </th>
          <td>
            @if (readOnly()) {
              {{ labelOf(one.field) }}
            } @else {
              <span class="seg" role="radiogroup" [attr.aria-label]="one.title">
                @for (word of words; track word.rule) {
                  <label
                    ><input
                      type="radio"
                      [name]="'field-' + index"
                      [checked]="ruleOf(one.field) === word.rule"
                      (change)="set(one.field, word.rule)"
                    /><span>{{ word.label }}</span></label
                  >
                }
              </span>
            }
          </td>
        </tr>
      }
    </tbody>
  </table>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class FieldRules {
  readonly fields = input.required<readonly { field: string; title: string }[]>();
  readonly readOnly = input(false);
  readonly rules = model.required<readonly RoleField[]>();
  protected readonly words = words;

  protected ruleOf(field: string): RoleField['rule'] | '' {
    return this.rules().find((one) => one.field === field)?.rule ?? '';
  }
  protected labelOf(field: string): string {
    return words.find(({ rule }) => rule === this.ruleOf(field))?.label ?? '';
  }
  protected set(field: string, rule: RoleField['rule'] | ''): void {
    const others = this.rules().filter((one) => one.field !== field);
    this.rules.set(rule === '' ? others : [...others, { field, rule }]);
  }
}
