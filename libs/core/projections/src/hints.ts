import type { ClientBase } from 'pg';

/*
 * Live hints that rows changed, sent after the checkpoint is committed; losing one does no harm. `ids` are the records of the
 * events; empty when there are too many to name.
 */
export interface Hint {
  readonly tenant: string;
  readonly channel: string;
  readonly ids: readonly string[];
  readonly position: string;
}
export const hintNotifyChannel = 'daybook_live';
const mostIds = 20;
/** PostgreSQL's limit for a notification is 8,000 bytes. */
const mostBytes = 7_000;

export class Hints {
  private readonly changed = new Map<string, { tenant: string; channel: string; ids: Set<string>; position: bigint }>();

  add(tenant: string, channels: readonly string[], recordId: string, position: bigint): void {
    for (const channel of channels) {
      const known = this.changed.get(`${tenant} ${channel}`) ?? { tenant, channel, ids: new Set<string>(), position };
      known.ids.add(recordId);
      known.position = position;
      this.changed.set(`${tenant} ${channel}`, known);
    }
  }

  list(): Hint[] {
    return [...this.changed.values()].map(({ tenant, channel, ids, position }) => {
      const named = { tenant, channel, ids: ids.size > mostIds ? [] : [...ids], position: String(position) };
      return Buffer.byteLength(JSON.stringify(named)) > mostBytes ? { ...named, ids: [] } : named;
    });
  }
}

export async function sendHints(client: Pick<ClientBase, 'query'>, hints: readonly Hint[]): Promise<void> {
  if (hints.length === 0) return;
  await client.query('select pg_notify($1, hint) from unnest($2::text[]) as hint', [
    hintNotifyChannel,
    hints.map((hint) => JSON.stringify(hint)),
  ]);
}
