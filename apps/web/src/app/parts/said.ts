import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import type { Problem } from '../core/problem';
import { Icon } from './icon';

/** A refusal in a form, announced when it comes: what is so, then code and trace. */
@Component({
  selector: 'db-said',
  imports: [Icon],
  template: `@if (problem(); as failed) {
    <div class="notice bad">
      <svg icon="circle-alert"></svg>
      <p>
        {{ failed.detail }}
        @for (error of failed.errors; track $index) {
          @if (error.message !== failed.detail) {
            <br />{{ error.message }}
          }
        }
        <br /><span class="mono">{{ failed.code }}{{ failed.traceId ? ', trace ' + failed.traceId : '' }}</span>
      </p>
    </div>
  }`,
  host: { role: 'alert' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Said {
  readonly problem = input.required<Problem | null>();
}
