import { ChangeDetectionStrategy, Component, computed, DestroyRef, inject, input, output, signal } from '@angular/core';

/** Rows that breathe in the final layout; from 2 s on in words, from 10 s on with a way out. Shown after 300 ms only. */
@Component({
  selector: 'db-skeleton',
  template: `<div class="sk-table" aria-hidden="true">
      @for (row of places(); track row) {
        <div>
          <span class="sk w-120"></span><span class="sk w-90"></span><span class="sk grow"></span
          ><span class="sk w-90"></span>
        </div>
      }
    </div>
    <p class="sk-words" role="status">
      @if (waited() >= 2) {
        Still building
      }
      @if (waited() >= 10) {
        <button class="btn btn-line btn-small" type="button" (click)="cancelled.emit()">Cancel</button>
      }
    </p>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Skeleton {
  readonly rows = input(12);
  readonly cancelled = output();
  protected readonly places = computed(() => Array.from({ length: this.rows() }, (_, index) => index));
  protected readonly waited = signal(0);
  constructor() {
    const timer = setInterval(() => this.waited.update((seconds) => seconds + 1), 1000);
    inject(DestroyRef).onDestroy(() => clearInterval(timer));
  }
}
