import type { EventCatalogue, EventStore, EventToAppend } from '@daybook/event-store';
import { maxAppendBytes } from '@daybook/event-store';
import { eventIdOf, nameId, reject, RejectionError } from '@daybook/kernel';
import type { Caller, EventReader } from '@daybook/server';
import { eventMetaOf } from '@daybook/server/command/event-meta';
import { canonicalJson } from '@daybook/server/crypto';
import { createHash } from 'node:crypto';
import type { StagedEntry } from '../ledger/applied-entry.js';
import { stagedStream } from '../ledger/ledger.decision-facts.js';
import { entryStaged } from './import.events.js';
import { checkImport } from './import.internal.js';

/** Bytes and events of one append: well below the store's limit, and few enough to cancel promptly. */
const batchBytes = 250_000;
const batchEvents = 200;
/** Roughly the size of the metadata of an event. */
const metaBytes = 1_000;
/** Limit on the JSON of a staged entry, so that with its metadata it fits one append. */
export const maxEntryBytes = maxAppendBytes - 100_000;

/**
 * Stages the entries of an import for its job. It appends them itself: a command for each would decide nothing. The id of every
 * event derives from the import and the index, and every append has an expected revision, so that a restarted attempt, or one
 * that was given up too early, appends nothing twice (idempotent).
 */
export class ImportWriter {
  readonly stream: string;
  /** Revision of the last staged entry. */
  private revision = -1;
  private pending: EventToAppend[] = [];
  private pendingBytes = 0;
  private readonly hash = createHash('sha256');
  /** Entries that an earlier attempt staged; null once all of them were compared. */
  private earlier: AsyncIterator<{ type: string; data: unknown }> | null;

  constructor(
    private readonly context: { store: EventStore; catalogue: EventCatalogue; events: EventReader },
    private readonly importId: string,
    private readonly caller: Caller,
    private readonly causationId: string,
  ) {
    this.stream = stagedStream(caller.tenant, importId);
    this.earlier = context.events.stream(this.stream)[Symbol.asyncIterator]();
  }

  async stage(entry: StagedEntry): Promise<void> {
    const json = canonicalJson(entry);
    this.hash.update(json).update('\n');
    if (await this.isStaged(json)) {
      this.revision += 1;
      return;
    }
    const bytes = Buffer.byteLength(json) + metaBytes;
    // A large entry gets its own append, so that no batch exceeds the store's limit.
    if (this.pendingBytes + bytes > batchBytes) await this.flush();
    this.pending.push(await this.event(entry));
    this.pendingBytes += bytes;
    if (this.pending.length >= batchEvents) await this.flush();
  }

  /** SHA-256 over what was staged so far. */
  digest(): string {
    return this.hash.copy().digest('hex');
  }

  async flush(): Promise<void> {
    if (this.pending.length === 0) return;
    const expected = this.revision < 0 ? 'none' : this.revision;
    const outcome = await this.context.store.append(this.stream, expected, this.pending);
    if (outcome.kind === 'conflict') {
      throw new Error(
        `${this.stream} is at revision ${outcome.actual}, not ${this.revision}: another attempt is running`,
      );
    }
    if (outcome.kind === 'too-large') throw new Error(`A batch of ${this.stream} has ${outcome.bytes} bytes`);
    this.revision += this.pending.length;
    this.pending = [];
    this.pendingBytes = 0;
  }

  async close(): Promise<void> {
    await this.earlier?.return?.();
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

  private async event(entry: StagedEntry): Promise<EventToAppend> {
    const commandId = nameId(this.importId, 'stage');
    const { caller, causationId } = this;
    const meta = eventMetaOf(
      { operation: checkImport, caller, commandId, causationId },
      { declaration: entryStaged, data: entry },
      { index: 0, count: 1, inputHmac: '', record: { type: 'accounting.entry', id: entry.entryId, version: 1 } },
    );
    const id = eventIdOf(commandId, this.stream, entry.index);
    return this.context.catalogue.toStore(id, entryStaged.of(entry), meta);
  }
}
