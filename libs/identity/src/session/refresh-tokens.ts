import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Pool } from 'pg';

export const refreshCookie = { name: 'daybook_refresh', path: '/v1/identity/session' } as const;
const idleDays = 7;
const familyDays = 30;

export interface RefreshToken {
  readonly token: string;
  readonly family: string;
  readonly personId: string;
  readonly tenant: string;
  readonly maxAgeSeconds: number;
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const insert = `
  insert into identity.refresh_tokens (hash, family, person_id, tenant, expires_at, family_expires_at)
  values ($1, $2, $3, $4, least(now() + interval '${idleDays} days', $5::timestamptz), $5::timestamptz)
  returning floor(extract(epoch from expires_at - now()))::int as seconds`;

/**
 * Opaque, random, kept as a hash, good for one use. Each use answers the next one of the family; a token that comes
 * twice was stolen or copied, and nobody knows which of the two is the thief: the whole family ends (RFC 9700, 4.14).
 */
export class RefreshTokens {
  constructor(private readonly pool: Pool) {}

  async open(personId: string, tenant: string): Promise<RefreshToken> {
    const token = randomBytes(32).toString('base64url');
    const family = randomUUID();
    const { rows } = await this.pool.query<{ seconds: number }>(
      insert.replaceAll('$5::timestamptz', `(now() + interval '${familyDays} days')`),
      [hashOf(token), family, personId, tenant],
    );
    // Families nobody can use any more go with the next sign-in.
    await this.pool.query('delete from identity.refresh_tokens where family_expires_at < now()');
    return { token, family, personId, tenant, maxAgeSeconds: rows[0]?.seconds ?? 0 };
  }

  /** Whose it is, without using it; null when it is no good. */
  async look(token: string): Promise<{ personId: string; tenant: string } | null> {
    const { rows } = await this.pool.query<Row>(
      `select person_id, tenant from identity.refresh_tokens where hash = $1 and ${good}`,
      [hashOf(token)],
    );
    return rows[0] ? { personId: rows[0].person_id, tenant: rows[0].tenant } : null;
  }

  /** Uses the token and makes the next one, for a tenant of the person; null when the given one is no good. */
  async rotate(token: string, tenant: string): Promise<RefreshToken | null> {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      const { rows } = await client.query<Row>(
        `update identity.refresh_tokens set used_at = now()
         where hash = $1 and ${good} returning family, person_id, family_expires_at`,
        [hashOf(token)],
      );
      const used = rows[0];
      if (!used) {
        await client.query(`${revoke} where family in (${familyOfUsed}) and revoked_at is null`, [hashOf(token)]);
        await client.query('commit');
        return null;
      }
      const next = randomBytes(32).toString('base64url');
      const values = [hashOf(next), used.family, used.person_id, tenant, used.family_expires_at];
      const made = await client.query<{ seconds: number }>(insert, values);
      await client.query('commit');
      return {
        token: next,
        family: used.family,
        personId: used.person_id,
        tenant,
        maxAgeSeconds: made.rows[0]?.seconds ?? 0,
      };
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }

  /** Ends the family of a token, whether used or not. */
  async close(token: string): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `${revoke} where family in (select family from identity.refresh_tokens where hash = $1) and revoked_at is null`,
      [hashOf(token)],
    );
    return (rowCount ?? 0) > 0;
  }

  /** Ends all families of a person but the one of the token. */
  async closeOthers(personId: string, token: string | undefined): Promise<void> {
    await this.pool.query(
      `${revoke} where person_id = $1 and revoked_at is null
       and family not in (select family from identity.refresh_tokens where hash = $2)`,
      [personId, hashOf(token ?? '')],
    );
  }
}

interface Row {
  readonly family: string;
  readonly person_id: string;
  readonly tenant: string;
  readonly family_expires_at: string;
}

const good = 'used_at is null and revoked_at is null and expires_at > now()';
const revoke = 'update identity.refresh_tokens set revoked_at = now()';
const familyOfUsed = 'select family from identity.refresh_tokens where hash = $1 and used_at is not null';
