import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type Column, columnsOf } from './columns.js';
import type { TableDeclaration } from './table.js';

/** The contract of a table for readers of another version. */
export interface TableContract {
  readonly name: string;
  readonly history: TableDeclaration['history'];
  readonly keys: readonly string[];
  readonly columns: readonly (Column & { /** The type within a JSON column. */ readonly holds?: string })[];
}

export const contractOf = (table: TableDeclaration): TableContract => ({
  name: table.name,
  history: table.history,
  keys: table.keys,
  columns: columnsOf(table).map((column) =>
    column.kind === 'json' ? { ...column, holds: digestOf(table.row.shape[column.name] as z.ZodType) } : column,
  ),
});

const digestOf = (schema: z.ZodType): string =>
  createHash('sha256')
    .update(JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' })))
    .digest('hex')
    .slice(0, 16);

/** Can a program with the tables `wanted` read the tables `given`? */
export const covers = (given: readonly TableContract[], wanted: readonly TableContract[]): boolean =>
  wanted.every((mine) => {
    const theirs = given.find(({ name }) => name === mine.name);
    return (
      theirs !== undefined &&
      theirs.history === mine.history &&
      theirs.keys.join() === mine.keys.join() &&
      mine.columns.every(({ name, kind, nullable, holds }) =>
        theirs.columns.some(
          (c) => c.name === name && c.kind === kind && c.holds === holds && (nullable || !c.nullable),
        ),
      )
    );
  });
