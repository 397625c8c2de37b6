import type { EventCatalogue, EventStore, StoredEvent } from '@daybook/event-store';
import { type RecordedEvent, tenantOfStream } from '@daybook/kernel';
import type { ClientBase } from 'pg';
import {
  appliedBy,
  changesOf,
  changesOfUnread,
  readsStaged,
  stagedChangesOf,
  stagedChangesOfUnread,
} from './changes.js';
import { type Decoded, decodeOne, isStaged } from './decode.js';
import { eraseSubject } from './erase.js';
import { erasedBy, withoutErased } from './erased-subjects.js';
import { describeError, isInfrastructureError } from './errors.js';
import { Fold, type KeyToLoad } from './fold.js';
import { park, type Running } from './registry.js';
import { flush, load, loadCounters, writeGroup } from './rows.js';
import { isGroup, type RowChange, type TableChange } from './table.js';

/*
 * Applies events to the tables of one generation, inside the caller's transaction. Invariants:
 *
 * - Events are applied in order; how they are grouped into statements makes no difference.
 * - An event that fails changes nothing and parks its tenant in this generation; other tenants continue. The tenant's later
 *   events are skipped until a retry has applied them.
 * - An event that erases a subject empties the subject's rows, including past versions, before its own changes (erase.ts), also
 *   for a parked tenant. From then on no personal data of the subject is written to a row (erased-subjects.ts).
 * - An event that changes a group of rows (group-change.ts) is applied by itself: what is before it is written first.
 * - The staged events of an import are applied at its position in chunks, in bounded memory.
 */

export interface ApplyDeps {
  readonly store: EventStore;
  readonly catalogue: EventCatalogue;
  readonly log?: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}
/** Called for every event that changed rows, for live hints. */
export type OnChange = (tenant: string, recordId: string, position: bigint) => void;

/** Number of rows that staged events change before they are written. */
const chunkChanges = 4_000;

interface Failure {
  readonly item: Decoded;
  readonly error: unknown;
}

export class EventApplier {
  private readonly fold = new Fold();
  private readonly schema: string;

  /** `skip` contains the parked tenants; tenants that are parked here are added. */
  constructor(
    private readonly client: ClientBase,
    private readonly deps: ApplyDeps,
    private readonly running: Running,
    private readonly skip: Set<string>,
    private readonly onChange: OnChange = () => undefined,
  ) {
    this.schema = running.generation.schema;
  }

  async apply(events: readonly Decoded[]): Promise<void> {
    const staged = readsStaged(this.running.projection);
    let ordinary: Decoded[] = [];
    for (const item of events) {
      const erased = erasedBy(item);
      if (erased !== null) {
        await this.applyOrdinary(ordinary);
        ordinary = [];
        await this.applyErasure(item, erased);
      } else if (staged && item.event && appliedBy(item.declaration, item.event)) {
        await this.applyOrdinary(ordinary);
        ordinary = [];
        await this.applyImport(item, item.event, appliedBy(item.declaration, item.event)!);
      } else ordinary.push(item);
    }
    await this.applyOrdinary(ordinary);
  }

  private async applyOrdinary(events: readonly Decoded[]): Promise<void> {
    for (let rest = events; rest.length > 0;) {
      const due = rest.filter(({ stored }) => !this.skip.has(stored.meta.tenant));
      const work = this.changesOfAll(due);
      await this.applyRows(due.slice(0, work.until), work);
      const group = due[work.until];
      if (group) await this.applyAlone(group);
      rest = due.slice(work.until + 1);
    }
  }

  /** All at once; when the database rejects the result, one by one, to find the event that fails. */
  private async applyRows(due: readonly Decoded[], work: ReturnType<EventApplier['changesOfAll']>): Promise<void> {
    if (work.changes.length === 0 && work.failures.size === 0) return;
    let refused: unknown;
    const done = await this.guarded(
      async () => {
        await this.loadAll(work.changes);
        this.foldAll(work);
        await flush(this.client, this.schema, this.fold);
      },
      (error) => (refused = error),
    );
    if (done) {
      for (const { item } of work.changes) this.changed(item, work.failures);
      for (const failure of work.failures.values()) await this.parkAt(failure);
    } else if (due.length === 1) await this.parkAt({ item: due[0]!, error: refused });
    else for (const item of due) await this.applyOrdinary([item]);
  }

  /** `until` is the index of the first event that changes a group of rows, or their number. */
  private changesOfAll(events: readonly Decoded[]) {
    const changes: { item: Decoded; changes: RowChange[]; keys: KeyToLoad[] }[] = [];
    const failures = new Map<string, Failure>();
    for (const [until, item] of events.entries()) {
      const tenant = item.stored.meta.tenant;
      if (failures.has(tenant)) continue;
      try {
        const made = this.changesOf(item);
        if (!areRows(made)) return { changes, failures, until };
        if (made.length > 0) changes.push({ item, changes: made, keys: this.fold.unknown(tenant, made) });
      } catch (error) {
        failures.set(tenant, { item, error });
      }
    }
    return { changes, failures, until: events.length };
  }

  private changesOf(item: Decoded): TableChange[] {
    const { projection } = this.running;
    return item.event ? changesOf(projection, item.event) : changesOfUnread(projection, item);
  }

  private foldAll({ changes, failures }: ReturnType<EventApplier['changesOfAll']>): void {
    for (const { item, changes: made } of changes) {
      const { position, meta } = item.stored;
      if (isAfter(failures.get(meta.tenant), position)) continue;
      try {
        this.fold.apply(meta.tenant, position, made);
      } catch (error) {
        failures.set(meta.tenant, { item, error });
      }
    }
  }

  private async applyAlone(item: Decoded): Promise<void> {
    const { stored } = item;
    if (this.skip.has(stored.meta.tenant)) return;
    let refused: unknown;
    const done = await this.guarded(
      () => this.foldNow(stored, this.changesOf(item)),
      (error) => (refused = error),
    );
    if (done) this.onChange(stored.meta.tenant, stored.meta.record.id, stored.position);
    else await this.parkAt({ item, error: refused });
  }

  private async loadAll(work: readonly { item: Decoded; changes: RowChange[]; keys: KeyToLoad[] }[]): Promise<void> {
    await load(this.client, this.schema, this.fold, work.flatMap((w) => w.keys)); // prettier-ignore
    const counted = work.flatMap(({ item, changes }) =>
      changes
        .filter((c) => c.table.sequence !== null)
        .map((c) => ({ table: c.table, tenant: item.stored.meta.tenant })),
    );
    await loadCounters(this.client, this.schema, this.fold, counted);
  }

  /** Empties the subject's rows, then applies the event's own changes like those of any other. */
  private async applyErasure(item: Decoded, subject: string): Promise<void> {
    const by = item.stored;
    const { tenant } = by.meta;
    if (this.skip.has(tenant)) {
      // A parked tenant's rows wait for the fix, but its personal data is erased at once.
      await eraseSubject(this.client, this.schema, this.running.projection, tenant, subject);
      return;
    }
    let [touched, refused]: [boolean, unknown] = [false, undefined];
    const done = await this.guarded(
      async () => {
        const { projection } = this.running;
        const emptied = await eraseSubject(this.client, this.schema, projection, tenant, subject);
        const changes = this.changesOf(item);
        touched = emptied + changes.length > 0;
        await this.foldNow(by, changes);
      },
      (error) => (refused = error),
    );
    if (!done) await this.parkAt({ item, error: refused });
    else if (touched) this.onChange(tenant, by.meta.record.id, by.position);
  }

  /** The applying event's own changes first, then its staged events in the order of their stream. */
  private async applyImport(
    item: Decoded,
    by: RecordedEvent,
    { stream, count }: { stream: string; count: number },
  ): Promise<void> {
    if (this.skip.has(by.meta.tenant)) return;
    let refused: unknown;
    const done = await this.guarded(
      async () => {
        if (tenantOfStream(stream) !== by.meta.tenant) throw new Error(`${stream} is not a stream of this tenant`);
        await this.foldNow(by, changesOf(this.running.projection, by));
        let [seen, waiting]: [number, TableChange[]] = [0, []];
        for await (const stored of this.deps.store.readStream(stream)) {
          if (!isStaged(this.deps.catalogue, stored)) continue;
          seen += 1;
          const read = await decodeOne(this.deps.catalogue, stored, by.position);
          const [staged = read] = await withoutErased(this.client, [read]);
          const { projection } = this.running;
          const changes = staged.event
            ? stagedChangesOf(projection, staged.event, by)
            : stagedChangesOfUnread(projection, staged, by);
          for (const change of changes) waiting.push(change);
          if (waiting.length >= chunkChanges) {
            await this.foldNow(by, waiting);
            waiting = [];
          }
        }
        if (seen !== count) throw new Error(`${stream} holds ${seen} staged events; ${by.type} applies ${count}`);
        await this.foldNow(by, waiting);
      },
      (error) => (refused = error),
    );
    if (done) this.onChange(by.meta.tenant, by.meta.record.id, by.position);
    else await this.parkAt({ item, error: refused });
  }

  /** In their order: rows together, each group by itself. */
  private async foldNow(by: Pick<StoredEvent, 'meta' | 'position'>, changes: readonly TableChange[]): Promise<void> {
    let rows: RowChange[] = [];
    for (const change of changes) {
      if (!isGroup(change)) {
        rows.push(change);
        continue;
      }
      await this.foldRows(by, rows);
      rows = [];
      await writeGroup(this.client, this.schema, by.meta.tenant, by.position, change);
    }
    await this.foldRows(by, rows);
  }

  private async foldRows(by: Pick<StoredEvent, 'meta' | 'position'>, changes: readonly RowChange[]): Promise<void> {
    const tenant = by.meta.tenant;
    await load(this.client, this.schema, this.fold, this.fold.unknown(tenant, changes));
    const counted = changes.filter((c) => c.table.sequence !== null).map(({ table }) => ({ table, tenant }));
    await loadCounters(this.client, this.schema, this.fold, counted);
    this.fold.apply(tenant, by.position, changes);
    await flush(this.client, this.schema, this.fold);
  }

  /** false when the work failed because of its events; it is then rolled back. */
  private async guarded(work: () => Promise<void>, failed: (error: unknown) => void): Promise<boolean> {
    await this.client.query('savepoint work');
    try {
      await work();
      await this.client.query('release savepoint work');
      return true;
    } catch (error) {
      this.fold.clear();
      if (isInfrastructureError(error)) throw error;
      failed(error);
      await this.client.query('rollback to savepoint work; release savepoint work');
      return false;
    }
  }

  private changed({ stored }: Decoded, failures: ReadonlyMap<string, Failure>): void {
    const failure = failures.get(stored.meta.tenant);
    if (failure?.item.stored === stored || isAfter(failure, stored.position)) return;
    this.onChange(stored.meta.tenant, stored.meta.record.id, stored.position);
  }

  private async parkAt({ item: { stored, after }, error }: Failure): Promise<void> {
    const { tenant } = stored.meta;
    this.skip.add(tenant);
    const why = describeError(error);
    this.deps.log?.('projection.parked', {
      projection: this.running.projection.name,
      tenant,
      position: String(stored.position),
      eventType: stored.type,
      error: why,
    });
    await park(this.client, {
      schema: this.schema,
      tenant,
      position: stored.position,
      applied: after,
      eventId: stored.id,
      eventType: stored.type,
      error: why,
    });
  }
}

const areRows = (changes: readonly TableChange[]): changes is RowChange[] => !changes.some(isGroup);

/** Is this position after the failure? */
const isAfter = (failure: Failure | undefined, position: bigint): boolean =>
  failure !== undefined && failure.item.stored.position < position;
