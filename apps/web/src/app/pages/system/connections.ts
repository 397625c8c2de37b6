import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import type { OutputOf } from '@daybook/kernel';
import type { listConnections } from '@daybook/server/platform/platform.operations';
import { Layout } from '../../core/layout';
import { Values } from '../../core/values';

type Connections = OutputOf<typeof listConnections>;
const programs: Readonly<Record<Connections['items'][number]['program'], string>> = {
  api: 'API',
  projector: 'Projector',
  other: 'Other',
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

/** How many connections to the database there are, of how many, by what they are for. */
@Component({
  selector: 'db-connections',
  templateUrl: './connections.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class DatabaseConnections {
  protected readonly values = inject(Values);
  protected readonly layout = inject(Layout);
  readonly counted = input.required<Connections>();
  protected readonly rows = computed(() =>
    this.counted().items.map((row) => ({
      ...row,
      key: `${row.program} ${row.purpose}`,
      program: programs[row.program],
      purpose: purposes[row.purpose] ?? row.purpose,
    })),
  );
}
