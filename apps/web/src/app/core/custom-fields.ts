import { computed, inject, Injectable } from '@angular/core';
import { listCustomFields } from '@daybook/customization';
import {
  type ColumnDeclaration,
  type ColumnFormat,
  customFieldsInOrder,
  type CustomKind,
  type FilterDeclaration,
  type OutputOf,
  type ViewDeclaration,
} from '@daybook/kernel';
import { Api } from './api';
import { asked } from './asked';
import { Live } from './live';
import { Session } from './session';

export type CustomField = OutputOf<typeof listCustomFields>['items'][number];
type Row = Readonly<Record<string, unknown>>;

const formats: Readonly<Record<CustomKind, ColumnFormat>> = {
  text: 'text',
  number: 'quantity',
  date: 'date',
  choice: 'text',
  'yes-no': 'boolean',
  person: 'person',
};
export const yesOrNo = [{ value: 'true', label: 'Yes' }, { value: 'false', label: 'No' }]; // prettier-ignore
/** The name of a custom field among those of a row, a form and an address. */
export const customName = (key: string): string => `custom.${key}`;
export const isCustomName = (name: string): boolean => name.startsWith('custom.');

/** What the tenant adds to records: as columns, filters, facts and fields of forms, like those that a context declares. */
@Injectable({ providedIn: 'root' })
export class CustomFields {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly read = asked(
    () => (this.session.may(listCustomFields.permission) ? { tenant: this.session.current()?.tenant.id } : null),
    (_, signal) => this.api.ask(listCustomFields, {}, { signal, known: null }),
  );
  private readonly byType = computed(() => {
    return Map.groupBy(customFieldsInOrder(this.read.value()?.items ?? []), ({ recordType }) => recordType);
  });

  constructor() {
    inject(Live).on('custom-fields', () => this.read.reload());
  }

  /** They are read, or cannot be: until then nobody knows what an address says of them. */
  readonly known = computed(
    () =>
      !this.session.may(listCustomFields.permission) || this.read.value() !== undefined || this.read.problem() !== null,
  );
  /** Of a record type, in order, retired ones too. */
  of(type: string | undefined): readonly CustomField[] {
    return type === undefined ? [] : (this.byType().get(type) ?? []);
  }
  /** Whether forms ask for any. */
  asked(type: string): boolean {
    return this.of(type).some(({ status }) => status === 'active');
  }
  /** A column for a field of the row; null for one that is not known. */
  column(type: string, name: string): ColumnDeclaration | null {
    const field = this.of(type).find(({ key }) => customName(key) === name);
    return field ? columnOf(field) : null;
  }
  /** The view with the custom fields of its records. */
  in(view: ViewDeclaration): ViewDeclaration {
    const fields = this.of(view.list.custom?.name);
    if (fields.length === 0) return view;
    const columns = Object.fromEntries(fields.map((field) => [customName(field.key), columnOf(field)]));
    const { record } = view;
    return {
      ...view,
      columns: { ...view.columns, ...columns },
      filters: [...view.filters, ...fields.map(filterOf)],
      record: record && { ...record, fields: { ...record.fields, ...columns } },
    };
  }
}

const columnOf = ({ kind, label, status }: CustomField): ColumnDeclaration => ({
  as: formats[kind],
  label: status === 'retired' ? `${label} (retired)` : label,
  hidden: true,
});

function filterOf({ key, kind, label, choices }: CustomField): FilterDeclaration {
  const name = customName(key);
  const offered = kind === 'yes-no' ? yesOrNo : choices?.map((value) => ({ value, label: value }));
  return {
    field: kind === 'number' || kind === 'date' ? [`${name}.from`, `${name}.until`] : name,
    label,
    as: formats[kind],
    ...(offered ? { choices: offered } : {}),
  };
}

/** The row with each custom field as a field of its own. */
export function withCustom(row: Row): Row {
  const custom = row['custom'];
  if (typeof custom !== 'object' || custom === null) return row;
  return { ...row, ...Object.fromEntries(Object.entries(custom).map(([key, value]) => [customName(key), value])) };
}

/** Conditions as a list takes them, from what the address says of these filters: `region=north`, `size>=10`. */
export function customConditions(
  filters: readonly FilterDeclaration[],
  query: Readonly<Record<string, string>>,
): string[] {
  return filters.flatMap(({ field, choices, as }) => {
    if (typeof field !== 'string') {
      const [from, until] = field;
      const key = from.slice(customName('').length, -'.from'.length);
      return [...(query[from] ? [`${key}>=${query[from]}`] : []), ...(query[until] ? [`${key}<=${query[until]}`] : [])];
    }
    const said = query[field] ?? '';
    const values = choices || as === 'person' ? said.split(',') : [said];
    return values.filter(Boolean).map((value) => `${field.slice(customName('').length)}=${value}`);
  });
}
