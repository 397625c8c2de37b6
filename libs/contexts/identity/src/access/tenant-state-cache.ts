import { type NewEvent, streamName } from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import { tenantDecider } from '../tenant/tenant.decider.js';
import type { TenantState } from '../tenant/tenant.state.js';
import { type TenantEvent, tenantEvents } from '../tenant/tenant.stream.js';
import { Batcher } from './batcher.js';

export const tenantStream = (tenant: string): string => streamName('identity.tenant', tenant, tenant);

interface Folded {
  state: TenantState;
  /** Of the last event that is in it; -1 for none. */
  revision: number;
  /** Reading on, one at a time. */
  reading: Promise<void> | null;
  /** Of the log that it was folded from. */
  readonly epoch: number;
}

/** What the present state is folded from, and how it is known to be the present one. */
export interface WatchedLog {
  readonly events: EventReader;
  /** Revision of the last event of each stream, -1 where there is none: one cheap round trip. */
  readonly lastRevisions: (streams: readonly string[]) => Promise<number[]>;
  /** A stream turns out to be shorter than it was; throws where the log is another one now. */
  readonly logWentBack: () => Promise<void>;
}

/** Tenants kept in memory; the least recently used leave first. */
const mostKept = 1_000;
const known: ReadonlySet<string> = new Set(tenantEvents.map(({ name }) => name));
const isTenantEvent = (event: NewEvent): event is TenantEvent => known.has(event.type);

/**
 * The present state of tenants, folded from their streams and kept (docs/adr/0014). It is never trusted by its age: each
 * time it is asked for, the store says the stream's last revision, and what is new is read first. So a right that was
 * taken away before a request came is not there for it, in whatever process it was taken away.
 */
export class TenantStateCache {
  private readonly tenants = new Map<string, Folded>();
  private readonly last: Batcher<string, number>;

  constructor(private readonly log: WatchedLog) {
    // One round at a time: reads go on meanwhile, and the more requests there are, the more of them share one.
    this.last = new Batcher((streams) => this.log.lastRevisions(streams), 1);
  }

  async current(tenant: string): Promise<TenantState> {
    let last = await this.last.load(tenantStream(tenant));
    if ((this.known(tenant)?.revision ?? -1) > last) last = await this.notShorter(tenant);
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
      // A reading that began after `last` was answered comes as far, unless the log was exchanged in between.
      if (isOwn && folded.revision < last) {
        await this.log.logWentBack();
        return this.current(tenant);
      }
    }
    return folded.state;
  }

  /** The state as it was when it was last asked for; null for a tenant that is not in memory. Only to begin with. */
  lately(tenant: string): TenantState | null {
    return this.known(tenant)?.state ?? null;
  }

  private get epoch(): number {
    return this.log.events.epoch ?? 0;
  }

  private known(tenant: string): Folded | undefined {
    const folded = this.tenants.get(tenant);
    return folded?.epoch === this.epoch ? folded : undefined;
  }

  /** What was folded may be ahead of an answer that was on its way meanwhile, but never of one that is asked for now. */
  private async notShorter(tenant: string): Promise<number> {
    const folded = this.known(tenant)?.revision ?? -1;
    const last = await this.last.load(tenantStream(tenant));
    if (folded > last) await this.log.logWentBack();
    return last;
  }

  private async readOn(tenant: string, folded: Folded): Promise<void> {
    const stream = tenantStream(tenant);
    // An event of a type that this program does not know is refused by the reader: it may have taken rights away.
    for await (const event of this.log.events.stream(stream, { from: folded.revision + 1 })) {
      if (isTenantEvent(event)) {
        folded.state = tenantDecider.evolve(folded.state, event, { revision: event.revision });
      }
      folded.revision = event.revision;
    }
  }

  private keep(tenant: string, folded: Folded, last: number): void {
    this.tenants.delete(tenant);
    if (last < 0) return;
    this.tenants.set(tenant, folded);
    for (const oldest of this.tenants.keys()) {
      if (this.tenants.size <= mostKept) break;
      this.tenants.delete(oldest);
    }
  }
}
