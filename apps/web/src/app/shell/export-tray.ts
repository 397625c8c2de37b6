import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { Exports, type ListExport } from '../core/exports';
import { Values } from '../core/values';
import { Icon } from '../parts/icon';

/** Exports of this person: how far they are, and what came of them, until they are closed. */
@Component({
  selector: 'db-export-tray',
  imports: [Icon],
  template: `<section class="tray" aria-label="Exports">
    @for (one of exports.current(); track one.key) {
      <div class="tray-row" [class.busy]="one.state === 'running'">
        <svg [icon]="signs[one.state]"></svg>
        <p>
          <b>{{ one.title }}</b> {{ said(one) }}
          @if (one.problem; as problem) {
            <br /><span class="mono">{{ problem.code }}</span>
          }
        </p>
        @if (one.state === 'running') {
          <button class="btn btn-text btn-small" type="button" (click)="exports.cancel(one)">Cancel</button>
        } @else {
          <button
            class="btn btn-icon btn-small"
            type="button"
            [attr.aria-label]="'Close: export of ' + one.title"
            (click)="exports.close(one)"
          >
            <svg icon="x"></svg>
          </button>
        }
      </div>
    }
  </section>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ExportTray {
  private readonly values = inject(Values);
  protected readonly exports = inject(Exports);
  /** Icons that other parts name too. */
  protected readonly signs: Readonly<Record<ListExport['state'], string>> = {
    running: 'download',
    done: 'check',
    cancelled: 'x',
    failed: 'circle-alert',
  };

  protected said({ state, rows, problem }: ListExport): string {
    const count = `${this.values.count(rows)} ${rows === 1 ? 'row' : 'rows'}`;
    switch (state) {
      case 'running':
        return `${count} so far`;
      case 'done':
        return `${count} exported`;
      case 'cancelled':
        return 'not exported: cancelled';
      case 'failed':
        return `not exported. ${problem?.detail ?? ''}`;
    }
  }
}
