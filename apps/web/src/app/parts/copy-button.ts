import { ChangeDetectionStrategy, Component, computed, input, linkedSignal } from '@angular/core';
import { copyText } from '../core/clipboard';
import { Icon } from './icon';

/** Copies a text, and says whether it did. */
@Component({
  selector: 'db-copy-button',
  imports: [Icon],
  template: `<button [class]="'btn ' + look()" type="button" [attr.aria-label]="name()" (click)="copy()">
      <svg icon="copy"></svg>{{ name() === null ? (done() ?? label()) : '' }}
    </button>
    <span class="sr" role="status">{{ done() }}</span>
    @if (copied() === false) {
      <span class="hint" role="alert">Not copied: this browser allows no copying here.</span>
    }`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CopyButton {
  readonly text = input.required<string>();
  readonly label = input('Copy');
  /** The name of a button that is an icon alone. */
  readonly name = input<string | null>(null);
  /** Classes of the button beside `btn`. */
  readonly look = input('btn-text btn-small');
  /** Of the current text. */
  protected readonly copied = linkedSignal<string, boolean | null>({ source: this.text, computation: () => null });
  protected readonly done = computed(() => (this.copied() === true ? 'Copied' : null));

  protected async copy(): Promise<void> {
    this.copied.set(await copyText(this.text()));
  }
}
