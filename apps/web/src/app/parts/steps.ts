import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import type { Problem } from '../core/problem';
import { Icon } from './icon';

/** The steps of a wizard, and below them why the last one failed. */
@Component({
  selector: 'db-steps',
  imports: [Icon],
  template: `<ol class="steps" aria-label="Steps" tabindex="0">
      @for (name of steps(); track name; let index = $index) {
        <li
          [class.done]="index < now()"
          [class.now]="index === now()"
          [attr.aria-current]="index === now() ? 'step' : null"
        >
          <span class="num">
            @if (index < now()) {
              <svg icon="check" class="i-12"></svg><span class="sr">done</span>
            } @else {
              {{ index + 1 }}
            }</span
          >{{ name }}
        </li>
      }
    </ol>
    @if (problem(); as problem) {
      <div class="notice report-notice" role="alert">
        <svg icon="circle-alert"></svg>
        <div>
          <b>{{ problem.detail }}</b>
          <p class="small mono">{{ problem.code }} {{ problem.traceId }}</p>
        </div>
      </div>
    }`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Steps {
  readonly steps = input.required<readonly string[]>();
  /** The index of the step that one is at. */
  readonly now = input.required<number>();
  readonly problem = input<Problem | null>(null);
}
