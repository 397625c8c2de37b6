import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import type { ActionDeclaration } from '@daybook/kernel';
import { CopyButton } from '../../parts/copy-button';

/** A secret that is shown once: whole, in a field that selects itself, with Copy. Esc does not lose it. */
@Component({
  selector: 'db-secret',
  imports: [CopyButton],
  template: `<div class="secret">
    <h2 class="dialog-title">{{ once().label }}</h2>
    <p class="muted dialog-what">{{ once().hint }}</p>
    @if (waits()) {
      <p class="muted dialog-what"><b>It opens nothing yet.</b> It waits for a second person under Approvals.</p>
    }
    <div class="input">
      <input
        class="mono"
        readonly
        autofocus
        [attr.aria-label]="once().label"
        #field
        [value]="secret()"
        (focus)="field.select()"
      /><db-copy-button [text]="secret()" />
    </div>
    <div class="dialog-foot">
      <button class="btn btn-main" type="button" (click)="kept.emit()">It is kept</button>
    </div>
  </div>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Secret {
  readonly once = input.required<NonNullable<ActionDeclaration['once']>>();
  readonly secret = input.required<string>();
  /** Nothing is opened by it before somebody else has approved it. */
  readonly waits = input(false);
  readonly kept = output();
}
