import { createHash, randomBytes } from 'node:crypto';
import { inRoom } from '@daybook/postgres';
import type { Pool } from 'pg';

export const ticketMinutes = 5;

/** What is begun and waits for its second half. */
export type Purpose = 'second-factor' | 'passkey-get' | 'passkey-create';

export interface Ticket<D> {
  readonly personId: string | null;
  readonly data: D;
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Opaque, random, kept as a hash, for five minutes and few tries. */
export class Tickets<D> {
  constructor(
    private readonly pool: Pool,
    private readonly purpose: Purpose,
    private readonly tries = 1,
  ) {}

  async issue(personId: string | null, data: D): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await inRoom(this.pool, 'identity', async (client) => {
      await client.query('delete from identity.tickets where expires_at < now()');
      await client.query(
        `insert into identity.tickets (hash, purpose, person_id, data, tries_left, expires_at)
         values ($1, $2, $3, $4, $5, now() + make_interval(mins => $6))`,
        [hashOf(token), this.purpose, personId, JSON.stringify(data), this.tries, ticketMinutes],
      );
    });
    return token;
  }

  /** Takes one of its tries, counted before anything is looked at; null when it is used up, too old, or was never ours. */
  async use(token: string): Promise<Ticket<D> | null> {
    const { rows } = await inRoom(this.pool, 'identity', (client) =>
      client.query<{ person_id: string | null; data: D }>(
        `update identity.tickets set tries_left = tries_left - 1
         where hash = $1 and purpose = $2 and tries_left > 0 and expires_at > now() returning person_id, data`,
        [hashOf(token), this.purpose],
      ),
    );
    return rows[0] ? { personId: rows[0].person_id, data: rows[0].data } : null;
  }

  /** Answers whether it was still there: of two that finish at once, one does. */
  async finish(token: string): Promise<boolean> {
    const { rowCount } = await inRoom(this.pool, 'identity', (client) =>
      client.query('delete from identity.tickets where hash = $1 and purpose = $2', [hashOf(token), this.purpose]),
    );
    return rowCount === 1;
  }
}
