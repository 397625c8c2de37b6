import {
  type CsvColumn,
  type CustomField,
  type CustomKind,
  type QueryOperation,
  reject,
  type Rejection,
} from '@daybook/kernel';
import * as z from 'zod';

/** How the values of a column are written where a file has types: a decimal is text in JSON and a number in a spreadsheet. */
export type CellKind = 'text' | 'decimal' | 'number' | 'date' | 'boolean';
export interface FileColumn extends CsvColumn {
  readonly as: CellKind;
  /**
   * `roles.name`: the value is an object or a list of them, and this field of each is written, none twice. `custom.region`: a
   * custom field, with its own type.
   */
  readonly of?: { readonly field: string; readonly each: string };
}

export type Row = Readonly<Record<string, unknown>>;

type Schema = z.core.JSONSchema._JSONSchema;
const decimals = new Set(['Decimal', 'Amount', 'Total']);

/** The kinds of the fields of an object, or of the items of a list of objects, as JSON schema says them; in its order. */
export function cellKinds(whole: z.core.JSONSchema.BaseSchema, list?: string): ReadonlyMap<string, CellKind> {
  const defs = (whole.$defs ?? {}) as Record<string, Schema>;
  const nameOf = ({ $ref }: z.core.JSONSchema.BaseSchema): string => $ref?.split('/').at(-1) ?? '';
  const resolve = (schema: Schema | undefined): z.core.JSONSchema.BaseSchema | undefined => {
    if (schema === undefined || typeof schema === 'boolean') return undefined;
    return schema.$ref ? resolve(defs[nameOf(schema)]) : schema;
  };
  const kindOf = (schema: Schema): CellKind => {
    if (typeof schema === 'boolean') return 'text';
    if (decimals.has(nameOf(schema))) return 'decimal';
    if (nameOf(schema) === 'PlainDate') return 'date';
    const resolved = resolve(schema);
    if (resolved?.type === 'integer' || resolved?.type === 'number') return 'number';
    if (resolved?.type === 'boolean') return 'boolean';
    return (resolved?.anyOf ?? []).map(kindOf).find((kind) => kind !== 'text') ?? 'text';
  };
  const items = list === undefined ? whole : resolve(resolve(whole)?.properties?.[list])?.items;
  const fields = resolve(Array.isArray(items) ? items[0] : items)?.properties ?? {};
  return new Map(Object.entries(fields).map(([name, schema]) => [name, kindOf(schema)]));
}

/** The columns of a list, in the order of its declared row schema. */
export const columnsOf = ({ output, rows }: QueryOperation): readonly FileColumn[] =>
  [...cellKinds(z.toJSONSchema(output, { unrepresentable: 'any' }), rows ?? '')].map(([name, as]) => ({
    name,
    as,
    isDecimal: as === 'decimal',
  }));

export const customCells: Readonly<Record<CustomKind, CellKind>> = {
  text: 'text',
  number: 'decimal',
  date: 'date',
  choice: 'text',
  'yes-no': 'boolean',
  person: 'text',
};
const customColumn = ({ key, kind }: CustomField): FileColumn => {
  const as = customCells[kind];
  return { name: `custom.${key}`, as, isDecimal: as === 'decimal', of: { field: 'custom', each: key } };
};

/**
 * Fields of the rows by name, in this order; `roles.name` is the field `name` of each of the roles. Where nothing is chosen,
 * these custom fields stand one by one in the place of all of them.
 */
export function chosenColumns(
  operation: QueryOperation,
  chosen: readonly string[] | null,
  customFields: readonly CustomField[] = [],
): readonly FileColumn[] | Rejection {
  const columns = columnsOf(operation);
  const custom = customFields.map(customColumn);
  if (chosen === null)
    return columns.flatMap((column) => (column.name === 'custom' && custom.length > 0 ? custom : [column]));
  const byName = new Map([...columns, ...custom].map((column) => [column.name, column]));
  const wanted = [...new Set(chosen)].map((name) => ({ name, parts: name.split('.') }));
  const unknown = wanted.find(({ parts: [field = '', , more] }) => !byName.has(field) || more !== undefined);
  if (unknown) {
    const message = `The rows of this list have no field ${unknown.name}.`;
    const pointer = `/columns/${chosen.indexOf(unknown.name)}`;
    const errors = [{ pointer, code: 'invalid', message }];
    return reject('platform.invalid-input', message, { status: 400, errors });
  }
  return wanted.map(({ name, parts: [field = '', each] }) =>
    each === undefined || byName.has(name)
      ? byName.get(name)!
      : { name, as: 'text' as const, isDecimal: false, of: { field, each } },
  );
}

/** What of a row is written. */
export const picked = (columns: readonly FileColumn[], row: Row): Row =>
  Object.fromEntries(
    columns.map(({ name, as, of }) => {
      if (!of) return [name, row[name] ?? null];
      return [name, of.field === 'custom' ? customOf(row, of.each, as) : fieldOfEach(row[of.field], of.each)];
    }),
  );

/** One whose field is not known any more is text. */
function customOf(row: Row, key: string, as: CellKind): unknown {
  const value = (row['custom'] as Row | null)?.[key] ?? null;
  return as === 'text' && value !== null ? String(value) : value;
}

function fieldOfEach(value: unknown, field: string): unknown {
  if (typeof value !== 'object' || value === null) return null;
  const values = [value].flat().map((one) => (one as Row)[field]);
  return [...new Set(values.filter((one) => one !== null && one !== undefined))];
}
