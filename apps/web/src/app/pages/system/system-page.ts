import { ChangeDetectionStrategy, Component, computed, DestroyRef, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { formatDuration, version } from '@daybook/kernel';
import { listConnections, listJobs, listProjections } from '@daybook/server/platform/platform.operations';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { Live } from '../../core/live';
import { Rights } from '../../core/rights';
import { Values } from '../../core/values';
import { ProblemState } from '../../parts/problem-state';
import { Skeleton } from '../../parts/skeleton';
import { DatabaseConnections } from './connections';
import { Jobs } from './jobs';
import { Projections } from './projections';

const refreshMs = 3000;
const worthSaying = 5;

/** How the program is: the read models, the long work and the database, with what can be done about their troubles. */
@Component({
  selector: 'db-system-page',
  imports: [RouterLink, DatabaseConnections, Jobs, ProblemState, Projections, Skeleton],
  templateUrl: './system-page.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SystemPage {
  private readonly api = inject(Api);
  private readonly rights = inject(Rights);
  private readonly values = inject(Values);
  private readonly live = inject(Live);
  /** From the address: `projections`, `jobs` or `connections`. */
  readonly tab = input<string>();
  protected readonly shown = computed(() => {
    if (this.tab() === 'connections') return 'connections';
    return this.tab() === 'jobs' || (this.tab() === undefined && !this.mayProjections) ? 'jobs' : 'projections';
  });
  protected readonly mayProjections = this.rights.may(listProjections);
  protected readonly mayJobs = this.rights.may(listJobs);
  protected readonly permission = computed(() =>
    this.shown() === 'jobs' ? listJobs.permission : listProjections.permission,
  );
  protected readonly projections = asked(
    () => (this.mayProjections ? {} : null),
    (_, signal) => this.api.ask(listProjections, {}, { signal, known: null }),
  );
  protected readonly jobs = asked(
    () => (this.mayJobs ? {} : null),
    (_, signal) => this.api.ask(listJobs, {}, { signal, known: null }),
  );
  protected readonly connections = asked(
    () => (this.mayProjections && this.shown() === 'connections' ? {} : null),
    (_, signal) => this.api.ask(listConnections, {}, { signal, known: null }),
  );
  protected readonly read = computed(
    () => ({ jobs: this.jobs, connections: this.connections, projections: this.projections })[this.shown()],
  );
  /** How far reads are behind what was written, once it is more than the moment it always takes. */
  protected readonly late = computed(() => {
    const live =
      this.projections
        .value()
        ?.items.filter(({ kind, state, parked }) => kind === 'read-model' && state === 'live' && parked === null) ?? [];
    const seconds = live.reduce(
      (most, { behind }) => (behind.events === '0' ? most : Math.max(most, behind.seconds)),
      0,
    );
    return seconds < worthSaying ? null : formatDuration(seconds * 1000);
  });
  protected readonly facts = computed(() => {
    const parked = this.projections.value()?.items.filter((row) => row.parked !== null).length ?? 0;
    const trail = this.live.trail();
    const late = this.late();
    return [
      `Daybook ${version}`,
      trail === null ? '' : `trail number ${this.values.count(trail)}`,
      late === null ? '' : `${late} behind`,
      parked === 0 ? '' : `${parked} parked`,
    ].filter(Boolean);
  });

  constructor() {
    const timer = setInterval(() => {
      if (!document.hidden && !this.read().pending()) this.read().reload();
    }, refreshMs);
    inject(DestroyRef).onDestroy(() => clearInterval(timer));
  }
}
