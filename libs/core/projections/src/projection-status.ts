import type { EventStore } from '@daybook/event-store';
import type { ClientBase } from 'pg';
import { groupPosition } from './registry.js';

/** The status of each generation of a read model, and of each process: its position, what it waits for, where it stopped and why. */
export interface ProjectionStatus {
  readonly kind: 'read-model' | 'process';
  readonly name: string;
  readonly version: number;
  readonly generation: number;
  readonly state: 'live' | 'building' | 'differs' | 'retired';
  readonly position: string;
  /** Lag behind the event store: positions (events, where positions are gapless), and seconds since the first missing event. */
  readonly lag: { readonly events: string; readonly seconds: number };
  /** With the API's role, only the caller's tenant. */
  readonly parked: readonly ParkedStatus[];
  /** Positions built so far and to build; null unless it is being built. */
  readonly rebuild: { readonly done: string; readonly total: string } | null;
  /** The result of comparing it with the generation that it replaces. */
  readonly comparison: unknown;
}
export interface ParkedStatus {
  readonly tenant: string;
  readonly eventId: string;
  readonly type: string;
  readonly position: string;
  readonly error: string;
  readonly tries: number;
  readonly parkedAt: string;
}

type Row = Pick<ProjectionStatus, 'kind' | 'name' | 'version' | 'generation' | 'state' | 'comparison' | 'parked'> & {
  position: string;
  target: string;
};
type Queryable = Pick<ClientBase, 'query'>;

export async function projectionStatus(client: Queryable, store: EventStore): Promise<ProjectionStatus[]> {
  const [group, head] = [await groupPosition(client), await store.head()];
  const { rows } = await client.query<Row>(
    `select 'read-model' as kind, g.name, g.version, g.generation, g.status as state, g.position, g.target, g.comparison,
       ${parkedAs('projections.parked p where p.schema = g.schema')}
     from projections.generation g
     union all
     select 'process', q.name, q.version, q.generation, case when q.position < q.quiet_until then 'building' else 'live' end,
       q.position, q.quiet_until, null, ${parkedAs('projections.process_parked p where p.process = q.name')}
     from projections.process q where q.version > 0
     order by kind desc, name, generation`,
  );
  const seconds = new Map<bigint, number>();
  const behind = async (position: bigint): Promise<number> => {
    if (position >= head) return 0;
    const known = seconds.get(position) ?? (await secondsBehind(store, position));
    seconds.set(position, known);
    return known;
  };
  return Promise.all(
    rows.map(async ({ position: own, target, state, ...row }) => {
      const position = row.kind === 'read-model' && state === 'live' ? group : BigInt(own);
      return {
        ...row,
        state,
        position: String(position),
        lag: { events: String(head > position ? head - position : 0n), seconds: await behind(position) },
        rebuild: state === 'building' ? { done: String(position), total: target } : null,
      };
    }),
  );
}

const parkedAs = (from: string): string =>
  `coalesce((select jsonb_agg(jsonb_build_object('tenant', p.tenant, 'eventId', p.event_id, 'type', p.event_type,
     'position', p.position::text, 'error', p.error, 'tries', p.tries, 'parkedAt', p.parked_at) order by p.tenant)
   from ${from}), '[]') as parked`;

/** Seconds since the first event after a position was recorded. */
async function secondsBehind(store: EventStore, position: bigint): Promise<number> {
  for await (const { recordedAt } of store.readAll({ after: position, limit: 1 })) {
    return Math.max(0, (Date.now() - Date.parse(recordedAt)) / 1000);
  }
  return 0;
}

/**
 * Requests the projector to rebuild a read model, for all tenants. Runs as the projector's role, which the operator has. One at a
 * time; begins within about a second, and shows in the status.
 */
export async function requestRebuild(client: Queryable, name: string): Promise<'requested' | 'busy' | 'not-found'> {
  const { rows } = await client.query<{ answer: 'requested' | 'busy' | 'not-found' }>(
    'select projections.request_rebuild($1) as answer',
    [name],
  );
  return rows[0]!.answer;
}
/** Requests a retry of what is parked for the tenant of the connection. */
export const requestRetry = async (client: Queryable, name: string): Promise<void> =>
  void (await client.query('select projections.request_retry($1)', [name]));
