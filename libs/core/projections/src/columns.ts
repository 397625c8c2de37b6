import { acceptsNull, personalPlaces, sealingFaults } from '@daybook/kernel';
import type * as z from 'zod';
import type { TableDeclaration } from './table.js';

/*
 * A table's columns, from the zod schema of its rows, under the fields' own names.
 *
 * - Exact decimals stay exact: `amount` numeric(20,4), other decimals numeric(28,8). They are text in rows.
 * - Text sorts by code point everywhere, whatever the server's locale.
 * - Whole numbers are `integer`, which a row gives back as a number; one that does not fit parks the event.
 * - A value in memory has the form in which it is read back, so that the end of a batch makes no difference.
 */
export type ColumnKind =
  | 'code' | 'text' | 'amount' | 'decimal' | 'date' | 'instant' | 'integer' | 'bigint' | 'float' | 'boolean' | 'uuid'
  | 'json'; // prettier-ignore

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly nullable: boolean;
}

export type Row = Readonly<Record<string, unknown>>;

const known = new WeakMap<TableDeclaration, readonly Column[]>();

export function columnsOf(table: TableDeclaration): readonly Column[] {
  let columns = known.get(table);
  if (!columns) {
    columns = Object.entries(table.row.shape).map(([name, schema]) => columnOf(table, name, schema as z.ZodType));
    for (const reserved of ['tenant', 'valid_from', 'valid_to']) {
      if (columns.some((c) => c.name === reserved)) throw new Error(`${table.name}: the engine owns ${reserved}`);
    }
    checkPersonal(table, columns);
    known.set(table, columns);
  }
  return columns;
}

/** Personal columns must be nullable and name their subject, so that the engine can empty them when the subject is erased. */
function checkPersonal(table: TableDeclaration, columns: readonly Column[]): void {
  const faults = sealingFaults(table.row, 'emptied');
  if (faults.length > 0) throw new Error(`The table ${table.name} cannot be kept. ${faults.join(' ')}`);
  for (const { path, subject, place } of personalPlaces(table.row)) {
    const wrong = (what: string) => new Error(`${table.name}.${path} is personal and ${what}`);
    if (!acceptsNull(place)) throw wrong('must accept null');
    if (table.sequence === path) throw wrong('cannot be a running number');
    if (table.keys.includes(path)) throw wrong('cannot be a key');
    const column = columns.find((c) => c.name === path) && columns.find((c) => c.name === subject);
    if (column && column.kind !== 'uuid' && column.kind !== 'code' && column.kind !== 'text') {
      throw wrong(`names no subject in ${subject}`);
    }
  }
}

function columnOf(table: TableDeclaration, name: string, schema: z.ZodType): Column {
  const { inner, nullable } = unwrap(schema);
  const isKey = table.keys.includes(name);
  if (isKey && nullable) throw new Error(`${table.name}.${name}: a key cannot be null`);
  if (table.sequence === name) return { name, kind: 'bigint', nullable: false };
  const kind = kindOf(inner);
  if (!kind) throw new Error(`${table.name}.${name}: no column type for zod ${inner._zod.def.type}`);
  return { name, kind: isKey && kind === 'text' ? 'code' : kind, nullable };
}

function unwrap(schema: z.ZodType): { inner: z.ZodType; nullable: boolean } {
  let [inner, nullable] = [schema, false];
  for (;;) {
    const def = inner._zod.def as { type: string; innerType?: z.ZodType };
    if (def.type === 'nullable' || def.type === 'optional') nullable = true;
    else if (def.type !== 'default' && def.type !== 'readonly') return { inner, nullable };
    inner = def.innerType!;
  }
}

/** The id given by `.meta`; `.describe` makes a copy without it, whose parent has it. */
function metaId(schema: z.ZodType): string | undefined {
  for (let s: z.ZodType | undefined = schema; s; s = s._zod.parent as z.ZodType | undefined) {
    const id = s.meta()?.id;
    if (id) return id;
  }
  return undefined;
}

function kindOf(schema: z.ZodType): ColumnKind | undefined {
  const def = schema._zod.def as { type: string; format?: string };
  switch (def.type) {
    case 'string':
      return stringKind(metaId(schema), def.format);
    case 'number':
      return def.format === 'safeint' || def.format === 'int32' || def.format === 'uint32' ? 'integer' : 'float';
    case 'boolean':
      return 'boolean';
    case 'enum':
    case 'literal':
      return 'code';
    case 'object':
    case 'array':
    case 'record':
    case 'tuple':
    case 'union':
    case 'intersection':
    case 'unknown':
      return 'json';
    default:
      return undefined;
  }
}

function stringKind(id: string | undefined, format: string | undefined): ColumnKind {
  if (id === 'Amount') return 'amount';
  if (id === 'Decimal') return 'decimal';
  if (id === 'PlainDate' || format === 'date') return 'date';
  if (id === 'Instant' || format === 'datetime') return 'instant';
  return format === 'uuid' ? 'uuid' : 'text';
}

/** The row with exactly the table's fields, in the form in which the database returns them. */
export function canonicalRow(table: TableDeclaration, row: Readonly<Record<string, unknown>>): Row {
  const canonical: Record<string, unknown> = {};
  for (const column of columnsOf(table)) {
    const value = row[column.name] ?? null;
    if (value === null && !column.nullable && table.sequence !== column.name) {
      throw new Error(`${table.name}.${column.name} has no value`);
    }
    canonical[column.name] = value === null ? null : canonicalValue(table, column, value);
  }
  return Object.freeze(canonical);
}

/** The values of some fields, in the same form. */
export function canonicalFields(table: TableDeclaration, fields: Readonly<Record<string, unknown>>): Row {
  return Object.freeze(
    Object.fromEntries(
      Object.entries(fields).map(([name, value = null]) => {
        const column = columnsOf(table).find((c) => c.name === name);
        if (!column || (value === null && !column.nullable)) throw new Error(`${table.name}.${name} has no such value`);
        return [name, value === null ? null : canonicalValue(table, column, value)];
      }),
    ),
  );
}

/** The values of the key's fields, in the same form. */
export function canonicalKey(table: TableDeclaration, fields: Readonly<Record<string, unknown>>): readonly unknown[] {
  return table.keys.map((name) => {
    const value = fields[name] ?? null;
    if (value === null) throw new Error(`${table.name}: key field ${name} is missing`);
    return canonicalValue(
      table,
      columnsOf(table).find((c) => c.name === name)!,
      value,
    );
  });
}

function canonicalValue(table: TableDeclaration, { name, kind }: Column, value: unknown): unknown {
  // Without the value: the error is stored with the parked event, and the value may be personal.
  const wrong = () => new Error(`${table.name}.${name} cannot hold such a ${typeof value}: it is of kind ${kind}`);
  switch (kind) {
    case 'amount':
    case 'decimal':
      if (typeof value !== 'string') throw wrong();
      return plainDecimal(value);
    case 'instant':
      if (typeof value !== 'string') throw wrong();
      return plainInstant(value);
    case 'integer':
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrong();
      return value;
    case 'bigint':
      return String(value);
    case 'uuid':
      if (typeof value !== 'string') throw wrong();
      return value.toLowerCase();
    case 'code':
    case 'text':
    case 'date':
      if (typeof value !== 'string') throw wrong();
      return value;
    default:
      return value;
  }
}

/** Normalises `12.5000` to `12.5`. */
const plainDecimal = (text: string): string => {
  const trimmed = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return trimmed === '-0' ? '0' : trimmed;
};

/** RFC 3339 in UTC, microseconds without trailing zeros, like the connection's parser. */
function plainInstant(text: string): string {
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  const seconds = new Date(text.replace(/\.\d+/, '')).toISOString().slice(0, 19);
  const micros = fraction.slice(0, 6).replace(/0+$/, '');
  return `${seconds}${micros && '.'}${micros}Z`;
}

/** The description from which `projections.create_schema` creates tables. */
export const describeTable = (table: TableDeclaration) => ({
  name: table.name,
  history: table.history,
  sequence: table.sequence,
  columns: columnsOf(table),
  keys: table.keys,
  indexes: table.indexes,
});
