import type * as z from 'zod';
import type { pageOf } from '../operation.js';
import type { ViewDeclaration } from '../view.js';
import { type Aggregate, aggregate } from './aggregate.js';
import { type Field, type Fields, status, type text } from './field.js';
import { changed, created, eventOf, type RecordEvent } from './record-events.js';
import { filterOf, listOf, type RecordList, type RecordRead, readOf } from './record-list.js';
import { act, change, create, type RecordCommand } from './record-operations.js';
import { viewOf } from './record-view.js';
import { record, type RecordName, type RecordType, type RowShape } from './record.js';

/*
 * A plain register: units, reasons, tags, categories. One declaration gives the record, its events, its commands (create,
 * change, retire, restore), list, read, decider and screen; `piecesOf` (libs/core/projections) gives its read model. What is used
 * somewhere is retired rather than removed: it stays where it is, and is not offered any more.
 */
type Standing = ReturnType<typeof standing>;
const standing = () => status('Status', { active: null, retired: { icon: 'archive' } });

/** In here a register is one of some fields; the caller's are known where it is declared. */
type Some = RecordType<
  RecordName,
  { readonly called: ReturnType<typeof text>; readonly status: Standing },
  'tenant',
  'id'
>;

export type RegisterRecord<N extends RecordName, F extends Fields> = RecordType<
  N,
  F & { readonly status: Standing },
  'tenant',
  'id'
>;

export interface Register<R extends RecordType = RecordType> {
  readonly kind: 'register';
  readonly record: R;
  readonly events: readonly RecordEvent<`${R['name']}-${string}`>[];
  readonly commands: { readonly [V in 'create' | 'change' | 'retire' | 'restore']: RecordCommand<R, V> };
  readonly list: RecordList<R, string, z.ZodObject, ReturnType<typeof pageOf<z.ZodObject<RowShape<R>>>>>;
  readonly read: RecordRead<R>;
  readonly aggregate: Aggregate;
  readonly view: ViewDeclaration;
}

export function register<const N extends RecordName, const F extends Fields>(
  name: N,
  declared: {
    one: string;
    many: string;
    icon: string;
    key?: string;
    calledBy: keyof F & string;
    fields: F;
    /** In this order in the list; by default all fields. */
    columns?: readonly (keyof F & string)[];
    empty: string;
  },
): Register<RegisterRecord<N, F>> {
  const { fields, columns, empty, calledBy, ...said } = declared;
  const whole: unknown = record(name, { ...said, calledBy: 'status', fields: { ...fields, status: standing() } });
  const one: Some = { ...(whole as Some), calledBy };
  const called = calledBy as 'called';
  const events = [
    created(one),
    changed(one),
    eventOf(one, 'retired', { sets: { status: 'retired' } }),
    eventOf(one, 'restored', { sets: { status: 'active' } }),
  ] as const;
  const commands = {
    create: create(one),
    change: change(one, { when: { status: 'active' } }),
    retire: act(one, 'retire', { says: 'retired', icon: 'archive', when: { status: 'active' }, undo: 'restore' }),
    restore: act(one, 'restore', {
      says: 'restored',
      icon: 'archive-restore',
      when: { status: 'retired' },
      undo: 'retire',
    }),
  };
  const filters = Object.entries<Field>(one.fields).filter(([, field]) => filterOf(field) === 'choices');
  const list = listOf(one, { text: [called], filters: filters.map(([field]) => field as 'status'), sorts: [called] });
  const read = readOf(one);
  const shown = (columns ?? Object.keys(fields)) as readonly 'called'[];
  const [first, next, retired, restored] = events;
  const made: unknown = {
    kind: 'register',
    record: one,
    events,
    commands,
    list,
    read,
    aggregate: aggregate(one, {
      commands: [commands.create, commands.change, commands.retire, commands.restore],
      events,
      rules: { create: first.of, change: next.of, retire: retired.of, restore: restored.of },
    }),
    view: viewOf(list, {
      columns: [...shown, 'status'],
      saved: [{ name: 'In use', where: { status: 'active' } }],
      record: { read, facts: shown.filter((field) => field !== called) },
      actions: { create: commands.create, row: [commands.change, commands.retire, commands.restore] },
      empty,
    }),
  };
  return made as Register<RegisterRecord<N, F>>;
}
