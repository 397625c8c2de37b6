import type { EventCatalogue, EventStore, EventToAppend } from '@daybook/event-store';
import { maxAppendBytes } from '@daybook/event-store';
import {
  eventIdOf,
  type EventMeta,
  nameId,
  type NewEvent,
  reject,
  RejectionError,
  type RecordRef,
} from '@daybook/kernel';
import type { JobEnvelope } from '@daybook/jobs';
import type { EventReader } from '@daybook/server';
import { canonicalJson } from '@daybook/server/crypto';
import { createHash } from 'node:crypto';
import type { StagedEntry } from '../ledger/applied-entry.js';
import { entryStaged } from './import.events.js';
import { checkImport } from './import.internal.js';

/** Bytes and events of one append: well below the store's limit, and few enough to cancel promptly. */
const batchBytes = 250_000;
const batchEvents = 200;
/** Roughly the size of the metadata of an event. */
const metaBytes = 1_000;
export const importTooLarge = 'accounting.import-too-large';
/** Limit on the JSON of a staged entry, so that with its metadata it fits one append. */
export const maxEntryBytes = maxAppendBytes - 100_000;

/**
 * Appends to the stream of an import for its job. It does not use the command executor, which would read back all staged
 * entries. The id of every event derives from the import and the index, and every append has an expected revision, so that
 * a restarted attempt, or one that was given up too early, appends nothing twice (idempotent).
 */
export class ImportWriter {
  /** Revision of the last event; 0 is `import-started`. */
  private revision = 0;
  private pending: EventToAppend[] = [];
  private pendingBytes = 0;
  private readonly hash = createHash('sha256');
  /** Entries that an earlier attempt staged; null once all of them were compared. */
  private earlier: AsyncIterator<{ type: string; data: unknown }> | null;

  constructor(
    private readonly context: { store: EventStore; catalogue: EventCatalogue; events: EventReader },
    private readonly stream: string,
    private readonly importId: string,
    private readonly who: JobEnvelope & { readonly causationId: string },
  ) {
    this.earlier = context.events.stream(stream, { from: 1 })[Symbol.asyncIterator]();
  }

  async stage(entry: StagedEntry): Promise<void> {
    const json = canonicalJson(entry);
    this.hash.update(json).update('\n');
    if (await this.isStaged(json)) {
      this.revision += 1;
      return;
    }
    const event = await this.event(
      entryStaged.of(entry),
      entry.index,
      { type: 'accounting.entry', id: entry.entryId },
      1,
    );
    const bytes = Buffer.byteLength(json) + metaBytes;
    // A large entry gets its own append, so that no batch exceeds the store's limit.
    if (this.pendingBytes + bytes > batchBytes) await this.flush();
    this.pending.push(event);
    this.pendingBytes += bytes;
    if (this.pending.length >= batchEvents) await this.flush();
  }

  /** SHA-256 over what was staged so far. */
  digest(): string {
    return this.hash.copy().digest('hex');
  }

  /** Appends the last event: checked or refused. */
  async end(event: NewEvent): Promise<void> {
    await this.flush();
    await this.earlier?.return?.();
    this.pending.push(await this.event(event, -1, { type: 'accounting.import', id: this.importId }, 2));
    await this.flush();
  }

  private async isStaged(json: string): Promise<boolean> {
    if (!this.earlier) return false;
    const next = await this.earlier.next();
    if (next.done) {
      this.earlier = null;
      return false;
    }
    // Happens only if an update of Daybook changed the rules between two attempts.
    if (next.value.type !== entryStaged.name || canonicalJson(next.value.data) !== json) {
      throw new RejectionError(
        reject(
          'accounting.import-read-differently',
          'An earlier attempt read this file differently, because Daybook was updated. Cancel this import and start it again.',
        ),
      );
    }
    return true;
  }

  private async event(event: NewEvent, index: number, record: RecordRef, version: number): Promise<EventToAppend> {
    const commandId = nameId(this.importId, 'check');
    const meta: EventMeta = {
      tenant: this.who.tenant,
      actor: this.who.actor,
      operation: checkImport.name,
      commandId,
      index: 0,
      count: 1,
      correlationId: this.who.correlationId,
      causationId: this.who.causationId,
      channel: 'import',
      address: null,
      reason: null,
      inputHmac: '',
      record: { ...record, version },
    };
    return this.context.catalogue.toStore(eventIdOf(commandId, this.stream, index), event, meta);
  }

  private async flush(): Promise<void> {
    if (this.pending.length === 0) return;
    const outcome = await this.context.store.append(this.stream, this.revision, this.pending);
    switch (outcome.kind) {
      case 'appended':
        this.revision += this.pending.length;
        this.pending = [];
        this.pendingBytes = 0;
        return;
      case 'conflict':
        throw new Error(
          `${this.stream} is at revision ${outcome.actual}, not ${this.revision}: another attempt is running`,
        );
      case 'too-large': {
        this.pending = [];
        const message = `The report on this file has ${outcome.bytes} bytes; the limit is ${outcome.limit}. Its chart of accounts is too large.`;
        throw new RejectionError(reject(importTooLarge, message, { status: 413 }));
      }
    }
  }
}
