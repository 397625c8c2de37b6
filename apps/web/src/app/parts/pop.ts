import { DestroyRef, Directive, ElementRef, inject, input, output } from '@angular/core';

/**
 * A native popover beside the button that opens it (`popovertarget`). The browser gives light dismissal, Esc and the
 * return of focus; this places it, and moves among the entries of a menu with the arrow keys.
 */
@Directive({
  selector: '[dbPop]',
  exportAs: 'pop',
  host: {
    popover: 'auto',
    class: 'pop',
    '(beforetoggle)': 'before($event)',
    '(toggle)': 'after($event)',
    '(keydown)': 'move($event)',
  },
})
export class Pop {
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  readonly dbPop = input<'below' | 'end' | 'beside' | 'above' | ''>('below');
  readonly opened = output<boolean>();
  /** What is chosen in it may be larger than what it opened with: a filter after the list of filters. */
  private grown: ResizeObserver | null = null;

  constructor() {
    inject(DestroyRef).onDestroy(() => this.grown?.disconnect());
  }
  toggle(): void {
    this.element.togglePopover?.();
  }
  close(): void {
    this.element.hidePopover();
  }
  protected before(event: Event): void {
    const open = (event as ToggleEvent).newState === 'open';
    // At once, not with `toggle`, which comes late: the next key already belongs to the page again.
    this.element.toggleAttribute('data-open', open);
    if (open) this.opened.emit(true);
  }
  protected after(event: Event): void {
    const open = (event as ToggleEvent).newState === 'open';
    if (open) {
      this.grown = new ResizeObserver(() => this.place());
      this.grown.observe(this.element);
      this.place();
      const first = this.element.querySelector<HTMLElement>(
        '[autofocus], [role^="menuitem"][aria-checked="true"], [role^="menuitem"], input, button, a',
      );
      first?.focus({ preventScroll: true });
    } else {
      this.grown?.disconnect();
      this.opened.emit(false);
    }
  }
  /** Inside the window, 4 px from the button. */
  private place(): void {
    const button = document.querySelector<HTMLElement>(`[popovertarget="${this.element.id}"]`);
    if (button === null) return;
    const at = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const side = this.dbPop() || 'below';
    const left = side === 'end' ? at.right - width : side === 'beside' ? at.right + 4 : at.left;
    const wanted = side === 'above' ? at.top - height - 4 : side === 'beside' ? at.top : at.bottom + 4;
    const top = wanted + height > innerHeight - 8 ? Math.max(8, innerHeight - 8 - height) : wanted;
    this.element.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    this.element.style.top = `${Math.max(8, top)}px`;
  }
  protected move(event: KeyboardEvent): void {
    const entries = [...this.element.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
    if (entries.length === 0) return;
    const here = entries.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    entries[(to + entries.length) % entries.length]?.focus();
  }
}
