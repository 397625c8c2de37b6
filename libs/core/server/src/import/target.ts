import {
  type CommandOperation,
  type CustomField,
  hasCustom,
  type QueryOperation,
  type RecordCommand,
  type RecordList,
  type RecordType,
  reject,
  type Rejection,
} from '@daybook/kernel';
import type { Bindings } from '../dispatch/bindings.js';
import type { StateCache } from '../state/state-cache.js';

/* What rows can be run as: a command, and where it is one of a record, what else the record has. */
export interface Target {
  readonly operation: CommandOperation;
  /** Null for a command that was declared without the kit: its rows match no records. */
  readonly kit: {
    readonly record: RecordType;
    readonly does: RecordCommand['of']['does'];
    readonly change: CommandOperation | null;
    readonly list: QueryOperation | null;
  } | null;
} // prettier-ignore

const isOfRecord = <O extends CommandOperation | QueryOperation>(
  operation: O,
): operation is O & { readonly of: RecordCommand['of'] | RecordList['of'] } => 'of' in operation;

/** Every command can be run for rows that may be sent twice: not those that answer secrets, and none that needs a fresh sign-in. */
export function targetNamed(bindings: Bindings, name: string): Target | Rejection {
  const operation = bindings.operations.find((one) => one.name === name);
  if (operation?.kind !== 'command') {
    const message = 'There is no command with this name.';
    const errors = [{ pointer: '/operation', code: 'platform.command-not-found', message }];
    return reject('platform.command-not-found', message, { status: 404, errors });
  }
  if (operation.sensitive || !operation.acceptsIdempotencyKey || operation.permission === null) {
    return reject('platform.import-refused', `"${operation.title}" takes or answers what no file may have, or needs the person each time. Run it one by one.`); // prettier-ignore
  }
  if (!isOfRecord(operation) || !('does' in operation.of)) return { operation, kit: null };
  const { record, does } = operation.of;
  const ofRecord = bindings.operations.filter(isOfRecord).filter(({ of }) => of.record.name === record.name);
  const change = ofRecord.find((one) => one.kind === 'command' && 'does' in one.of && one.of.does === 'change');
  const list = ofRecord.find((one) => one.kind === 'query' && one.rows !== null);
  return {
    operation,
    kit: {
      record,
      does,
      change: change?.kind === 'command' ? change : null,
      list: list?.kind === 'query' ? list : null,
    },
  };
}

/** Fields by which a row can be matched with a record: what names it, and what no two have. */
export const matchFields = ({ record }: Pick<NonNullable<Target['kit']>, 'record'>): readonly string[] => [
  record.id,
  ...Object.entries(record.fields).flatMap(([name, { options, kind }]) =>
    name !== record.id && (options.unique !== undefined || kind === 'email' || kind === 'code') ? [name] : [],
  ),
];

/** The custom fields of its records, as they are defined now. */
export async function customFieldsOf(
  { kit }: Target,
  tenant: string,
  { bindings, states }: { readonly bindings: Bindings; readonly states: StateCache },
): Promise<readonly CustomField[]> {
  if (!kit || !hasCustom(kit.record) || bindings.customFields === null) return [];
  return (await states.of(bindings.customFields.state).current(tenant)).get(kit.record.name) ?? [];
}
