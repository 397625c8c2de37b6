import { vi } from 'vitest';

/* How long a spec takes is the machine's matter: only one that never ends fails by time. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/* What jsdom lacks and the parts use: modal dialogs and popovers, reduced to their open state. */
const dialog = HTMLDialogElement.prototype;
dialog.showModal ??= function (this: HTMLDialogElement) {
  this.setAttribute('open', '');
};
dialog.close ??= function (this: HTMLDialogElement) {
  this.removeAttribute('open');
  this.dispatchEvent(new Event('close'));
};
const element = HTMLElement.prototype;
element.showPopover ??= function (this: HTMLElement) {
  this.setAttribute('data-open', '');
};
element.hidePopover ??= function (this: HTMLElement) {
  this.removeAttribute('data-open');
};
element.scrollIntoView ??= () => undefined;
