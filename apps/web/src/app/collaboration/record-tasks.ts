import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { finishTask, listTasks, reopenTask, setTask, type ThreadRecord } from '@daybook/collaboration';
import { type ActionDeclaration, type OutputOf, view } from '@daybook/kernel';
import { Actions } from '../archetypes/form/actions';
import { Api } from '../core/api';
import { AsOf } from '../core/as-of';
import { asked } from '../core/asked';
import { Live } from '../core/live';
import { People } from '../core/people';
import { asProblem } from '../core/problem';
import { Rights } from '../core/rights';
import { Toasts } from '../core/toasts';
import { Values } from '../core/values';
import { Icon } from '../parts/icon';
import { ProblemState } from '../parts/problem-state';

type Task = OutputOf<typeof listTasks>['items'][number];

/** The tasks on a record, by their day, each with a box to tick. */
@Component({
  selector: 'db-record-tasks',
  imports: [Icon, ProblemState],
  template: `<section aria-labelledby="tasks-h">
    <div class="section-head">
      <h2 id="tasks-h">Tasks</h2>
      @if (may()) {
        <button class="btn btn-line btn-small" type="button" (click)="add()">
          <svg icon="list-checks"></svg>Set a task…
        </button>
      }
    </div>
    @if (read.problem(); as problem) {
      <db-problem-state what="The tasks" [problem]="problem" (again)="read.reload()" />
    } @else if (items().length > 0) {
      <ul class="together">
        @for (task of items(); track task.taskId) {
          <li [class.done]="task.status === 'done'">
            <input
              type="checkbox"
              #box
              [id]="'task-' + task.taskId"
              [checked]="task.status === 'done'"
              [disabled]="!may()"
              [attr.aria-describedby]="'task-' + task.taskId + '-by'"
              (change)="tick(task, box)"
            />
            <div class="grow">
              <label [for]="'task-' + task.taskId">{{ task.title ?? 'Not shown' }}</label>
              <p class="meta" [id]="'task-' + task.taskId + '-by'">
                <span>{{ people.name(task.personId) }}</span><span class="dotsep nowrap">{{
                  values.text(task.dueOn, 'date')
                }}</span>
                @if (task.status === 'due') {
                  <span class="badge warn"><svg icon="bell"></svg>Due</span>
                }
              </p>
            </div>
          </li>
        }
      </ul>
    } @else if (read.value()) {
      <p class="none">No tasks.</p>
    } @else if (read.slow()) {
      <span class="sk w-120"></span>
    }
  </section>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RecordTasks {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly actions = inject(Actions);
  private readonly rights = inject(Rights);
  private readonly toasts = inject(Toasts);
  protected readonly people = inject(People);
  protected readonly values = inject(Values);
  readonly of = input.required<ThreadRecord>();

  protected readonly may = computed(() => !this.asOf.past() && this.rights.mayOn(setTask, this.of()));
  protected readonly read = asked(
    () => ({ ...this.of(), known: this.asOf.known() }),
    ({ known, ...of }, signal) => this.api.ask(listTasks, of, { signal, known }),
  );
  protected readonly items = computed(() => this.read.value()?.items ?? []);

  constructor() {
    inject(Live).on('tasks', () => this.read.reload());
  }

  protected async add(): Promise<void> {
    if (await this.actions.perform(taskView, newTask(this.of()), [])) this.read.reload();
  }
  protected async tick({ threadId, taskId, title, status }: Task, box: HTMLInputElement): Promise<void> {
    const [operation, says] = status === 'done' ? ([reopenTask, 'Not done'] as const) : ([finishTask, 'Done'] as const);
    const input = { threadId, taskId };
    try {
      this.toasts.done(`${says}: ${title ?? 'task'}`, operation, input, await this.api.execute(operation, input));
    } catch (error) {
      box.checked = status === 'done';
      this.toasts.show(asProblem(error).detail);
    }
    this.read.reload();
  }
}

/** For the words of the dialog. */
const taskView = view(listTasks, {
  path: 'tasks',
  title: 'Tasks',
  one: 'task',
  icon: 'list-checks',
  columns: {},
  empty: '',
});

/** The day begins by the clock of who sets the task, until people have a zone of their own. */
const newTask = (of: ThreadRecord): ActionDeclaration => ({
  operation: setTask,
  label: 'Set a task',
  icon: 'list-checks',
  with: { ...of, zone: Intl.DateTimeFormat().resolvedOptions().timeZone },
  ask: {
    title: { label: 'What is to be done', width: 'full' },
    personId: { label: 'Who', as: 'person', hint: 'You, if you choose nobody.' },
    dueOn: { label: 'By', as: 'date' },
  },
});
