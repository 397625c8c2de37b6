import {
  daybookNamespace,
  type EventDeclaration,
  eventIdOf,
  type EventMeta,
  type EventOf,
  nameId,
  type NewEvent,
  type Recorded,
  type RecordedEvent,
} from '@daybook/kernel';
import { canonicalKey, columnsOf } from '../columns.js';
import { appliedBy, changesOf, readsStaged, stagedChangesOf } from '../changes.js';
import { withoutSubject } from '../erase.js';
import { Fold, type Version } from '../fold.js';
import { checkedGroup, inGroup } from '../group-change.js';
import type { Projection } from '../projection.js';
import { type GroupChange, isGroup, type RowChange, type TableChange, type TableDeclaration } from '../table.js';

/*
 * How deciders and projections are specified, as pure functions: given events, when a command, then events or a rejection; given
 * events, then rows. Uses the engine's fold, with rows kept in memory.
 *
 *   const { given } = deciding(contactAggregate);
 *   expect(outcome(given(created).when('crm.contact.archive', { id }))).toEqual([contactArchived.of({ id })]);
 *   expect(rowsAfter(trialBalance, [recorded(entryPosted, {…})]).lines).toEqual([…]);
 *   expect(projected(contactProjection, [created, archived])['contacts']).toMatchObject([{ status: 'archived' }]);
 */
export * from '@daybook/kernel/testing/given';

export const testTenant = '0190a1b2-0000-7000-8000-00000000a001';

const declarations = new WeakMap<RecordedEvent, EventDeclaration>();
const defaultStream = `testing.stream-${testTenant}-1`;
let count = 0;

/** An event as read from the store. Positions increase; everything can be overridden, `meta` in parts. */
export function recorded<E extends EventDeclaration>(
  declaration: E,
  data: EventOf<E>['data'],
  overrides: Partial<Omit<RecordedEvent, 'meta' | 'data' | 'type'>> & { meta?: Partial<EventMeta> } = {},
): Recorded<E> {
  count += 1;
  const commandId = overrides.meta?.commandId ?? nameId(daybookNamespace, 'testing', String(count));
  const record = declaration.record(data);
  const companyId = declaration.company(data);
  const about = declaration.about(data);
  const event: RecordedEvent = {
    id: eventIdOf(commandId, overrides.stream ?? defaultStream, 0),
    version: declaration.version,
    stream: defaultStream,
    revision: count,
    position: BigInt(count),
    recordedAt: '2026-03-31T12:00:00Z',
    ...overrides,
    type: declaration.name,
    data,
    meta: {
      tenant: testTenant,
      actor: { kind: 'person', id: 'ingrid' },
      operation: 'testing.note.write',
      commandId,
      index: 0,
      count: 1,
      correlationId: commandId,
      causationId: null,
      channel: 'rest',
      address: null,
      reason: null,
      inputHmac: '',
      record: { ...record, version: 1 },
      ...(companyId === null ? {} : { companyId }),
      ...(about === null ? {} : { about }),
      ...overrides.meta,
    },
  };
  declarations.set(event, declaration);
  return event as Recorded<E>;
}

export type TableRows = Readonly<Record<string, readonly Record<string, unknown>[]>>;

export function rowsAfter(projection: Projection, events: readonly RecordedEvent[]): TableRows {
  const memory = new Memory(projection);
  const staged = new Map<string, RecordedEvent[]>();
  for (const event of events) {
    const declaration = declarations.get(event);
    if (!declaration) throw new Error(`${event.type}: make the event with recorded()`);
    if (declaration.staged) {
      staged.set(event.stream, [...(staged.get(event.stream) ?? []), event]);
      continue;
    }
    const erased = declaration.erases?.(event.data);
    if (erased !== undefined) memory.erase(event.meta.tenant, erased);
    memory.take(event, changesOf(projection, event));
    const applies = readsStaged(projection) ? appliedBy(declaration, event) : null;
    if (!applies) continue;
    const found = staged.get(applies.stream) ?? [];
    if (found.length !== applies.count) throw new Error(`${applies.stream} holds ${found.length} staged events`);
    for (const one of found) memory.take(event, stagedChangesOf(projection, one, event));
  }
  return memory.rows();
}

/** Rows after events that a decider made: recorded one after the other, each with its record's version. */
export function projected(projection: Projection, events: readonly NewEvent[]): TableRows {
  const declared = new Map<string, EventDeclaration>(projection.on.map(({ event }) => [event.name, event]));
  const versions = new Map<string, number>();
  return rowsAfter(
    projection,
    events.flatMap(({ type, data }) => {
      const declaration = declared.get(type);
      if (!declaration) return [];
      const record = declaration.record(data);
      const version = (versions.get(record.id) ?? 0) + 1;
      versions.set(record.id, version);
      return [recorded(declaration, data, { meta: { record: { ...record, version } } })];
    }),
  );
}

class Memory {
  private readonly fold = new Fold();
  private readonly stored = new Map<TableDeclaration, Map<string, Version>>();
  private readonly counters = new Map<string, bigint>();

  constructor(projection: Projection) {
    for (const table of projection.tables) this.stored.set(table, new Map());
  }

  take(event: RecordedEvent, changes: readonly TableChange[]): void {
    let rows: RowChange[] = [];
    for (const change of changes) {
      if (!isGroup(change)) rows.push(change);
      else {
        this.takeRows(event, rows);
        rows = [];
        this.takeGroup(event, change);
      }
    }
    this.takeRows(event, rows);
  }

  private takeGroup({ meta, position }: RecordedEvent, change: GroupChange): void {
    const group = checkedGroup(change);
    const stored = this.stored.get(change.table)!;
    for (const [id, { values, from }] of stored) {
      if (values === null || JSON.parse(id)[0] !== meta.tenant) continue;
      const after = inGroup(group, values);
      stored.set(id, { values: after, from: after === values ? from : position });
    }
  }

  private takeRows(event: RecordedEvent, changes: readonly RowChange[]): void {
    const { tenant } = event.meta;
    for (const { table, key } of changes) {
      const values = canonicalKey(table, key);
      const known = this.stored.get(table)!.get(JSON.stringify([tenant, ...values])) ?? null;
      if (table.history === 'append-only' && known) throw new Error(`${table.name} is append-only`);
      if (table.history !== 'append-only') this.fold.learn({ table, tenant, key: values }, known);
      this.fold.learnCounter(table, tenant, this.counters.get(`${table.name} ${tenant}`) ?? 0n);
    }
    this.fold.apply(tenant, event.position, changes);
    for (const { table, slots, counters } of this.fold.drain()) {
      for (const slot of slots) {
        const id = JSON.stringify([slot.tenant, ...slot.key]);
        if (slot.present.values) this.stored.get(table)!.set(id, slot.present);
        else this.stored.get(table)!.delete(id);
      }
      for (const [of, last] of counters) this.counters.set(`${table.name} ${of}`, last);
    }
  }

  erase(tenant: string, subject: string): void {
    for (const [table, rows] of this.stored) {
      for (const [id, { values, from }] of rows) {
        if (values && JSON.parse(id)[0] === tenant)
          rows.set(id, { values: withoutSubject(table, values, subject), from });
      }
    }
  }

  rows(): TableRows {
    return Object.fromEntries(
      [...this.stored].map(([table, rows]) => [
        table.name,
        [...rows]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([, { values }]) => Object.fromEntries(columnsOf(table).map((c) => [c.name, values?.[c.name]]))),
      ]),
    );
  }
}
