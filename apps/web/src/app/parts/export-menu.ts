import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import type { CsvFormName } from '@daybook/kernel';
import { Icon } from './icon';
import { Pop } from './pop';

let made = 0;

/** A button that offers a list as a file: plain CSV, or the form that a double click in Excel reads. */
@Component({
  selector: 'db-export-menu',
  imports: [Icon, Pop],
  template: `<button [class]="'btn ' + look()" type="button" aria-haspopup="menu" [attr.popovertarget]="id">
      <svg icon="download"></svg><span>{{ label() }}</span>
    </button>
    <div dbPop="end" [id]="id" role="menu" [attr.aria-label]="label()" #menu="pop">
      @for (form of forms; track form.name) {
        <button class="option" type="button" role="menuitem" (click)="menu.close(); chosen.emit(form.name)">
          {{ form.title }} <span class="hint">{{ form.hint }}</span>
        </button>
      }
    </div>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ExportMenu {
  readonly label = input('Export');
  /** Classes of the button beside `btn`. */
  readonly look = input('btn-line');
  readonly chosen = output<CsvFormName>();
  protected readonly id = `export-${++made}`;
  protected readonly forms = csvChoices;
}

export const csvChoices: readonly { readonly name: CsvFormName; readonly title: string; readonly hint: string }[] = [
  { name: 'plain', title: 'CSV', hint: 'decimal point' },
  { name: 'excel', title: 'CSV for Excel', hint: 'decimal comma' },
];
