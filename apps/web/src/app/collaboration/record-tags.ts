import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { listRecordTags, tagRecord, tags, type ThreadRecord, untagRecord } from '@daybook/collaboration';
import type { ActionDeclaration } from '@daybook/kernel';
import { Actions } from '../archetypes/form/actions';
import { Api } from '../core/api';
import { AsOf } from '../core/as-of';
import { asked } from '../core/asked';
import { Links } from '../core/links';
import { Live } from '../core/live';
import { asProblem } from '../core/problem';
import { Records } from '../core/records';
import { Rights } from '../core/rights';
import { Toasts } from '../core/toasts';
import { Icon } from '../parts/icon';
import { ProblemState } from '../parts/problem-state';

/** The tags on a record: chips, which those who may take off and add. */
@Component({
  selector: 'db-record-tags',
  imports: [Icon, ProblemState, RouterLink],
  template: `<section aria-labelledby="tags-h">
    <div class="section-head">
      <h2 id="tags-h">Tags</h2>
      @if (may()) {
        <button class="btn btn-line btn-small" type="button" (click)="add()"><svg icon="tag"></svg>Add a tag…</button>
      }
    </div>
    @if (read.problem(); as problem) {
      <db-problem-state what="The tags" [problem]="problem" (again)="read.reload()" />
    } @else if (items().length > 0) {
      <ul class="tags">
        @for (tag of items(); track tag.tagId) {
          <li class="chip" [class]="'tag-' + tag.colour">
            <a
              [routerLink]="list() ?? links.row(view, { id: tag.tagId })"
              [queryParams]="list() === null ? null : { tags: tag.tagId }"
              >{{ tag.name }}</a
            >
            @if (tag.status === 'retired') {
              <span class="quiet">retired</span>
            }
            @if (may()) {
              <button class="x" type="button" [attr.aria-label]="'Take off ' + tag.name" (click)="takeOff(tag)">
                <svg class="i-12" icon="x"></svg>
              </button>
            }
          </li>
        }
      </ul>
    } @else if (read.value()) {
      <p class="none">No tags.</p>
    } @else if (read.slow()) {
      <span class="sk w-120"></span>
    }
  </section>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RecordTags {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly actions = inject(Actions);
  private readonly rights = inject(Rights);
  private readonly toasts = inject(Toasts);
  private readonly records = inject(Records);
  protected readonly links = inject(Links);
  protected readonly view = tags.view;
  readonly of = input.required<ThreadRecord>();

  protected readonly may = computed(() => !this.asOf.past() && this.rights.mayOn(tagRecord, this.of()));
  protected readonly read = asked(
    () => ({ ...this.of(), known: this.asOf.known() }),
    ({ known, ...of }, signal) => this.api.ask(listRecordTags, of, { signal, known }),
  );
  /** The list of such records, which is filtered by tag; others are on the page of the tag. */
  protected readonly list = computed(() => {
    const view = this.records.screen(this.of().recordType)?.view;
    return view && 'tags' in view.list.input.shape ? this.links.list(view) : null;
  });
  protected readonly items = computed(() => this.read.value()?.items ?? []);

  constructor() {
    inject(Live).on('record-tags', () => this.read.reload());
  }

  protected async add(): Promise<void> {
    if (await this.actions.perform(tags.view, addTag(this.of()), [])) this.read.reload();
  }
  protected async takeOff({ tagId, name }: { tagId: string; name: string }): Promise<void> {
    const input = { ...this.of(), tagId };
    try {
      this.toasts.done(`Took off ${name}`, untagRecord, input, await this.api.execute(untagRecord, input));
    } catch (error) {
      this.toasts.show(asProblem(error).detail);
    }
    this.read.reload();
  }
}

/** Only tags that are in use are offered. */
const addTag = (of: ThreadRecord): ActionDeclaration => ({
  operation: tagRecord,
  label: 'Add a tag',
  icon: 'tag',
  what: 'Records are found by their tags.',
  with: { ...of },
  ask: {
    tagId: {
      label: 'Tag',
      as: 'choice',
      choices: {
        query: tags.list,
        value: 'id',
        label: 'name',
        rows: (answer) =>
          (answer as { items: Readonly<Record<string, unknown>>[] }).items.filter(({ status }) => status === 'active'),
      },
    },
  },
});
