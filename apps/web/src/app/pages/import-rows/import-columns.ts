import { ChangeDetectionStrategy, Component, computed, input, model, output } from '@angular/core';
import type { OutputOf } from '@daybook/kernel';
import type { ImportMapping, inspectFile, listTemplates } from '@daybook/server/import/import.operations';
import { Icon } from '../../parts/icon';
import { blanked, type Chosen, filled, formsToAsk, unfit, withTemplate } from './import-rows-model';

type Inspected = OutputOf<typeof inspectFile>;

/** Which column of the file fills which field, and how its cells are read. */
@Component({
  selector: 'db-import-columns',
  imports: [Icon],
  templateUrl: './import-columns.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ImportColumns {
  readonly found = input.required<Inspected>();
  readonly chosen = model.required<Chosen>();
  readonly templates = input.required<OutputOf<typeof listTemplates>['items']>();
  /** The file is to be read in another one. */
  readonly encoding = output<NonNullable<Inspected['encoding']>>();
  /** The name under which the columns are to be kept. */
  readonly keep = output<string>();

  protected readonly encodings = [
    { code: 'utf-8', label: 'UTF-8' },
    { code: 'windows-1252', label: 'Western European (Windows-1252)' },
    { code: 'utf-16le', label: 'UTF-16 (little-endian)' },
    { code: 'utf-16be', label: 'UTF-16 (big-endian)' },
  ] as const;
  protected readonly lacking = computed(() => unfit(this.found(), this.chosen()));
  protected readonly asks = computed(() => formsToAsk(this.found(), this.chosen()));
  protected readonly matchable = computed(() =>
    this.found().fields.filter(
      ({ matches, name }) => matches && this.chosen().columns.some(({ field }) => field === name),
    ),
  );

  protected fill(place: number, field: string): void {
    this.chosen.update((now) => filled(now, place, field));
  }
  protected blank(place: number, clears: boolean): void {
    this.chosen.update((now) => blanked(now, place, clears));
  }
  protected form(field: string, form: string): void {
    this.chosen.update((now) => ({ ...now, forms: { ...now.forms, [field]: form as ImportMapping['forms'][string] } }));
  }
  protected match(field: string): void {
    this.chosen.update((now) => ({ ...now, match: field === '' ? null : field }));
  }
  protected unmatched(what: string): void {
    this.chosen.update((now) => ({ ...now, unmatched: what === 'refuse' ? 'refuse' : 'create' }));
  }
  protected useTemplate(name: string): void {
    const template = this.templates().find((one) => one.name === name);
    if (template) this.chosen.set(withTemplate(this.found(), template.mapping));
  }
}
