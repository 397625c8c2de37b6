import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { Exports, type ListExport } from '../core/exports';
import { Values } from '../core/values';
import { Icon } from '../parts/icon';

/** Exports of this person: how far they are, and what came of them, until they are closed. */
@Component({
  selector: 'db-export-tray',
  imports: [Icon],
  templateUrl: './export-tray.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ExportTray {
  private readonly values = inject(Values);
  protected readonly exports = inject(Exports);
  /** Icons that other parts name too. */
  protected readonly signs: Readonly<Record<ListExport['state'], string>> = {
    waiting: 'clock',
    running: 'download',
    done: 'check',
    cancelled: 'ban',
    failed: 'circle-alert',
  };

  protected active({ state }: ListExport): boolean {
    return state === 'waiting' || state === 'running';
  }
  /** The focus goes to another one, or back to the page with the last. */
  protected close(one: ListExport, event: Event): void {
    const row = (event.currentTarget as HTMLElement).closest('.tray-row');
    const other = row?.nextElementSibling ?? row?.previousElementSibling;
    const next = other?.querySelector<HTMLElement>('button:last-of-type') ?? document.getElementById('main');
    next?.focus({ preventScroll: true });
    this.exports.close(one);
  }
  protected said({ state, rows, problem }: ListExport): string {
    const count = `${this.values.count(rows)} ${rows === 1 ? 'row' : 'rows'}`;
    switch (state) {
      case 'waiting':
        return 'waits for its turn';
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
