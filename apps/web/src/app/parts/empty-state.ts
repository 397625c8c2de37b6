import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { Icon } from './icon';

/** What would be here and the first step, in the place of what is not there; the step itself is projected. */
@Component({
  selector: 'db-empty-state',
  imports: [Icon],
  template: `<div class="empty">
    <svg class="big" [icon]="icon()"></svg>
    <h2>{{ title() }}</h2>
    <p>{{ text() }}</p>
    <div class="row"><ng-content /></div>
  </div>`,
  host: { class: 'state-fill' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class EmptyState {
  readonly icon = input.required<string>();
  readonly title = input.required<string>();
  readonly text = input.required<string>();
}
