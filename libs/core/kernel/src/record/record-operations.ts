import * as z from 'zod';
import { type CommandOperation, command, type commandResult, type CommandResult } from '../operation.js';
import { hasCustom } from './custom.js';
import type { Fields } from './field.js';
import {
  a,
  changeableFields,
  changeShape,
  type ChangeShape,
  contextNameOf,
  enteredFields,
  hasGivenId,
  inputShape,
  type InputShape,
  createShape,
  type CreatedShape,
  type CreateShape,
  keyShape,
  type KeyShape,
  type RecordType,
  type RowOfRecord,
} from './record.js';

/*
 * The commands of a record. Name, permission, route, sentence and If-Match follow the convention; each may be said otherwise.
 *
 *   create(contact)             POST  /v1/crm/contacts            "created the contact {name}"
 *   change(contact)             PATCH /v1/crm/contacts/{id}       If-Match required
 *   act(contact, 'archive', …)  POST  /v1/crm/contacts/{id}/archive
 */
export type Does = 'create' | 'change' | 'act';

/** The values of the record's fields in which a command is possible; otherwise it is refused, and the console does not offer it. */
export type When<R> = {
  readonly [K in keyof RowOfRecord<R>]?: RowOfRecord<R>[K] extends string | boolean | null
    ? RowOfRecord<R>[K] | readonly RowOfRecord<R>[K][]
    : never;
};

export interface RecordCommand<
  R extends RecordType = RecordType,
  V extends string = string,
  D extends Does = Does,
  I extends z.ZodObject = z.ZodObject,
  A = z.output<I>,
> extends CommandOperation<`${R['name']}.${V}`, I, typeof commandResult> {
  /** For the compiler: what the command's rule gets. A new record comes with its id, and with what is filled in for the caller. */
  readonly asks?: A;
  readonly of: {
    readonly record: R;
    readonly verb: V;
    readonly does: D;
    readonly when: Readonly<Record<string, unknown>>;
    /** The word on its button: "Archive". */
    readonly label: string;
    readonly icon: string | null;
    /** What it asks besides what names the record, in this order. */
    readonly fields: Fields;
    readonly destructive: boolean;
  };
}

type Otherwise = Partial<
  Pick<
    CommandOperation,
    'title' | 'description' | 'http' | 'permission' | 'says' | 'ifMatch' | 'scope' | 'sensitive' | 'delegated'
  >
> &
  Partial<{ readonly [K in 'approvable' | 'notBy']: NonNullable<CommandOperation[K]> }>;

interface Acting<R, S extends Fields> extends Otherwise {
  /** The word on its button, in the imperative; by default the verb: "Archive". */
  readonly title?: string;
  /** Past tense: `archived`, to which the sentence of the trail adds which record; or a whole predicate with `{fields}`. */
  readonly says: string;
  /** What it asks besides the record. */
  readonly input?: S;
  readonly when?: When<R>;
  /** The verb of the record's command that takes it back. */
  readonly undo?: string;
  readonly icon?: string;
  /** Shown in red: it takes something away. */
  readonly destructive?: boolean;
}

export const create = <R extends RecordType, const V extends string = 'create'>(
  record: R,
  /** `undo`: the verb of the command that takes it back, `archive`. */
  declared: Otherwise & { readonly verb?: V; readonly undo?: string } = {},
): RecordCommand<R, V, 'create', z.ZodObject<CreateShape<R>>, z.output<z.ZodObject<CreatedShape<R>>>> =>
  made(record, declared.verb ?? ('create' as V), 'create', createShape(record), {
    title: `Create ${a(record.one)}`,
    label: `New ${record.one}`,
    fields: Object.fromEntries(enteredFields(record)),
    http: `POST ${pathOf(record)}`,
    says: `created the ${record.one} {${record.calledBy}}`,
    ...declared,
  });

export const change = <R extends RecordType, const V extends string = 'change'>(
  record: R,
  declared: Otherwise & { readonly verb?: V; readonly when?: When<R> } = {},
): RecordCommand<R, V, 'change', z.ZodObject<ChangeShape<R>>> =>
  made(record, declared.verb ?? ('change' as V), 'change', changeShape(record), {
    title: `Change ${a(record.one)}`,
    label: `Change ${record.one}`,
    fields: Object.fromEntries(changeableFields(record)),
    description: 'Fields that are left out stay as they are; null empties one.',
    http: `PATCH ${pathOf(record)}/{${record.id}}`,
    says: `changed the ${record.one} {${record.calledBy}}`,
    ifMatch: 'required',
    icon: 'pencil',
    ...declared,
  });

export const act = <R extends RecordType, const V extends string, const S extends Fields = Record<never, never>>(
  record: R,
  verb: V,
  declared: Acting<R, S>,
): RecordCommand<R, V, 'act', z.ZodObject<KeyShape<R> & InputShape<S>>> =>
  made(
    record,
    verb,
    'act',
    { ...keyShape(record), ...inputShape(record, declared.input ?? {}) } as KeyShape<R> & InputShape<S>,
    {
      http: `POST ${pathOf(record)}/{${record.id}}/${verb}`,
      ifMatch: 'optional',
      ...declared,
      says: declared.says.includes('{') ? declared.says : `${declared.says} the ${record.one} {${record.calledBy}}`,
      label: declared.title ?? capital(verb),
      fields: declared.input ?? {},
      title: `${declared.title ?? capital(verb)} ${a(record.one)}`,
    },
  );
const capital = (verb: string): string => verb.charAt(0).toUpperCase() + verb.slice(1).replaceAll('-', ' ');

const commands = new WeakMap<RecordType, Map<string, RecordCommand>>();
/** The commands of a record that were declared so far; a verb names one of them. */
export const commandsOf = (record: RecordType): readonly RecordCommand[] => [...(commands.get(record)?.values() ?? [])];

function made<R extends RecordType, V extends string, D extends Does, S extends z.ZodRawShape, A>(
  record: R,
  verb: V,
  does: D,
  shape: S,
  declared: Otherwise & { title: string; label: string; http: CommandOperation['http']; says: string } & {
    readonly when?: unknown;
    readonly undo?: string;
    readonly icon?: string;
    readonly fields: Fields;
    readonly destructive?: boolean;
  },
): RecordCommand<R, V, D, z.ZodObject<S>, A> {
  const { when, undo, icon, label, fields, destructive = false, ...said } = declared;
  const name = `${record.name as R['name']}.${verb}` as const;
  const operation = command(name, {
    ...said,
    input: z.object(shape),
    ...(does !== 'act' && hasCustom(record) ? { custom: { record, does } } : {}),
    ...(undo === undefined
      ? {}
      : {
          undo: {
            operation: () => verbOf(record, undo),
            input: (input: Record<string, unknown>, { id }: CommandResult) => keyOf(record, input, id),
          },
        }),
  });
  const of = {
    record,
    verb,
    does,
    label,
    fields,
    destructive,
    icon: icon ?? null,
    when: (when ?? {}) as RecordCommand['of']['when'],
  };
  const whole = { ...operation, of };
  commands.set(
    record,
    (commands.get(record) ?? new Map<string, RecordCommand>()).set(verb, whole as unknown as RecordCommand),
  );
  return whole;
}

function verbOf(record: RecordType, verb: string): CommandOperation {
  const found = commands.get(record)?.get(verb);
  if (!found) throw new Error(`${record.name} has no command ${verb} to undo with.`);
  return found;
}
const keyOf = (record: RecordType, input: Record<string, unknown>, id: string): Record<string, unknown> => ({
  ...(record.within === 'company' ? { companyId: input['companyId'] } : {}),
  [record.id]: hasGivenId(record) ? id : input[record.id],
});

/** `/v1/crm/contacts`; of a company `/v1/accounting/companies/{companyId}/accounts`. */
export const pathOf = (record: RecordType): `/v1/${string}` =>
  `/v1/${contextNameOf(record)}/${record.within === 'company' ? 'companies/{companyId}/' : ''}${pluralOf(record)}`;
/** The many in an address: `credit-notes`. */
export const pluralOf = ({ many }: RecordType): string => many.toLowerCase().replaceAll(/[^a-z\d]+/g, '-');
