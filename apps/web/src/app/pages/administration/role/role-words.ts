import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { type Chosen, inWords, type TreeNode } from './role-model';

/** What a role can and cannot do, in plain words: the titles of the operations it lets through. */
@Component({
  selector: 'db-role-words',
  template: `@for (group of groups(); track group.title) {
    <section class="role-words">
      <h3>{{ group.title }}</h3>
      @for (meaning of group.meanings; track meaning.part) {
        <p>
          <b>{{ meaning.part }}</b> {{ meaning.titles.join('\\u00a0· ') }}
        </p>
      } @empty {
        <p class="quiet">{{ group.none }}</p>
      }
    </section>
  }`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RoleWords {
  readonly tree = input.required<readonly TreeNode[]>();
  readonly chosen = input.required<Chosen>();
  protected readonly groups = computed(() => {
    const { changes, sees, cannot } = inWords(this.tree(), this.chosen());
    return [
      { title: 'May change', meanings: changes, none: 'Nothing.' },
      { title: 'May see', meanings: sees, none: 'Only their own account.' },
      { title: 'May not', meanings: cannot, none: 'Nothing is denied.' },
    ];
  });
}
