import { ChangeDetectionStrategy, Component, input } from '@angular/core';

/** `<svg icon="plus">`: a symbol of the sprite that tools/assets.mjs builds of the names used. Always hidden from readers. */
@Component({
  selector: 'svg[icon]',
  template: '<svg:use [attr.href]="\'icons.svg#\' + icon()" />',
  host: { class: 'i', 'aria-hidden': 'true' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Icon {
  readonly icon = input.required<string>();
}
