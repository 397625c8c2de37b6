import { type NewEvent, type PublishedState, streamName } from '@daybook/kernel';
import { Batcher } from '../batcher.js';
import type { EventReader } from '../binding.js';
import { oncePerQuery } from '../query/reads.js';
import { BoundedMap } from './bounded-map.js';

/** Where states are folded from, and how the cache knows that they are current. */
export interface WatchedLog {
  readonly events: EventReader;
  /** Revision of the last event of each stream, -1 for an empty one, in one cheap round trip. */
  readonly lastRevisions: (streams: readonly string[]) => Promise<number[]>;
  /** Called when a stream is shorter than before. Throws if the log was exchanged. */
  readonly logWentBack: () => Promise<void>;
}

/** Port: asks for last revisions in a round trip that is made anyway. Without one, the event store is asked. */
export abstract class RevisionSource {
  abstract readonly lastRevisions: WatchedLog['lastRevisions'];
}

/** A state, and the last revisions of all streams that were asked for with it; -1 for an empty one. */
export interface AskedState<S> {
  readonly state: S;
  readonly revisions: ReadonlyMap<string, number>;
}

/** The states of one fold, by tenant and id; the id is the tenant's own where an aggregate has one stream per tenant. */
export interface States<S> {
  /** The state with every event that was recorded before the call. `last` is the stream's last revision, where it is known. */
  current(tenant: string, id?: string, last?: number | null): Promise<S>;
  /** The current state, with the last revisions of the streams that are asked along. */
  asked(tenant: string, id?: string): Promise<AskedState<S>>;
  /** The state as in memory, without asking the store; null if it is not there, is being read on, or was not current `withinMs` ago. */
  cached(tenant: string, id?: string, withinMs?: number): S | null;
}

interface CachedState {
  state: unknown;
  /** Revision of the last event folded in; -1 for none. */
  revision: number;
  /** What it was folded from: the most that it can hold. */
  bytes: number;
  /**
   * When it was known to have everything, in ms. null while it is read on, and when that stopped half-way: it may have half of
   * what one command did.
   */
  currentAt: number | null;
  /** The catch-up read that is running, if any. */
  reading: Promise<void> | null;
  /** Epoch of the log that it was folded from. */
  readonly epoch: number;
}

/** A state that holds nothing takes some memory too. */
const leastBytes = 500;

/**
 * The one cache of states that are folded from streams of others: rights, approval rules, published states. It is never
 * trusted by age: each call asks the store for the stream's last revision and reads new events first (docs/adr/0014). So
 * a right that was revoked before a request arrived is gone for it, no matter which process revoked it.
 */
export class StateCache {
  private readonly states: BoundedMap<string, CachedState>;
  private readonly last: Batcher<string, number>;
  private readonly now: () => number;
  private forgotten = 0;

  constructor(
    private readonly log: WatchedLog,
    { maxBytes = 64_000_000, now = Date.now }: { readonly maxBytes?: number; readonly now?: () => number } = {},
  ) {
    this.now = now;
    this.states = new BoundedMap(maxBytes);
    // One batch at a time: the more requests there are, the more of them share one.
    this.last = new Batcher((streams) => this.log.lastRevisions(streams), 1);
  }

  /** `askedAlong`: further streams of a tenant, whose revisions are asked for at the same time. */
  of<S>(published: PublishedState<S>, askedAlong: (tenant: string) => readonly string[] = () => []): States<S> {
    const streamOf = (tenant: string, id: string) => streamName(published.aggregate, tenant, id);
    const asked = (tenant: string, id: string) => this.ask(published, streamOf(tenant, id), askedAlong(tenant));
    return {
      current: async (tenant, id = tenant, last = null) =>
        (await (last === null ? asked(tenant, id) : this.from(published, streamOf(tenant, id), last))).state,
      asked: (tenant, id = tenant) => asked(tenant, id),
      cached: (tenant, id = tenant, withinMs = Infinity) => {
        const found = this.known(keyOf(published, streamOf(tenant, id)));
        const at = found?.currentAt ?? null;
        return at !== null && this.now() - at <= withinMs ? (found?.state as S) : null;
      },
    };
  }

  private ask<S>(published: PublishedState<S>, stream: string, along: readonly string[]): Promise<AskedState<S>> {
    return oncePerQuery(this, keyOf(published, stream), async () => {
      // Asked in one turn, they go out as one question.
      const [own, ...others] = await Promise.all([stream, ...along].map((one) => this.last.load(one)));
      const revisions = new Map(along.map((one, index) => [one, others[index]!]));
      const { state, last } = await this.from(published, stream, own!);
      return { state, revisions: revisions.set(stream, last) };
    });
  }

  /** By a last revision that was answered before. The cache may be ahead of it, but never of a fresh answer. */
  private async from<S>(published: PublishedState<S>, stream: string, answered: number) {
    const at = this.now();
    const folded = this.known(keyOf(published, stream))?.revision ?? -1;
    const last = folded > answered ? await this.last.load(stream) : answered;
    if (folded > last) await this.log.logWentBack();
    return { state: await this.upTo(published, stream, last, at), last };
  }

  /** The state with at least the events up to that revision, which was the last one at that time. */
  private async upTo<S>(published: PublishedState<S>, stream: string, last: number, at: number): Promise<S> {
    const key = keyOf(published, stream);
    const folded = this.known(key) ?? {
      state: published.initial,
      revision: -1,
      bytes: leastBytes,
      currentAt: null,
      reading: null,
      epoch: this.epoch,
    };
    this.keep(key, folded, last);
    while (folded.revision < last) {
      const isOwn = folded.reading === null;
      folded.reading ??= this.readOn(published, stream, folded).finally(() => (folded.reading = null));
      await folded.reading;
      // A read that began after `last` was answered reaches it, unless the log was exchanged in between.
      if (isOwn && folded.revision < last) {
        await this.log.logWentBack();
        return this.upTo(published, stream, await this.last.load(stream), this.now());
      }
      this.keep(key, folded, last);
    }
    if (folded.reading === null) folded.currentAt = Math.max(at, folded.currentAt ?? at);
    return folded.state as S;
  }

  /** Drops all states, and what is being read on: personal data that was erased may be in them. */
  forget(): void {
    this.forgotten += 1;
    this.states.clear();
  }

  private get epoch(): number {
    return (this.log.events.epoch ?? 0) + this.forgotten;
  }

  private known(key: string): CachedState | undefined {
    const folded = this.states.get(key);
    return folded?.epoch === this.epoch ? folded : undefined;
  }

  private async readOn(published: PublishedState, stream: string, folded: CachedState): Promise<void> {
    folded.currentAt = null;
    // The reader refuses unknown types of events: one of them may have revoked rights.
    for await (const event of this.log.events.stream(stream, { from: folded.revision + 1 })) {
      if (published.events.has(event.type)) {
        folded.state = published.evolve(folded.state, event as NewEvent, { revision: event.revision });
        folded.bytes += JSON.stringify(event.data).length;
      }
      folded.revision = event.revision;
    }
  }

  private keep(key: string, folded: CachedState, last: number): void {
    if (last < 0) this.states.delete(key);
    else if (folded.epoch === this.epoch) this.states.set(key, folded, folded.bytes);
  }
}

const keyOf = ({ name }: PublishedState, stream: string): string => `${name} ${stream}`;
