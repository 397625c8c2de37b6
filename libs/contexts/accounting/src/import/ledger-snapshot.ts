import { fold, type RecordedEvent } from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import { appliedEntry, type ImportPosted, type StagedEntry } from '../ledger/applied-entry.js';
import { entryPosted, importPosted, ledgerEvents } from '../ledger/ledger.events.js';
import { ledger } from '../ledger/ledger.decider.js';
import { ledgerStream } from '../ledger/ledger.decision-facts.js';
import type { AppliedEntry, LedgerState } from '../ledger/ledger.state.js';
import { entryStaged } from './import.events.js';
import { identityKey } from './staged-entry.js';

/*
 * The books at the revision at which an import was started. Read from the event store, not from a read model, so that the
 * check is exact and the same on every attempt of the job.
 */
export class LedgerSnapshot {
  private constructor(
    private readonly events: EventReader,
    private readonly stream: string,
    private readonly revision: number,
    readonly state: LedgerState,
  ) {}

  static async read(events: EventReader, tenant: string, companyId: string, revision: number): Promise<LedgerSnapshot> {
    const stream = ledgerStream(tenant, companyId);
    const state = await fold(ledger, ledgerEvents, upTo(events, stream, revision));
    return new LedgerSnapshot(events, stream, revision, state);
  }

  /** Whether nothing is posted yet. Only empty books get an opening entry. */
  get isEmpty(): boolean {
    return this.state.sequences.size === 0;
  }
  /** Imports posted so far, in order. */
  get imports(): string[] {
    return [...this.state.imports].filter(([, known]) => known.status === 'posted').map(([id]) => id);
  }

  /** Content hash by identity of every imported transaction: about 150 bytes each. */
  async identities(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const known = new Map<string, string>();
    for (const posted of this.state.imports.values()) {
      if (posted.status !== 'posted') continue;
      for await (const staged of stagedIn(this.events, posted.stream, posted.count)) {
        signal.throwIfAborted();
        if (staged.identity) known.set(identityKey(staged.identity), staged.identity.contentHash);
      }
    }
    return known;
  }

  /** All entries, in bounded memory. */
  async *entries(): AsyncGenerator<AppliedEntry> {
    for await (const event of upTo(this.events, this.stream, this.revision)) {
      if (event.type === entryPosted.name) yield event.data as AppliedEntry;
      if (event.type === importPosted.name) {
        const posted = event.data as ImportPosted;
        for await (const staged of stagedIn(this.events, posted.stream, posted.count))
          yield appliedEntry(staged, posted);
      }
    }
  }
}

async function* upTo(events: EventReader, stream: string, revision: number): AsyncGenerator<RecordedEvent> {
  if (revision < 0) return;
  for await (const event of events.stream(stream)) {
    if (event.revision > revision) return;
    yield event;
  }
}

async function* stagedIn(events: EventReader, stream: string, count: number): AsyncGenerator<StagedEntry> {
  let left = count;
  for await (const event of events.stream(stream)) {
    if (left === 0) return;
    if (event.type !== entryStaged.name) continue;
    left -= 1;
    yield event.data as StagedEntry;
  }
}
