import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  DestroyRef,
  ElementRef,
  inject,
  input,
  output,
  viewChild,
} from '@angular/core';

/**
 * A native modal dialog that is open while it exists: the browser keeps the focus inside. It goes back to where it was, or
 * to the page when that is gone; a dialog taken out of the page while it is open would leave it nowhere.
 */
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
  /** Something is typed in it: a press beside it does not take it away. */
  readonly firm = input(false);
  readonly left = output();
  private readonly box = viewChild.required<ElementRef<HTMLDialogElement>>('box');

  constructor() {
    const opener = document.activeElement;
    let box: HTMLDialogElement | undefined;
    afterNextRender(() => {
      box = this.box().nativeElement;
      box.showModal();
      box.querySelector<HTMLElement>('[autofocus]')?.focus();
    });
    inject(DestroyRef).onDestroy(() => {
      box?.close();
      const back = opener instanceof HTMLElement && opener !== document.body && opener.isConnected ? opener : null;
      (back ?? document.getElementById('main'))?.focus();
    });
  }
  protected outside(event: Event): void {
    if (event.target === this.box().nativeElement && !this.firm()) this.left.emit();
  }
}
