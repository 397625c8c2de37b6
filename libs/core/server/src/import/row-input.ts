import { type CommandOperation, type FieldError, withFormula } from '@daybook/kernel';
import * as z from 'zod';
import { type CellKind, cellKinds } from '../export/columns.js';
import type { CsvRecord } from './csv-records.js';
import { fieldsOf, type Mapping } from './headers.js';
import { pointerOf } from './plan.js';
import {
  type DateForm,
  dateOf,
  dateReading,
  type DecimalForm,
  decimalOf,
  decimalReading,
  type Reading,
} from './value-forms.js';

/*
 * What a row asks of a command: its cells by the mapping, each read in the one form of its column. Nothing
 * of a row depends on another row.
 */
export type ValueForms = Readonly<Record<string, DateForm | DecimalForm>>;

/** The kinds of the fields that a command takes. */
export const fieldKinds = (operation: CommandOperation): ReadonlyMap<string, CellKind> =>
  cellKinds(z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' }));

/** How each column of dates or decimals is read; what is to be asked, and where rows disagree. */
export function readingsOf(
  kinds: ReadonlyMap<string, CellKind>,
  mapping: Mapping,
  records: readonly CsvRecord[],
): Readonly<Record<string, Reading<DateForm> | Reading<DecimalForm>>> {
  return Object.fromEntries(
    mapping.fields.flatMap(({ field, place }): (readonly [string, Reading<DateForm> | Reading<DecimalForm>])[] => {
      const values = () => records.map(({ cells }) => withFormula(cells[place - 1] ?? ''));
      if (kinds.get(field) === 'date') return [[field, dateReading(values())]];
      return kinds.get(field) === 'decimal' ? [[field, decimalReading(values())]] : [];
    }),
  );
}

/** The fields of a row as it says them, null where a blank clears one; errors for cells that cannot be read. */
export function readRow(
  kinds: ReadonlyMap<string, CellKind>,
  mapping: Mapping,
  forms: ValueForms,
  { cells }: Pick<CsvRecord, 'cells'>,
): { readonly fields: Readonly<Record<string, unknown>>; readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = [];
  const fields = Object.entries(fieldsOf(mapping, cells)).map(([field, cell]) => {
    const value = cell === null ? null : valueOf(cell, kinds.get(field) ?? 'text', forms[field]);
    if (value === undefined)
      errors.push({ pointer: pointerOf(field), code: 'unreadable', message: unreadable(kinds.get(field), cell ?? '') });
    return [field, value] as const;
  });
  return { fields: Object.fromEntries(fields), errors };
}

/** Undefined for a cell that cannot be read as what the field is. */
function valueOf(cell: string, kind: CellKind, form: DateForm | DecimalForm | undefined): unknown {
  const text = withFormula(cell).trim();
  switch (kind) {
    case 'text':
      return withFormula(cell);
    case 'date':
      return dateOf(text, form === 'month-first' ? form : 'day-first') ?? undefined;
    case 'decimal':
      return decimalOf(text, form === 'comma' ? form : 'point') ?? undefined;
    case 'number':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
    case 'boolean':
      return yesNo[text.toLowerCase()];
  }
}

/** As people and spreadsheets write them, in the languages that the product sorts by. */
const yesNo: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['1', 'true', 'yes', 'sann', 'ja', 'sant', 'wahr', 'sand', 'oui', 'vrai'].map((word) => [word, true] as const),
  ...['0', 'false', 'no', 'usann', 'nei', 'nej', 'falsch', 'nein', 'falsk', 'non', 'faux'].map(
    (word) => [word, false] as const,
  ),
]);

const kindWords: Readonly<Record<CellKind, string>> = {
  text: 'text', date: 'a date that exists', decimal: 'a decimal', number: 'a whole number', boolean: 'yes or no',
}; // prettier-ignore
const unreadable = (kind: CellKind = 'text', cell: string): string => `“${cell}” is not ${kindWords[kind]}.`;
