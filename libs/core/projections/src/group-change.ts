import { personalPlaces } from '@daybook/kernel';
import { canonicalFields, type Row } from './columns.js';
import type { GroupChange, TableDeclaration } from './table.js';

/*
 * One change for all rows of a tenant that have the same values in the first fields of an index: one statement, whatever their
 * number (writeGroup in rows.ts). Invariants:
 *
 * - It changes the rows as they are after everything before it, in the same event and in earlier ones.
 * - A row that has the values already keeps its version; any other gets a new one, and what it was becomes history.
 * - Keys, running numbers and personal data belong to one row, and are not changed so.
 */
export interface CheckedGroup {
  readonly where: Row;
  readonly set: Row;
}

/** The values in the form in which the database returns them. Throws for a change that cannot be made. */
export function checkedGroup({ table, where, set }: GroupChange): CheckedGroup {
  const wrong = (what: string) => new Error(`${table.name}: a change of many rows ${what}`);
  if (table.history === 'append-only') throw wrong('needs a table whose rows change');
  if (![table.keys, ...table.indexes].some((index) => isStart(index, Object.keys(where)))) {
    throw wrong(`needs an index that begins with ${Object.keys(where).join(', ')}`);
  }
  const own = ownOf(table);
  const refused = Object.keys(set).find((name) => own.has(name));
  if (refused !== undefined) throw wrong(`cannot set ${refused}`);
  if (Object.values(where).includes(null)) throw wrong('needs values to find them by');
  return { where: canonicalFields(table, where), set: canonicalFields(table, set) };
}

const isStart = (index: readonly string[], names: readonly string[]): boolean =>
  names.length > 0 &&
  names.length <= index.length &&
  index.slice(0, names.length).every((name) => names.includes(name));

const known = new WeakMap<TableDeclaration, ReadonlySet<string>>();
/** What belongs to one row alone. */
function ownOf(table: TableDeclaration): ReadonlySet<string> {
  const own =
    known.get(table) ??
    new Set([
      ...table.keys,
      ...(table.sequence === null ? [] : [table.sequence]),
      ...personalPlaces(table.row).map(({ path }) => /^[^.[]+/.exec(path)![0]),
    ]);
  known.set(table, own);
  return own;
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
/** What the statement does, for one row in memory: the same row if it is not changed. */
export function inGroup({ where, set }: CheckedGroup, row: Row): Row {
  const matches = Object.entries(where).every(([name, value]) => isSame(row[name], value));
  const changes = Object.entries(set).some(([name, value]) => !isSame(row[name], value));
  return matches && changes ? Object.freeze({ ...row, ...set }) : row;
}
