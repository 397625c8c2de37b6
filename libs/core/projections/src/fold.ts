import type { RowChange, TableDeclaration } from './table.js';
import { canonicalKey, canonicalRow, type Row } from './columns.js';

/*
 * Folds row-wise changes in memory; reads and writes nothing. Invariants:
 *
 * - The changes of an event are applied all or not at all: a handler that throws leaves the fold unchanged.
 * - A row has one version per position. Changes at the position of the current version are merged into it, so the staged events
 *   of one import make one version, however they are divided into chunks.
 * - A superseded version becomes history, from its own position to that of the next, also within a batch.
 * - Rows of an append-only table are inserted once and never change.
 */

/** A row version; null values if the row does not exist. */
export interface Version {
  readonly values: Row | null;
  readonly from: bigint;
}
export interface PastVersion {
  readonly values: Row;
  readonly from: bigint;
  readonly to: bigint;
}

/** One row in the fold. */
export interface Slot {
  readonly tenant: string;
  readonly key: readonly unknown[];
  /** The version in the database. */
  readonly stored: boolean;
  present: Version;
  readonly past: PastVersion[];
  changed: boolean;
}

export interface KeyToLoad {
  readonly table: TableDeclaration;
  readonly tenant: string;
  readonly key: readonly unknown[];
}

export class Fold {
  private readonly slots = new Map<TableDeclaration, Map<string, Slot>>();
  private readonly counters = new Map<TableDeclaration, Map<string, bigint>>();

  /** Keys that these changes touch and that are not loaded yet; rows of append-only tables need no loading. */
  unknown(tenant: string, changes: readonly RowChange[]): KeyToLoad[] {
    return changes
      .filter(({ table }) => table.history !== 'append-only')
      .map(({ table, key }) => ({ table, tenant, key: canonicalKey(table, key) }))
      .filter(({ table, key }) => !this.slots.get(table)?.has(slotId(tenant, key)));
  }

  /** Adds a row from the database; null if there is no such row. */
  learn({ table, tenant, key }: KeyToLoad, stored: Version | null): void {
    const present = stored ?? { values: null, from: -1n };
    this.slotsOf(table).set(slotId(tenant, key), {
      tenant,
      key,
      stored: stored !== null,
      present,
      past: [],
      changed: false,
    });
  }

  knowsCounter = (table: TableDeclaration, tenant: string): boolean => this.counters.get(table)?.has(tenant) ?? false;
  learnCounter(table: TableDeclaration, tenant: string, last: bigint): void {
    const byTenant = this.counters.get(table) ?? new Map<string, bigint>();
    this.counters.set(table, byTenant.set(tenant, last));
  }

  /** Applies the changes of one event; throws, without changing anything, if one cannot be made. */
  apply(tenant: string, position: bigint, changes: readonly RowChange[]): void {
    const next = new Map<TableDeclaration, Map<string, { key: readonly unknown[]; values: Row | null }>>();
    for (const { table, key: fields, to } of changes) {
      const key = canonicalKey(table, fields);
      const id = slotId(tenant, key);
      const pending = next.get(table) ?? new Map<string, { key: readonly unknown[]; values: Row | null }>();
      const slot = this.slots.get(table)?.get(id);
      if (table.history === 'append-only' && (slot ?? pending.has(id))) {
        throw new Error(`${table.name} is append-only and already has the row ${JSON.stringify(fields)}`);
      }
      const before = pending.has(id) ? pending.get(id)!.values : (slot?.present.values ?? null);
      const after = to(before as Record<string, unknown> | null);
      if (after === null && table.history === 'append-only') throw new Error(`${table.name} never loses a row`);
      next.set(
        table,
        pending.set(id, { key, values: after === before ? before : after && this.row(table, key, after) }),
      );
    }
    for (const [table, rows] of next) {
      for (const [id, { key, values }] of rows) this.supersede(table, tenant, id, key, values, position);
    }
  }

  private row(table: TableDeclaration, key: readonly unknown[], values: Readonly<Record<string, unknown>>): Row {
    const row = canonicalRow(table, values);
    table.keys.forEach((name, i) => {
      if (row[name] !== key[i]) throw new Error(`${table.name}: a change cannot move a row's key ${name}`);
    });
    return row;
  }

  private supersede(
    table: TableDeclaration,
    tenant: string,
    id: string,
    key: readonly unknown[],
    values: Row | null,
    position: bigint,
  ): void {
    if (!this.slots.get(table)?.has(id)) this.learn({ table, tenant, key }, null);
    const slot = this.slots.get(table)!.get(id)!;
    const before = slot.present;
    if (values === before.values) return;
    if (before.values !== null && before.from < position && table.history !== 'none') {
      slot.past.push({ values: before.values, from: before.from, to: position });
    }
    slot.present = { values: values && this.numbered(table, tenant, before.values, values), from: position };
    slot.changed = true;
  }

  /** Fills the tenant's running number: the next one for a new row, its own for a known one. */
  private numbered(table: TableDeclaration, tenant: string, before: Row | null, values: Row): Row {
    const field = table.sequence;
    if (field === null) return values;
    if (before !== null) return Object.freeze({ ...values, [field]: before[field] });
    const number = (this.counters.get(table)?.get(tenant) ?? 0n) + 1n;
    this.learnCounter(table, tenant, number);
    return Object.freeze({ ...values, [field]: String(number) });
  }

  /** The rows to write, by table; empties the fold. */
  drain(): { table: TableDeclaration; slots: Slot[]; counters: [tenant: string, last: bigint][] }[] {
    const drained = [...this.slots].map(([table, slots]) => ({
      table,
      slots: [...slots.values()].filter((slot) => slot.changed),
      counters: [...(this.counters.get(table) ?? [])],
    }));
    this.clear();
    return drained.filter(({ slots }) => slots.length > 0);
  }

  clear(): void {
    this.slots.clear();
    this.counters.clear();
  }

  private slotsOf(table: TableDeclaration): Map<string, Slot> {
    const slots = this.slots.get(table) ?? new Map<string, Slot>();
    this.slots.set(table, slots);
    return slots;
  }
}

/** A row key as text. */
export const slotId = (tenant: string, key: readonly unknown[]): string => JSON.stringify([tenant, ...key]);
