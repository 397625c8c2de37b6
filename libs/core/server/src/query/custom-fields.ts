import {
  customCondition,
  type CustomField,
  type Customizable,
  type CustomKind,
  customValue,
  type CustomValues,
  reject,
  RejectionError,
} from '@daybook/kernel';
import { anyOf } from '@daybook/projections';
import { type RawBuilder, sql } from 'kysely';
import type { QueryContext } from '../binding.js';
import type { CustomFieldRegistry } from '../context.js';
import type { Sort } from './keyset.js';

/*
 * What a list is asked of custom fields, in SQL: by the definitions as known at the moment that is read. Figures compare as
 * figures, dates as dates, words by their sort key. A key has one kind for ever, so that every value of it can be compared.
 */
type Row = Readonly<Record<string, unknown>>;
export interface AskedCustom {
  readonly where: readonly RawBuilder<boolean>[];
  readonly sort: Sort | null;
}

/** `alias`: of the table in the query; its columns are `custom` and `customSort` (`customKeysOf`). */
export async function customAsked(
  registry: CustomFieldRegistry | null,
  record: Customizable | null,
  input: Row,
  read: QueryContext,
  alias = 't',
): Promise<AskedCustom> {
  const conditions = (input['custom'] ?? []) as readonly string[];
  const sort = input['customSort'] as string | undefined;
  if (record === null || (conditions.length === 0 && sort === undefined)) return { where: [], sort: null };
  const fields = new Map((await registry?.fieldsAt(read, record.name))?.map((field) => [field.key, field]));
  const fieldAt = (key: string, pointer: string): CustomField => {
    const field = fields.get(key);
    if (field) return field;
    throw invalid(pointer, `No custom field of ${record.many} is called ${key}.`);
  };
  const asked = conditions.map((text, index) => {
    const condition = customCondition(text);
    const pointer = `/custom/${index}`;
    const field = fieldAt(condition.key, pointer);
    return { ...condition, field, value: valueOf(field, condition, pointer) };
  });
  const groups = Map.groupBy(asked, ({ key, is }) => `${key}${is}`);
  return {
    where: [...groups.values()].map((same) => {
      const [{ field, is, value }] = same as [(typeof same)[0]];
      const [left, right] = [valueIn(alias, field), comparable(field.kind, value)];
      if (is === '>=') return sql<boolean>`${left} >= ${right}`;
      if (is === '<=') return sql<boolean>`${left} <= ${right}`;
      return field.kind === 'number'
        ? sql<boolean>`(${sql.join(
            same.map((one) => sql`${left} = ${comparable('number', one.value)}`),
            sql` or `,
          )})`
        : sql<boolean>`${left} = ${anyOf(same.map((one) => one.value))}`;
    }),
    sort:
      sort === undefined ? null : sortBy(alias, fieldAt(sort.replace(/^-/, ''), '/customSort'), sort.startsWith('-')),
  };
}

const ranged: ReadonlySet<CustomKind> = new Set(['number', 'date']);

function valueOf(field: CustomField, { is, value }: { is: string; value: string }, pointer: string): string {
  if (is !== '=' && !ranged.has(field.kind))
    throw invalid(pointer, `${field.label} is no figure and no date, so it is compared by = only.`);
  // Words that are not offered any more are still found.
  if (field.kind === 'choice') return value;
  const said = field.kind === 'yes-no' ? { true: true, false: false }[value] : value;
  const found = said === undefined ? { problem: `${field.label} is true or false.` } : customValue(field, said);
  if ('problem' in found) throw invalid(pointer, found.problem);
  return String(found.value);
}

type Column = 'custom' | 'customSort';
const text = (alias: string, column: Column, key: string) => sql`${sql.ref(`${alias}.${column}`)} ->> ${key}::text`;
const json = (alias: string, column: Column, key: string) => sql`(${text(alias, column, key)}) collate "C"`;
const valueIn = (alias: string, { kind, key }: CustomField) =>
  kind === 'number' ? sql`(${text(alias, 'custom', key)})::numeric` : json(alias, 'custom', key);
const comparable = (kind: CustomKind, value: string) => (kind === 'number' ? sql`${value}::numeric` : sql`${value}`);

function sortBy(alias: string, field: CustomField, down: boolean): Sort {
  const { key, kind } = field;
  const column = kind === 'text' || kind === 'choice' ? 'customSort' : 'custom';
  return {
    expression: column === 'custom' ? valueIn(alias, field) : json(alias, 'customSort', key),
    of: (row) => (row[column] as CustomValues | null)?.[key],
    down,
    nullable: true,
  };
}

const invalid = (pointer: string, message: string): RejectionError =>
  new RejectionError(
    reject('platform.invalid-input', message, { status: 400, errors: [{ pointer, code: 'invalid', message }] }),
  );
