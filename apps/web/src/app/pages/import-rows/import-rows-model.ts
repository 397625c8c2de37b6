import type { OutputOf } from '@daybook/kernel';
import type { ImportMapping, inspectFile } from '@daybook/server/import/import.operations';

/* What was chosen for the columns of a file, and the mapping that it is. Pure. */
type Inspected = OutputOf<typeof inspectFile>;
type Column = Inspected['columns'][number];
type Form = ImportMapping['forms'][string];

export interface ChosenColumn {
  readonly place: number;
  readonly name: string;
  readonly occurrence: number;
  /** Empty: the column fills nothing. */
  readonly field: string;
  readonly blank: 'keep' | 'clear';
}
export interface Chosen {
  readonly columns: readonly ChosenColumn[];
  readonly forms: Readonly<Record<string, Form>>;
  readonly match: string | null;
  readonly unmatched: 'create' | 'refuse';
}

/** Columns that are called as a field is, each for itself: two of one name fill one field. */
export const chosenFrom = ({ columns, fields }: Inspected): Chosen => ({
  columns: columns.map(({ place, name, occurrence }) => ({
    place,
    name,
    occurrence,
    field: fields.find(({ column }) => column === place)?.name ?? '',
    blank: 'keep',
  })),
  forms: {},
  match: null,
  unmatched: 'create',
});

/** By name and occurrence, never by place: in a file that lacks a column nothing moves up. */
export function withTemplate({ columns }: Inspected, { fields, ...rest }: ImportMapping): Chosen {
  const of = ({ name, occurrence }: Column) => fields.find((one) => one.name === name && one.occurrence === occurrence);
  return {
    ...rest,
    columns: columns.map((column) => {
      const { place, name, occurrence } = column;
      return { place, name, occurrence, field: of(column)?.field ?? '', blank: of(column)?.blank ?? 'keep' };
    }),
  };
}

export const mappingOf = ({ columns, ...rest }: Chosen): ImportMapping => ({
  ...rest,
  forms: { ...rest.forms },
  fields: columns.flatMap(({ field, name, occurrence, blank }) =>
    field === '' ? [] : [{ field, name, occurrence, blank }],
  ),
});

/** A field is filled by one column, and rows are matched by a field that some column fills. */
export function filled({ columns, match, ...rest }: Chosen, place: number, field: string): Chosen {
  const next = columns.map((one) => {
    if (one.place === place) return { ...one, field };
    return one.field === field ? { ...one, field: '' } : one;
  });
  return { ...rest, columns: next, match: next.some((one) => one.field === match) ? match : null };
}
export const blanked = ({ columns, ...rest }: Chosen, place: number, clears: boolean): Chosen => ({
  ...rest,
  columns: columns.map((one) => (one.place === place ? { ...one, blank: clears ? 'clear' : 'keep' } : one)),
});

/** Fields whose column can be read in more than one way: what nothing decides, and where rows disagree. */
export function formsToAsk(inspected: Inspected | null, { columns }: Chosen) {
  if (inspected === null) return [];
  return columns.flatMap(({ field, place }) => {
    const { kind = 'text', label = field } = inspected.fields.find(({ name }) => name === field) ?? {};
    if (kind !== 'date' && kind !== 'decimal') return [];
    const column = inspected.columns.find((one) => one.place === place);
    const reading = kind === 'date' ? column?.dates : column?.decimals;
    if (reading === undefined) return [];
    // A number of a sheet is no text that could be read in two ways; text in the cells may be.
    if (
      inspected.format === 'xlsx' &&
      kind === 'decimal' &&
      reading.kind !== 'contradiction' &&
      reading.forms.includes('point')
    )
      return [];
    return [{ field, label, place, reading, choices: kind === 'date' ? dateForms : decimalForms }];
  });
}
const dateForms = [
  { form: 'day-first', label: 'Day first: 31/12/2026' },
  { form: 'month-first', label: 'Month first: 12/31/2026' },
] as const;
const decimalForms = [
  { form: 'point', label: 'Point: 1,234.50' },
  { form: 'comma', label: 'Comma: 1.234,50' },
] as const;

/** What is still to be chosen; null when it can be rehearsed. */
export function unfit(inspected: Inspected, chosen: Chosen): string | null {
  const filled = new Set(chosen.columns.map(({ field }) => field));
  if (filled.size === 1 && filled.has('')) return 'Choose what each column fills.';
  const missing = inspected.fields.filter(({ isRequired, name }) => isRequired && !filled.has(name));
  if (missing.length > 0 && (chosen.match === null || chosen.unmatched === 'create'))
    return `No column fills ${missing.map(({ label }) => label).join(', ')}.`;
  const open = formsToAsk(inspected, chosen).find(
    ({ reading, field }) => reading.kind !== 'known' && !chosen.forms[field],
  );
  return open ? `Say how ${open.label} is written.` : null;
}
