import { ChangeDetectionStrategy, Component, inject, input, output, signal } from '@angular/core';
import { formatDuration, type OutputOf } from '@daybook/kernel';
import { type listProjections, retryProjection } from '@daybook/server/platform/platform.operations';
import { Api } from '../../core/api';
import { asProblem } from '../../core/problem';
import { Rights } from '../../core/rights';
import { Toasts } from '../../core/toasts';
import { Values } from '../../core/values';
import { CopyButton } from '../../parts/copy-button';
import { Icon } from '../../parts/icon';

type Projection = OutputOf<typeof listProjections>['items'][number];
const states: Readonly<Record<Projection['state'], { word: string; icon: string; look: string }>> = {
  live: { word: 'Live', icon: 'check', look: 'plain good-text' },
  building: { word: 'Rebuilding', icon: 'refresh-cw', look: '' },
  differs: { word: 'Differs', icon: 'triangle-alert', look: 'warn' },
  retired: { word: 'Retired', icon: 'archive', look: '' },
};

const kinds: Readonly<Record<Projection['kind'], string>> = { 'read-model': 'Read model', process: 'Process' };

/** The read models and processes; one that is rebuilt or parked unfolds in place. */
@Component({
  selector: 'db-projections',
  imports: [CopyButton, Icon],
  templateUrl: './projections.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Projections {
  private readonly api = inject(Api);
  private readonly rights = inject(Rights);
  private readonly toasts = inject(Toasts);
  protected readonly values = inject(Values);
  readonly rows = input.required<readonly Projection[]>();
  readonly changed = output();
  protected readonly kinds = kinds;
  protected readonly busy = signal<string | null>(null);
  protected readonly failed = signal<{ name: string; words: string } | null>(null);
  protected readonly mayRetry = this.rights.may(retryProjection);

  protected state(row: Projection) {
    return row.parked === null ? states[row.state] : { word: 'Parked', icon: 'circle-pause', look: 'warn' };
  }
  /** Whole percents of a rebuild; positions are opaque, their share is what a bar can show. */
  protected share(row: Projection): number {
    const done = BigInt(row.rebuild?.done ?? 0);
    const total = BigInt(row.rebuild?.total ?? 0);
    return total === 0n ? 0 : Number((done * 100n) / total);
  }
  protected lag(row: Projection): string {
    return row.behind.events === '0' ? '' : formatDuration(row.behind.seconds * 1000);
  }
  protected async retry(row: Projection): Promise<void> {
    this.busy.set(row.name);
    this.failed.set(null);
    try {
      await this.api.execute(retryProjection, { name: row.name });
      this.toasts.show(`${row.name} goes on`);
      this.changed.emit();
    } catch (error) {
      const problem = asProblem(error);
      this.failed.set({ name: row.name, words: `${problem.detail} ${problem.code}` });
    } finally {
      this.busy.set(null);
    }
  }
  protected forSupport(row: Projection): string {
    return JSON.stringify(row, null, 2);
  }
}
