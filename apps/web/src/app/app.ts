import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { RouterOutlet } from '@angular/router';
import { Announcer } from './core/announcer';
import { AsOf } from './core/as-of';
import { Preferences } from './core/preferences';

@Component({
  selector: 'db-root',
  imports: [RouterOutlet],
  template: `<router-outlet />
    <div class="sr" role="status" aria-live="polite">{{ announcer.words() }}</div>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class App {
  protected readonly announcer = inject(Announcer);
  // Before the first navigation: the time of the first address is read by it.
  protected readonly asOf = inject(AsOf);
  // Theme and density apply from the first page on, sign-in included.
  protected readonly preferences = inject(Preferences);
}
