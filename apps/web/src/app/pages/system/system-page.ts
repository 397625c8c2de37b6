import { ChangeDetectionStrategy, Component } from '@angular/core';

@Component({
  selector: 'db-system-page',
  template: `<main class="page" id="main" tabindex="-1">
    <div class="head"><h1>System</h1></div>
  </main>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SystemPage {}
