import { type CsvColumn, type CsvFormName, type QueryOperation } from '@daybook/kernel';
import * as z from 'zod';

/** Lists as CSV, by content negotiation; the form is a parameter of the media type. */
type Schema = z.core.JSONSchema._JSONSchema;

const decimalSchemas = new Set(['Decimal', 'Amount', 'Total']);

/** Columns in the order of the declared row schema. */
export function columnsOf(operation: QueryOperation): readonly CsvColumn[] {
  const whole = z.toJSONSchema(operation.output, { unrepresentable: 'any' });
  const defs = (whole.$defs ?? {}) as Record<string, Schema>;
  const nameOf = ({ $ref }: z.core.JSONSchema.BaseSchema): string | undefined => $ref?.split('/').at(-1);
  const resolve = (schema: Schema | undefined): z.core.JSONSchema.BaseSchema | undefined => {
    if (schema === undefined || typeof schema === 'boolean') return undefined;
    return schema.$ref ? resolve(defs[nameOf(schema)!]) : schema;
  };
  const isDecimal = (schema: Schema): boolean => {
    if (typeof schema === 'boolean') return false;
    return decimalSchemas.has(nameOf(schema) ?? '') || (schema.anyOf ?? []).some(isDecimal);
  };
  const rows = resolve(resolve(whole)?.properties?.[operation.rows ?? '']);
  const items = Array.isArray(rows?.items) ? rows.items[0] : rows?.items;
  const properties = Object.entries(resolve(items)?.properties ?? {});
  return properties.map(([name, schema]) => ({ name, isDecimal: isDecimal(schema) }));
}

/** The CSV form that the caller accepts, null for JSON. Only an explicit `text/csv` counts; a wildcard means JSON. */
export function wantedCsv(accept: string | undefined): CsvFormName | null {
  const ranges = (accept ?? '').split(',').map((range) => {
    const [type = '', ...parameters] = range.toLowerCase().split(';');
    const given = new URLSearchParams(parameters.map((parameter) => parameter.trim()).join('&'));
    return { type: type.trim(), q: Number(given.get('q') ?? '1') || 0, form: given.get('form') };
  });
  const best = (type: string) => ranges.filter((range) => range.type === type).sort((a, b) => b.q - a.q)[0];
  const csv = best('text/csv');
  if (csv === undefined || csv.q <= (best('application/json')?.q ?? 0)) return null;
  return csv.form === 'excel' ? 'excel' : 'plain';
}

export const csvTypeOf = (form: CsvFormName): string =>
  `text/csv; charset=utf-8; header=present${form === 'plain' ? '' : `; form=${form}`}`;
