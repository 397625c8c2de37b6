import { inject, Injectable } from '@angular/core';
import { columnOf, screenOf } from '@daybook/kernel';
import { CustomFields, isCustomName } from './custom-fields';
import { People } from './people';
import { Records } from './records';
import { Values, words } from './values';

interface Change {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

/** What changed in a record, by the label of its field, with values as its pages write them. */
@Injectable({ providedIn: 'root' })
export class ChangeWords {
  private readonly people = inject(People);
  private readonly records = inject(Records);
  private readonly values = inject(Values);
  private readonly customFields = inject(CustomFields);

  /** Records without a declaration of their fields show what the event says. */
  of(type: string, { field, before, after }: Change): Change {
    const record = screenOf(type)?.record;
    const isOwn = record !== undefined && field in record.fields;
    const column = isCustomName(field) ? this.customFields.column(type, field) : isOwn ? columnOf(record, field) : null;
    if (column === null) return { field, before, after };
    const written = (value: string): string => {
      if (value === '') return '';
      if (column.as === 'person') return this.people.name(value);
      if (column.as === 'record') return this.records.name(column.to ?? '', value);
      if (column.as === 'boolean') return value === 'true' ? 'Yes' : 'No';
      return column.words ? (column.words[value]?.label ?? words(value)) : this.values.text(value, column.as);
    };
    return { field: column.label ?? field, before: written(before), after: written(after) };
  }
}
