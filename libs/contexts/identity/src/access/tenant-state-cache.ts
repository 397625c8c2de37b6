import { type NewEvent, streamName } from '@daybook/kernel';
import { type EventReader, oncePerQuery } from '@daybook/server';
import { tenantDecider } from '../tenant/tenant.decider.js';
import type { TenantState } from '../tenant/tenant.state.js';
import { type TenantEvent, tenantEvents } from '../tenant/tenant.stream.js';
import { Batcher } from './batcher.js';

export const tenantStream = (tenant: string): string => streamName('identity.tenant', tenant, tenant);

interface CachedState {
  state: TenantState;
  /** Revision of the last event folded in; -1 for none. */
  revision: number;
  /** The catch-up read that is running, if any. */
  reading: Promise<void> | null;
  /** Epoch of the log that it was folded from. */
  readonly epoch: number;
}

/** Last revisions by stream, -1 for an empty one. */
type Revisions = ReadonlyMap<string, number>;
const lastIn = (revisions: Revisions, tenant: string): number => revisions.get(tenantStream(tenant)) ?? -1;
interface Asked {
  readonly state: TenantState;
  readonly revisions: Revisions;
}

/** Where states are folded from, and how the cache knows that they are current. */
export interface WatchedLog {
  readonly events: EventReader;
  /** Revision of the last event of each stream, -1 for an empty one, in one cheap round trip. */
  readonly lastRevisions: (streams: readonly string[]) => Promise<number[]>;
  /** Further streams of a tenant, whose revisions are asked for at the same time. */
  readonly askedAlong?: (tenant: string) => readonly string[];
  /** Called when a stream is shorter than before. Throws if the log was exchanged. */
  readonly logWentBack: () => Promise<void>;
}

/** Tenants kept in memory; the least recently used are evicted first. */
const maxTenants = 1_000;
const known: ReadonlySet<string> = new Set(tenantEvents.map(({ name }) => name));
const isTenantEvent = (event: NewEvent): event is TenantEvent => known.has(event.type);

/**
 * Caches the current state of tenants, folded from their streams (docs/adr/0014). The cache is never trusted by age:
 * each call asks the store for the stream's last revision and reads new events first. So a right that was revoked before
 * a request arrived is gone for it, no matter which process revoked it.
 */
export class TenantStateCache {
  private readonly tenants = new Map<string, CachedState>();
  private readonly last: Batcher<string, Revisions>;

  constructor(private readonly log: WatchedLog) {
    // One batch at a time: the more requests there are, the more of them share one.
    this.last = new Batcher((tenants) => this.lastOf(tenants), 1);
  }

  async current(tenant: string): Promise<TenantState> {
    return (await this.asked(tenant)).state;
  }

  /** The current state, and the last revisions of all streams that were asked for with it. */
  asked(tenant: string): Promise<Asked> {
    return oncePerQuery(this, tenant, () => this.look(tenant));
  }

  private async lastOf(tenants: readonly string[]): Promise<Revisions[]> {
    const streams = tenants.map((tenant) => [tenantStream(tenant), ...(this.log.askedAlong?.(tenant) ?? [])]);
    const found = await this.log.lastRevisions(streams.flat());
    let next = 0;
    return streams.map((names) => new Map(names.map((name) => [name, found[next++]!])));
  }

  private async look(tenant: string): Promise<Asked> {
    let revisions = await this.last.load(tenant);
    if ((this.known(tenant)?.revision ?? -1) > lastIn(revisions, tenant)) revisions = await this.notShorter(tenant);
    const last = lastIn(revisions, tenant);
    const folded = this.known(tenant) ?? {
      state: tenantDecider.initial,
      revision: -1,
      reading: null,
      epoch: this.epoch,
    };
    this.keep(tenant, folded, last);
    while (folded.revision < last) {
      const isOwn = folded.reading === null;
      folded.reading ??= this.readOn(tenant, folded).finally(() => (folded.reading = null));
      await folded.reading;
      // A read that began after `last` was answered reaches it, unless the log was exchanged in between.
      if (isOwn && folded.revision < last) {
        await this.log.logWentBack();
        return this.look(tenant);
      }
    }
    return { state: folded.state, revisions };
  }

  /** The cached state without asking the store, to start a request early; null if the tenant is not cached. */
  cached(tenant: string): TenantState | null {
    return this.known(tenant)?.state ?? null;
  }

  private get epoch(): number {
    return this.log.events.epoch ?? 0;
  }

  private known(tenant: string): CachedState | undefined {
    const folded = this.tenants.get(tenant);
    return folded?.epoch === this.epoch ? folded : undefined;
  }

  /** The cache may be ahead of an answer that was under way, but never of a fresh one. */
  private async notShorter(tenant: string): Promise<Revisions> {
    const folded = this.known(tenant)?.revision ?? -1;
    const revisions = await this.last.load(tenant);
    if (folded > lastIn(revisions, tenant)) await this.log.logWentBack();
    return revisions;
  }

  private async readOn(tenant: string, folded: CachedState): Promise<void> {
    const stream = tenantStream(tenant);
    // The reader refuses unknown types of events: one of them may have revoked rights.
    for await (const event of this.log.events.stream(stream, { from: folded.revision + 1 })) {
      if (isTenantEvent(event)) {
        folded.state = tenantDecider.evolve(folded.state, event, { revision: event.revision });
      }
      folded.revision = event.revision;
    }
  }

  private keep(tenant: string, folded: CachedState, last: number): void {
    this.tenants.delete(tenant);
    if (last < 0) return;
    this.tenants.set(tenant, folded);
    for (const oldest of this.tenants.keys()) {
      if (this.tenants.size <= maxTenants) break;
      this.tenants.delete(oldest);
    }
  }
}
