import { reject, type Rejection } from '@daybook/kernel';
import type { Pool } from 'pg';

export const mostTries = 10;
/** Many people share a network address, and one of them must not lock out the others; guessing many accounts still ends. */
export const mostTriesOfAddress = 100;
export const pauseMinutes = 15;

export interface TriesKey {
  readonly key: Buffer;
  readonly most: number;
}

/**
 * Tries to sign in, counted before the password is looked at, per mail address and per network address, in the
 * database, so that neither a restart nor a second process forgets them. After the last one, good tries wait as bad ones do.
 */
export class Tries {
  constructor(private readonly pool: Pool) {}

  /** Counts one try for each key; a rejection when any of them pauses. */
  async take(keys: readonly TriesKey[]): Promise<Rejection | null> {
    const { rows } = await this.pool.query<{ wait: number | null }>(
      `insert into identity.sign_in_tries as t (key, tries, first_at)
       select key, 1, now() from unnest($1::bytea[], $2::int[]) as k(key, most) order by key
       on conflict (key) do update set
         tries = case when ${startsAnew} then 1 else t.tries + 1 end,
         first_at = case when ${startsAnew} then now() else t.first_at end,
         paused_until = case when ${startsAnew} then null
           when t.paused_until is null and t.tries >= ($2::int[])[array_position($1::bytea[], t.key)] then now() + make_interval(mins => $3) else t.paused_until end
       returning ceil(extract(epoch from paused_until - now()))::int as wait`,
      [keys.map(({ key }) => key), keys.map(({ most }) => most), pauseMinutes],
    );
    const waits = rows.flatMap(({ wait }) => (wait === null ? [] : [Math.max(1, wait)]));
    if (waits.length === 0) return null;
    const retryAfterSeconds = Math.max(...waits);
    const minutes = Math.ceil(retryAfterSeconds / 60);
    return reject(
      'identity.too-many-tries',
      `Sign-in pauses after ${mostTries} tries. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
      { status: 429, details: { retryAfterSeconds } },
    );
  }

  /** A good password forgets the tries before it. */
  async forget(keys: readonly TriesKey[]): Promise<void> {
    await this.pool.query(
      `delete from identity.sign_in_tries
       where key = any($1::bytea[]) or coalesce(paused_until, first_at + make_interval(mins => $2)) < now()`,
      [keys.map(({ key }) => key), pauseMinutes],
    );
  }
}

/** The pause is over, or the tries are so old that they no longer count. */
const startsAnew = `coalesce(t.paused_until, t.first_at + make_interval(mins => $3)) < now()`;
