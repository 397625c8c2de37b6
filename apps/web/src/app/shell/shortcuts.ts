import { ChangeDetectionStrategy, Component, computed, inject, output } from '@angular/core';
import { Commands } from '../core/commands';
import { Icon } from '../parts/icon';
import { Keys } from '../parts/keys';
import { Modal } from '../parts/modal';

/** `?`: every key that works here, from the registry. */
@Component({
  selector: 'db-shortcuts',
  imports: [Icon, Keys, Modal],
  template: `<db-modal label="Keyboard shortcuts" look="keys-dialog" (left)="left.emit()">
    <div class="keys-head">
      <h2>Keyboard shortcuts</h2>
      <button class="btn btn-icon" type="button" aria-label="Close" (click)="left.emit()"><svg icon="x"></svg></button>
    </div>
    <div class="keys-body">
      @for (group of groups(); track group.where) {
        <section>
          <h3>{{ group.where }}</h3>
          <dl>
            @for (command of group.commands; track command.name) {
              <div>
                <dt>{{ command.name }}</dt>
                <dd>
                  <span class="sr">{{ command.key }}</span><db-keys [of]="command.key!" />
                </dd>
              </div>
            }
          </dl>
        </section>
      }
    </div>
  </db-modal>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Shortcuts {
  private readonly commands = inject(Commands);
  readonly left = output();
  protected readonly groups = computed(() => {
    const groups = new Map<string, ReturnType<Commands['available']>>();
    for (const command of [...this.commands.available()].reverse()) {
      if (command.key === undefined) continue;
      groups.set(command.where, [...(groups.get(command.where) ?? []), command]);
    }
    return [...groups].map(([where, commands]) => ({ where, commands }));
  });
}
