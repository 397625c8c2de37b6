import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { listOwnTasks } from '@daybook/collaboration';
import { Api } from '../core/api';
import { AsOf } from '../core/as-of';
import { asked } from '../core/asked';
import { Live } from '../core/live';
import { Rights } from '../core/rights';
import { Values } from '../core/values';
import { Icon } from '../parts/icon';
import { ProblemState } from '../parts/problem-state';

/** On Home: what a person is to do today or should have done, with the record that it is about. Absent where there is nothing. */
@Component({
  selector: 'db-own-tasks',
  imports: [Icon, ProblemState, RouterLink],
  template: `@if (read.problem(); as problem) {
      <db-problem-state what="Your tasks" [problem]="problem" (again)="read.reload()" />
    } @else if (items().length > 0) {
      <section aria-labelledby="own-tasks">
        <div class="sec"><h2 id="own-tasks">Due</h2></div>
        <ul class="todo-list">
          @for (task of items(); track task.taskId) {
            <li>
              <a [routerLink]="'/' + (task.address ?? '')"
                ><svg icon="list-checks"></svg
                ><span
                  ><b>{{ task.title ?? 'Not shown' }}</b
                  ><span>{{ values.text(task.dueOn, 'date') }}, {{ task.one }} {{ task.called ?? '' }}</span></span
                ><svg class="i-12" icon="chevron-right"></svg
              ></a>
            </li>
          }
        </ul>
      </section>
    }`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class OwnTasks {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly rights = inject(Rights);
  protected readonly values = inject(Values);
  protected readonly read = asked(
    () => (this.rights.may(listOwnTasks) ? { known: this.asOf.known() } : null),
    ({ known }, signal) => this.api.ask(listOwnTasks, { due: true, limit: 20 }, { signal, known }),
  );
  protected readonly items = computed(() => this.read.value()?.items ?? []);

  constructor() {
    inject(Live).on('tasks', () => this.read.reload());
  }
}
