import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import type { OutputOf } from '@daybook/kernel';
import type { listConnections } from '@daybook/server/platform/platform.operations';
import { Layout } from '../../core/layout';
import { Icon } from '../../parts/icon';

type Row = OutputOf<typeof listConnections>['items'][number];
const programs: Readonly<Record<Row['program'], string>> = {
  api: 'API',
  projector: 'Projector',
};
const purposes: Readonly<Record<string, string>> = {
  work: 'Work',
  events: 'Events',
  reads: 'Reads',
  rights: 'Rights',
  listen: 'Listening',
  build: 'Building read models',
  queue: 'Jobs',
};

const states: Readonly<Record<Row['state'], { word: string; look: string; icon: string }>> = {
  none: { word: 'Not connected', look: 'warn', icon: 'triangle-alert' },
  connected: { word: 'Connected', look: 'plain good-text', icon: 'check' },
  full: { word: 'All in use', look: '', icon: 'clock' },
};

/** Whether each program is connected to the database, by what for. */
@Component({
  selector: 'db-connections',
  imports: [Icon],
  templateUrl: './connections.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class DatabaseConnections {
  protected readonly layout = inject(Layout);
  readonly items = input.required<readonly Row[]>();
  protected readonly rows = computed(() =>
    this.items().map((row) => ({
      ...row,
      key: `${row.program} ${row.purpose}`,
      program: programs[row.program],
      purpose: purposes[row.purpose] ?? row.purpose,
      state: states[row.state],
    })),
  );
}
