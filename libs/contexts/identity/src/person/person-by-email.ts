import { inRoom } from '@daybook/postgres';
import type { Pool } from 'pg';
import { emailHash } from '../session/keys.js';

/**
 * Who signs in with this address now; null for nobody. The id of a person follows from the address he was registered
 * with, and from no later one, so whoever is asked for by address is looked up here.
 */
export async function personByEmail(pool: Pool, secret: string, email: string): Promise<string | null> {
  const { rows } = await inRoom(pool, 'identity', (client) =>
    client.query<{ person_id: string }>('select person_id from identity.credentials where email_hash = $1', [
      emailHash(secret, email),
    ]),
  );
  return rows[0]?.person_id ?? null;
}

/** The address a person signs in with from now on; false when it is somebody else's. */
export async function takeEmail(pool: Pool, secret: string, personId: string, email: string): Promise<boolean> {
  try {
    await inRoom(pool, 'identity', (client) =>
      client.query('update identity.credentials set email_hash = $2 where person_id = $1', [
        personId,
        emailHash(secret, email),
      ]),
    );
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

/** PostgreSQL's unique_violation. */
export const isTaken = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === '23505';
