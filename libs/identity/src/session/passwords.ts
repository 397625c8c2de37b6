import { type Algorithm, hash, verify as verifyHash } from '@node-rs/argon2';
import { inRoom } from '@daybook/postgres';
import type { Pool, QueryResult, QueryResultRow } from 'pg';
import { emailHash } from './keys.js';

/** OWASP's first choice for Argon2id: 19 MiB, 2 passes. */
const cost = { algorithm: 2 as Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const hashPassword = (password: string): Promise<string> => hash(password.normalize('NFKC'), cost);

/** Verified when there is no such person, so that the answer takes as long as for a wrong password. */
let nobody: Promise<string> | undefined;
const hashOfNobody = (): Promise<string> => (nobody ??= hashPassword('nobody has this password'));

export class Passwords {
  constructor(
    private readonly pool: Pool,
    private readonly secret: string,
    /** One Argon2 verification a try, whoever is asked for; a spec counts them. */
    private readonly verify: (hash: string, password: string) => Promise<boolean> = verifyHash,
  ) {}

  /** The person, or null, after the same work either way. */
  check(email: string, password: string): Promise<string | null> {
    return this.compare('email_hash', emailHash(this.secret, email), password);
  }

  checkOf(personId: string, password: string): Promise<string | null> {
    return this.compare('person_id', personId, password);
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

  async change(personId: string, password: string): Promise<void> {
    await this.ask('update identity.credentials set password_hash = $2, changed_at = now() where person_id = $1', [
      personId,
      await hashPassword(password),
    ]);
  }

  private async compare(column: 'email_hash' | 'person_id', key: unknown, password: string): Promise<string | null> {
    const { rows } = await this.ask<{ person_id: string; password_hash: string }>(
      `select person_id, password_hash from identity.credentials where ${column} = $1`,
      [key],
    );
    const right = await this.verify(rows[0]?.password_hash ?? (await hashOfNobody()), password.normalize('NFKC'));
    return right && rows[0] ? rows[0].person_id : null;
  }

  private ask<R extends QueryResultRow>(sql: string, values: unknown[]): Promise<QueryResult<R>> {
    return inRoom(this.pool, 'identity', (client) => client.query<R>(sql, values));
  }
}
