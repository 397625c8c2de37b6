import { inRoom } from '@daybook/postgres';
import { Secret, TOTP } from 'otpauth';
import type { Pool, QueryResult, QueryResultRow } from 'pg';
import { seal, unseal } from '../session/keys.js';

/**
 * RFC 6238 as authenticator apps know it: SHA-1, six digits, 30 seconds. The phone's clock may be off: by how many steps is
 * remembered from one code to the next (section 6), and a code counts one step to either side of that, or of the right time.
 */
const form = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
const window = 1;
/** In steps: five minutes. So far the first code may be off, which only who sees the secret can show. */
export const mostSkew = 10;
const purpose = 'totp';
const stepAt = (now: number): number => Math.floor(now / 1000 / form.period);

interface Row {
  readonly secret_sealed: Buffer;
  readonly confirmed_at: string | null;
  /** By how many steps the phone's clock was ahead with the last code. */
  readonly skew_steps: number;
}

/** The skew, in steps, at which the code is right, looked for so many steps to either side of another skew. */
type Find = (skew: number, steps: number) => number | null;

/** The authenticator app of a person. A code works once: the step it belongs to is remembered, and none before it counts. */
export class Totp {
  constructor(
    private readonly pool: Pool,
    private readonly secret: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** Since when it counts; null when there is none, or none confirmed. */
  async since(personId: string): Promise<string | null> {
    return (await this.row(personId))?.confirmed_at ?? null;
  }

  /** A new secret, which counts once a code of it is shown; null when one counts already. */
  async add(personId: string, label: string): Promise<{ secret: string; uri: string } | null> {
    const secret = new Secret({ size: 20 });
    const { rowCount } = await this.ask(
      `insert into identity.totp as t (person_id, secret_sealed) values ($1, $2)
       on conflict (person_id) do update set secret_sealed = excluded.secret_sealed, last_step = 0, skew_steps = 0
       where t.confirmed_at is null`,
      [personId, seal(this.secret, purpose, Buffer.from(secret.buffer))],
    );
    if (rowCount === 0) return null;
    const uri = new TOTP({ ...form, issuer: 'Daybook', label, secret }).toString();
    return { secret: secret.base32, uri };
  }

  /** Makes the added one count; false when the code is wrong or nothing was added. */
  async confirm(personId: string, code: string): Promise<boolean> {
    const anySkew = (find: Find) => find(0, mostSkew);
    return this.use(personId, code, anySkew, 'confirmed_at is null', 'confirmed_at = now(), ');
  }

  /** Is this a code of now that was not used before? Uses it. */
  async check(personId: string, code: string): Promise<boolean> {
    const near = (find: Find, { skew_steps: skew }: Row) => find(skew, window) ?? find(0, window);
    return this.use(personId, code, near, 'confirmed_at is not null', '');
  }

  async remove(personId: string): Promise<boolean> {
    const { rowCount } = await this.ask('delete from identity.totp where person_id = $1', [personId]);
    return rowCount === 1;
  }

  private async use(
    personId: string,
    code: string,
    look: (find: Find, row: Row) => number | null,
    state: string,
    sets: string,
  ): Promise<boolean> {
    const row = await this.row(personId);
    if (!row) return false;
    const now = this.now();
    const totp = new TOTP({ ...form, secret: this.open(row) });
    const find: Find = (skew, steps) => {
      const timestamp = now + skew * form.period * 1000;
      const delta = totp.validate({ token: code.replaceAll(' ', ''), timestamp, window: steps });
      return delta === null || Math.abs(skew + delta) > mostSkew ? null : skew + delta;
    };
    const skew = look(find, row);
    if (skew === null) return false;
    const { rowCount } = await this.ask(
      // The same secret: another one may have been added since it was read.
      `update identity.totp set ${sets}last_step = $2, skew_steps = $4
       where person_id = $1 and last_step < $2 and secret_sealed = $3 and ${state}`,
      [personId, stepAt(now) + skew, row.secret_sealed, skew],
    );
    return rowCount === 1;
  }

  private open(row: Row): Secret {
    const clear = unseal(this.secret, purpose, row.secret_sealed);
    return new Secret({ buffer: Uint8Array.from(clear).buffer });
  }

  private async row(personId: string): Promise<Row | undefined> {
    const { rows } = await this.ask<Row>(
      'select secret_sealed, confirmed_at, skew_steps from identity.totp where person_id = $1',
      [personId],
    );
    return rows[0];
  }

  private ask<R extends QueryResultRow>(sql: string, values: unknown[]): Promise<QueryResult<R>> {
    return inRoom(this.pool, 'identity', (client) => client.query<R>(sql, values));
  }
}
