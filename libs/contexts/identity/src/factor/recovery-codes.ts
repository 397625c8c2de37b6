import { randomBytes } from 'node:crypto';
import { inRoom } from '@daybook/postgres';
import type { Pool } from 'pg';
import { recoveryHash } from '../session/keys.js';

export const recoveryCodeCount = 10;
/** Crockford's base 32: no letter that looks like a digit. */
const letters = '0123456789abcdefghjkmnpqrstvwxyz';
const lookAlikes: Readonly<Record<string, string>> = { o: '0', i: '1', l: '1', u: 'v' };

/** 80 random bits, written in four groups: `x7k2-9qpd-…`. */
const made = (): string =>
  Array.from(randomBytes(16), (byte) => letters[byte % 32])
    .join('')
    .replaceAll(/.{4}(?=.)/g, '$&-');
/** As the person types it: capitals, blanks and look-alikes make no difference. */
export const plainCode = (typed: string): string =>
  [...typed.toLowerCase()]
    .filter((letter) => /[a-z0-9]/.test(letter))
    .map((letter) => lookAlikes[letter] ?? letter)
    .join('');

/** Ten codes for the day the phone is lost; each is good once. Kept as keyed hashes. */
export class RecoveryCodes {
  constructor(
    private readonly pool: Pool,
    private readonly secret: string,
  ) {}

  /** New ones in place of all that were there. The only time they are known. */
  async make(personId: string): Promise<string[]> {
    const codes = Array.from({ length: recoveryCodeCount }, made);
    await inRoom(this.pool, 'identity', async (client) => {
      // One after another for each person, or of two at once both sets would be good.
      await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`recovery codes ${personId}`]);
      await client.query('delete from identity.recovery_codes where person_id = $1', [personId]);
      await client.query('insert into identity.recovery_codes (person_id, hash) select $1, unnest($2::bytea[])', [
        personId,
        codes.map((code) => recoveryHash(this.secret, personId, plainCode(code))),
      ]);
    });
    return codes;
  }

  /** Uses the code up; false when it is none of his, or was used before. */
  async use(personId: string, typed: string): Promise<boolean> {
    const { rowCount } = await inRoom(this.pool, 'identity', (client) =>
      client.query(
        'update identity.recovery_codes set used_at = now() where person_id = $1 and hash = $2 and used_at is null',
        [personId, recoveryHash(this.secret, personId, plainCode(typed))],
      ),
    );
    return rowCount === 1;
  }

  async left(personId: string): Promise<number> {
    const { rows } = await inRoom(this.pool, 'identity', (client) =>
      client.query<{ count: number }>(
        'select count(*)::int as count from identity.recovery_codes where person_id = $1 and used_at is null',
        [personId],
      ),
    );
    return rows[0]?.count ?? 0;
  }

  async remove(personId: string): Promise<void> {
    await inRoom(this.pool, 'identity', (client) =>
      client.query('delete from identity.recovery_codes where person_id = $1', [personId]),
    );
  }
}
