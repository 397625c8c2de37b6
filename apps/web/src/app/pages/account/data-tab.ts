import { ChangeDetectionStrategy, Component, inject, signal } from '@angular/core';
import { type personData, readOwnData } from '@daybook/identity';
import type * as z from 'zod';
import { Api } from '../../core/api';
import { download } from '../../core/download';
import { Icon } from '../../parts/icon';
import { Said } from '../../parts/said';
import { deed } from './deed';

/** A copy of everything kept about the person, to read and to take along. */
@Component({
  selector: 'db-data-tab',
  imports: [Icon, Said],
  template: `<section class="setting" aria-labelledby="data-head">
      <h2 id="data-head">A copy of your data</h2>
      <p class="muted">
        Everything kept about you here: profile, roles, sessions, keys, invitations, and what you did, counted per kind.
        Secrets are never in it.
      </p>
      <db-said [problem]="deed.refusal('read')" />
      @if (data(); as copy) {
        <div class="row">
          <button class="btn btn-main" type="button" (click)="saveText()">
            <svg icon="file-down"></svg>Save to read
          </button>
          <button class="btn btn-line" type="button" (click)="saveJson()">
            <svg icon="file-down"></svg>Save as JSON
          </button>
        </div>
        <pre class="data-copy" tabindex="0" aria-label="Your data">{{ copy.text }}</pre>
      } @else {
        <button class="btn btn-main" type="button" [class.busy]="deed.busy() === 'read'" (click)="read()">
          Show my data
        </button>
      }
    </section>
    <section class="setting" aria-labelledby="erase-head">
      <h2 id="erase-head">Being erased</h2>
      <p class="muted">
        An administrator can erase you once you are no longer a member and no retention applies. Your name then goes
        everywhere; figures and entries stay.
      </p>
    </section>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class DataTab {
  private readonly api = inject(Api);
  protected readonly deed = deed();
  protected readonly data = signal<z.infer<typeof personData> | null>(null);

  protected read(): Promise<boolean> {
    return this.deed.run('read', async () => this.data.set(await this.api.ask(readOwnData, {}, { known: null })));
  }
  protected saveText(): void {
    download('my-data.txt', 'text/plain', this.data()?.text ?? '');
  }
  protected saveJson(): void {
    download('my-data.json', 'application/json', JSON.stringify(this.data(), null, 2));
  }
}
