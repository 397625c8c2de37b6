import { afterNextRender, ChangeDetectionStrategy, Component, ElementRef, inject, Injector } from '@angular/core';
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
  private readonly injector = inject(Injector);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
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
  /** The focus goes to the next one, or back to the page with the last. */
  protected close(one: ListExport): void {
    this.exports.close(one);
    afterNextRender(
      () => (this.host.querySelector('button') ?? document.getElementById('main'))?.focus({ preventScroll: true }),
      { injector: this.injector },
    );
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
