import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Links } from '../core/links';
import { Icon } from '../parts/icon';

@Component({
  selector: 'db-not-here-page',
  imports: [RouterLink, Icon],
  template: `<main class="page" id="main" tabindex="-1">
    <div class="state-fill">
      <div class="empty">
        <svg class="big" icon="compass"></svg>
        <h1>There is no such page</h1>
        <p>The address names nothing in these books.</p>
        <div class="row"><a class="btn btn-line" [routerLink]="links.company('')">Go to Home</a></div>
      </div>
    </div>
  </main>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class NotHerePage {
  protected readonly links = inject(Links);
}
