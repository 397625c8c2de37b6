import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  input,
  linkedSignal,
  output,
  viewChild,
} from '@angular/core';
import { postEntry } from '@daybook/accounting';
import type { FieldError } from '@daybook/kernel';
import { CustomFields } from '../../core/custom-fields';
import { People } from '../../core/people';
import { customFormFields, customOffered, customStart, withCustomInput } from '../../archetypes/form/custom-form';
import { FormFields } from '../../archetypes/form/form-fields';
import type { CustomDraft } from './entry-draft';

/** The custom fields of an entry in its form; nothing where the tenant has none. */
@Component({
  selector: 'db-entry-custom',
  imports: [FormFields],
  template: `@if (fields().length > 0) {
    <db-form-fields [fields]="fields()" [start]="start()" [offered]="offered()" (changed)="say()" />
  }`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class EntryCustom {
  private readonly customFields = inject(CustomFields);
  private readonly people = inject(People);
  /** What the draft has of them. */
  readonly value = input.required<CustomDraft>();
  readonly changed = output<CustomDraft>();
  private readonly form = viewChild(FormFields);
  private readonly defined = computed(() => this.customFields.of(postEntry.custom?.record.name));
  protected readonly fields = computed(() => customFormFields(this.defined(), undefined));
  protected readonly offered = computed(() =>
    customOffered(this.defined(), this.people.choices()),
  ); // prettier-ignore
  private said: CustomDraft | null = null;
  /** What was typed here is not written anew. */
  protected readonly start = linkedSignal<CustomDraft, Record<string, unknown>>({
    source: this.value,
    computation: (value, before) =>
      before !== undefined && value === this.said ? before.value : customStart({ custom: value }),
  });

  protected say(): void {
    const typed = this.form()?.filled() ?? {};
    this.said = (withCustomInput(this.defined(), undefined, typed)['custom'] ?? {}) as CustomDraft;
    this.changed.emit(this.said);
  }
  /** Whether they can be sent; if not, the focus is at the first that is wrong. */
  ready(): boolean {
    return (this.form()?.submit() ?? null) !== null || this.fields().length === 0;
  }
  /** Shows these errors at their fields; answers those that belong to none. */
  refuse(errors: readonly FieldError[]): readonly FieldError[] {
    // Of an entry that waits for approval, the request contains the whole input.
    const mine = errors.map((error) => ({ ...error, pointer: error.pointer.replace(/^\/input(?=\/custom\/)/, '') }));
    return this.form()?.refuse(mine) ?? errors;
  }
}
