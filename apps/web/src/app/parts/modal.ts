import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  ElementRef,
  input,
  output,
  viewChild,
} from '@angular/core';

/** A native modal dialog that is open while it exists: the browser keeps the focus inside and gives it back. */
@Component({
  selector: 'db-modal',
  template: `<dialog
    #box
    [class]="look()"
    [attr.aria-label]="label()"
    (cancel)="$event.preventDefault(); left.emit()"
    (pointerdown)="outside($event)"
  >
    <ng-content />
  </dialog>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Modal {
  readonly label = input.required<string>();
  readonly look = input('');
  readonly left = output();
  private readonly box = viewChild.required<ElementRef<HTMLDialogElement>>('box');

  constructor() {
    afterNextRender(() => {
      const box = this.box().nativeElement;
      box.showModal();
      box.querySelector<HTMLElement>('[autofocus]')?.focus();
    });
  }
  protected outside(event: Event): void {
    if (event.target === this.box().nativeElement) this.left.emit();
  }
}
