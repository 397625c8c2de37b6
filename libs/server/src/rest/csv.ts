import type { QueryOperation } from '@daybook/kernel';
import * as z from 'zod';

/*
 * CSV after RFC 4180: CRLF, quotes doubled, a header line. Free of locale: decimal points and ISO dates, as in JSON
 * (DECISIONS 16). Text that a spreadsheet would run as a formula is defused with an apostrophe (OWASP, CSV injection).
 */
type Schema = z.core.JSONSchema._JSONSchema;

const formulaStart = /^[=+\-@\t\r]/;
const plainNumber = /^-?\d+(\.\d+)?$/;

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
  const safe = formulaStart.test(text) && !plainNumber.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Columns in the order of the declared row schema. */
export function columnsOf(operation: QueryOperation): readonly string[] {
  const whole = z.toJSONSchema(operation.output, { unrepresentable: 'any' });
  const defs = (whole.$defs ?? {}) as Record<string, Schema>;
  const resolve = (schema: Schema | undefined): z.core.JSONSchema.BaseSchema | undefined => {
    if (schema === undefined || typeof schema === 'boolean') return undefined;
    return schema.$ref ? resolve(defs[schema.$ref.split('/').at(-1)!]) : schema;
  };
  const rows = resolve(resolve(whole)?.properties?.[operation.rows ?? '']);
  const items = Array.isArray(rows?.items) ? rows.items[0] : rows?.items;
  return Object.keys(resolve(items)?.properties ?? {});
}

export function toCsv(columns: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): string {
  const lines = [columns.map(cell), ...rows.map((row) => columns.map((column) => cell(row[column])))];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

/** Does the caller prefer CSV? Only an explicit `text/csv` counts; `*` means JSON. */
export function wantsCsv(accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').map((range) => {
    const [type = '', ...parameters] = range.trim().toLowerCase().split(';');
    const q = parameters.map((p) => /^\s*q=([\d.]+)\s*$/.exec(p)?.[1]).find((v) => v !== undefined);
    return { type: type.trim(), q: q === undefined ? 1 : Number(q) };
  });
  const weight = (type: string) => ranges.find((r) => r.type === type)?.q ?? 0;
  return weight('text/csv') > 0 && weight('text/csv') > weight('application/json');
}
