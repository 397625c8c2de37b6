import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import { download } from '../../core/download';
import { CopyButton } from '../../parts/copy-button';
import { Icon } from '../../parts/icon';

/** Shown once: to be kept where neither the phone nor this computer is. */
@Component({
  selector: 'db-recovery-codes',
  imports: [CopyButton, Icon],
  template: `<section class="setting recovery" aria-labelledby="codes-head" role="status">
    <h2 id="codes-head">Recovery codes</h2>
    <p class="muted">
      Each signs you in once when the app or passkey is lost. They are shown this one time: keep them where the phone is
      not.
    </p>
    <ol class="mono">
      @for (code of codes(); track code) {
        <li>{{ code }}</li>
      }
    </ol>
    <div class="row">
      <button class="btn btn-line" type="button" (click)="save()"><svg icon="file-down"></svg>Save as a file</button>
      <db-copy-button
        look="btn-line"
        [text]="
          codes().join(
            '
'
          )
        "
      />
      <button class="btn btn-text" type="button" (click)="kept.emit()">They are kept</button>
    </div>
  </section>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RecoveryCodes {
  readonly codes = input.required<readonly string[]>();
  readonly kept = output();
  protected save(): void {
    download('daybook-recovery-codes.txt', 'text/plain', `${this.codes().join('\n')}\n`);
  }
}
