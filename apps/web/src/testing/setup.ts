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
