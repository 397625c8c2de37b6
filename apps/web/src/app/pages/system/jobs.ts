import { ChangeDetectionStrategy, Component, inject, input, output, signal } from '@angular/core';
import { formatDuration, type OutputOf } from '@daybook/kernel';
import { cancelJob, type listJobs } from '@daybook/server/platform/platform.operations';
import { Api } from '../../core/api';
import { People } from '../../core/people';
import { asProblem } from '../../core/problem';
import { Rights } from '../../core/rights';
import { Toasts } from '../../core/toasts';
import { Values, words } from '../../core/values';
import { Icon } from '../../parts/icon';

type Job = OutputOf<typeof listJobs>['items'][number];
const looks: Readonly<Record<Job['state'], { icon: string; look: string }>> = {
  waiting: { icon: 'clock', look: '' },
  running: { icon: 'loader', look: '' },
  done: { icon: 'check', look: 'plain good-text' },
  failed: { icon: 'circle-x', look: 'bad' },
  cancelled: { icon: 'ban', look: '' },
};

/** Long work, newest first: how far it is, and a way to stop it. */
@Component({
  selector: 'db-jobs',
  imports: [Icon],
  templateUrl: './jobs.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Jobs {
  private readonly api = inject(Api);
  private readonly toasts = inject(Toasts);
  private readonly people = inject(People);
  protected readonly values = inject(Values);
  readonly rows = input.required<readonly Job[]>();
  readonly changed = output();
  protected readonly busy = signal<string | null>(null);
  protected readonly failed = signal<{ id: string; words: string } | null>(null);
  protected readonly mayCancel = inject(Rights).may(cancelJob);
  protected readonly looks = looks;
  protected readonly words = words;

  protected by(job: Job): string {
    return job.startedBy.kind === 'person' ? this.people.name(job.startedBy.id) : words(job.startedBy.id);
  }
  protected active(job: Job): boolean {
    return job.state === 'waiting' || job.state === 'running';
  }
  protected share(job: Job): number | null {
    const { done, total } = job.progress;
    return total === null || total === 0 ? null : Math.min(100, Math.round((done / total) * 100));
  }
  protected took(job: Job): string {
    if (job.startedAt === null) return '–';
    const end = job.endedAt === null ? Date.now() : Date.parse(job.endedAt);
    return formatDuration(Math.max(0, end - Date.parse(job.startedAt)));
  }
  protected async cancel(job: Job): Promise<void> {
    this.busy.set(job.id);
    this.failed.set(null);
    try {
      await this.api.execute(cancelJob, { jobId: job.id });
      this.toasts.show(`Cancelled: ${job.title}`);
      this.changed.emit();
    } catch (error) {
      const problem = asProblem(error);
      this.failed.set({ id: job.id, words: `${problem.detail} ${problem.code}` });
    } finally {
      this.busy.set(null);
    }
  }
}
