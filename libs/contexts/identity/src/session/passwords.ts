import { type Algorithm, hash, verify as verifyHash } from '@node-rs/argon2';
import { inRoom } from '@daybook/postgres';
import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import { emailHash } from './keys.js';
import type { EndReason } from './session.schema.js';
import { type EndedSession, endIn } from './session-rows.js';

/** OWASP's first choice for Argon2id: 19 MiB, 2 passes. */
const cost = { algorithm: 2 as Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const hashPassword = (password: string): Promise<string> => hash(password.normalize('NFKC'), cost);

/** To the microsecond, in any time zone. */
const setAt = 'extract(epoch from changed_at)::text';

/**
 * Is this still the person's password? Held until the end of the transaction, so that a change comes before it or after it,
 * and ends whatever was opened in it.
 */
export async function isStillSet(client: PoolClient, { personId, setAt: at }: ProvedPassword): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from identity.credentials where person_id = $1 and ${setAt} = $2 for share`,
    [personId, at],
  );
  return rowCount === 1;
}

/**
 * Verified when there is no such person, so that the answer takes as long as for a wrong password; written down, so that the
 * first such answer of a process takes no longer than the others. Of a random password that was thrown away.
 */
export const hashOfNobody =
  '$argon2id$v=19$m=19456,t=2,p=1$OvRDKrTo8WZ7PpciR/jY5A$6ec0WX5yoNVt02qcSsEQoG0nbCF4MabctuCV81q0gn0';

/** Whose password it was, and which one: a sign-in that is under way is of no use once there is another. */
export interface ProvedPassword {
  readonly personId: string;
  /** Opaque; another one after each change. */
  readonly setAt: string;
}

export class Passwords {
  constructor(
    private readonly pool: Pool,
    private readonly secret: string,
    /** One Argon2 verification a try, whoever is asked for; a spec counts them. */
    private readonly verify: (hash: string, password: string) => Promise<boolean> = verifyHash,
  ) {}

  /** The person, or null, after the same work either way. */
  prove(email: string, password: string): Promise<ProvedPassword | null> {
    return this.compare('email_hash', emailHash(this.secret, email), password);
  }

  async check(email: string, password: string): Promise<string | null> {
    return (await this.prove(email, password))?.personId ?? null;
  }

  async checkOf(personId: string, password: string): Promise<string | null> {
    return (await this.compare('person_id', personId, password))?.personId ?? null;
  }

  /** The first password; one that is there stays. Answers whether it was set. */
  async set(personId: string, email: string, password: string): Promise<boolean> {
    const { rowCount } = await this.ask(
      `insert into identity.credentials (person_id, email_hash, password_hash) values ($1, $2, $3)
       on conflict (person_id) do nothing`,
      [personId, emailHash(this.secret, email), await hashPassword(password)],
    );
    return rowCount === 1;
  }

  async has(personId: string): Promise<boolean> {
    return (await this.changedAt(personId)) !== null;
  }

  /** When the password was set last; null for a person without one. */
  async changedAt(personId: string): Promise<string | null> {
    const { rows } = await this.ask<{ changed_at: string }>(
      'select changed_at from identity.credentials where person_id = $1',
      [personId],
    );
    return rows[0]?.changed_at ?? null;
  }

  /**
   * A new password, and the end of what the one before opened: all sessions but one, and the links that were mailed, for a
   * stranger in the account may have begun to take its address away. All of it or nothing, so that a crash in between leaves
   * nobody in. Answers the sessions, whose ends the caller records.
   */
  async change(
    personId: string,
    password: string,
    { reason, except = null }: { readonly reason: EndReason; readonly except?: string | null },
  ): Promise<EndedSession[]> {
    const passwordHash = await hashPassword(password);
    return inRoom(this.pool, 'identity', async (client) => {
      await client.query(
        'update identity.credentials set password_hash = $2, changed_at = now() where person_id = $1',
        [personId, passwordHash],
      );
      await client.query(`delete from identity.links where holder_id = $1 and purpose in ('email', 'password')`, [
        personId,
      ]);
      return endIn(client, 'person_id = $2 and ($3::uuid is null or session_id <> $3)', reason, [personId, except]);
    });
  }

  private async compare(
    column: 'email_hash' | 'person_id',
    key: unknown,
    password: string,
  ): Promise<ProvedPassword | null> {
    const { rows } = await this.ask<{ person_id: string; password_hash: string; set_at: string }>(
      `select person_id, password_hash, ${setAt} as set_at from identity.credentials where ${column} = $1`,
      [key],
    );
    const [row] = rows;
    const right = await this.verify(row?.password_hash ?? hashOfNobody, password.normalize('NFKC'));
    return right && row ? { personId: row.person_id, setAt: row.set_at } : null;
  }

  private ask<R extends QueryResultRow>(sql: string, values: unknown[]): Promise<QueryResult<R>> {
    return inRoom(this.pool, 'identity', (client) => client.query<R>(sql, values));
  }
}
