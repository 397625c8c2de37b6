import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import { encode } from 'uqr';

/** A QR code as one path; dark on light in both themes, for cameras expect it. */
@Component({
  selector: 'db-qr',
  template: `<svg class="qr" [attr.viewBox]="box()" role="img" aria-label="QR code for the authenticator app">
    <path [attr.d]="path()" />
  </svg>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Qr {
  readonly text = input.required<string>();
  private readonly code = computed(() => encode(this.text(), { ecc: 'M', border: 2 }));
  protected readonly box = computed(() => `0 0 ${this.code().size} ${this.code().size}`);
  protected readonly path = computed(() =>
    this.code()
      .data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
      .join(''),
  );
}
