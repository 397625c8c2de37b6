import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import type { CsvFormName } from '@daybook/kernel';
import type { ExportFormat } from '@daybook/server/export/export.operations';
import { Icon } from './icon';
import { Pop } from './pop';

let made = 0;

/**
 * A button that offers a list as a file: plain CSV, or the form that a double click in Excel reads; and what only the server
 * writes, where the page says so.
 */
@Component({
  selector: 'db-export-menu',
  imports: [Icon, Pop],
  template: `<button [class]="'btn ' + look()" type="button" aria-haspopup="menu" [attr.popovertarget]="id">
      <svg icon="download"></svg><span>{{ label() }}</span>
    </button>
    <div dbPop="end" [id]="id" role="menu" [attr.aria-label]="label()" #menu="pop">
      @for (form of forms(); track form.format) {
        <button class="option" type="button" role="menuitem" (click)="menu.close(); choose(form)">
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
  /** All formats, by an export of the server. */
  readonly whole = input(false);
  readonly chosen = output<CsvFormName>();
  readonly wanted = output<ExportFormat>();
  protected readonly id = `export-${++made}`;
  protected readonly forms = computed(() => (this.whole() ? exportChoices : csvChoices));

  protected choose({ format, name }: ExportChoice): void {
    this.wanted.emit(format);
    if (name !== undefined) this.chosen.emit(name);
  }
}

interface ExportChoice {
  readonly format: ExportFormat;
  readonly title: string;
  readonly hint: string;
  /** Of CSV. */
  readonly name?: CsvFormName;
}
export const csvChoices = [
  { format: 'csv', name: 'plain', title: 'CSV', hint: 'decimal point' },
  { format: 'csv-excel', name: 'excel', title: 'CSV for Excel', hint: 'decimal comma' },
] as const satisfies readonly ExportChoice[];
export const exportChoices: readonly ExportChoice[] = [
  ...csvChoices,
  { format: 'xlsx', title: 'Excel workbook', hint: 'xlsx' },
  { format: 'json', title: 'JSON', hint: 'for programs' },
];
