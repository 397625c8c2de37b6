import { inSchemaScope } from '@daybook/postgres';
import { raw } from '@mikro-orm/postgresql';
import { Secret, TOTP } from 'otpauth';
import { seal, unseal } from '../session/secret-sealing.js';
import { noteChange } from './credential-change.js';
import { TotpEntity, type TotpRow } from './mfa.entities.js';
import type { Deps } from '../injected.js';

/**
 * RFC 6238 as authenticator apps implement it: SHA-1, six digits, 30 seconds. The clock of the phone may drift: its skew is
 * remembered from code to code (section 6), and a code may be one step off that skew, or off the correct time.
 */
const form = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
const window = 1;
/** In steps: five minutes. The first code may be this far off, because only somebody who sees the secret can enter it. */
export const maxSkew = 10;
const purpose = 'totp';
const stepAt = (now: number): number => Math.floor(now / 1000 / form.period);

/** The skew, in steps, at which the code matches, searched within `steps` steps of `skew`. */
type Find = (skew: number, steps: number) => number | null;

/** The authenticator app of a person. A code works once: its step is remembered, and earlier steps are refused. */
export class Totp {
  constructor(
    private readonly deps: Deps<'em' | 'secret'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** When it was confirmed; null if there is none, or it is not confirmed. */
  async since(personId: string): Promise<string | null> {
    return (await this.row(personId))?.confirmedAt ?? null;
  }

  /** A new secret, active once a code of it is confirmed; null if one is active already. */
  async add(personId: string, label: string): Promise<{ secret: string; uri: string } | null> {
    const secret = new Secret({ size: 20 });
    const added = {
      secretSealed: seal(this.deps.secret, purpose, Buffer.from(secret.buffer)),
      lastStep: 0,
      skewSteps: 0,
    };
    const { affectedRows } = await inSchemaScope(this.deps.em, 'identity', (em) =>
      em
        .createQueryBuilder(TotpEntity)
        .insert({ personId, ...added })
        .onConflict('personId')
        .merge(['secretSealed', 'lastStep', 'skewSteps'])
        .where({ confirmedAt: null })
        .execute('run'),
    );
    if (affectedRows === 0) return null;
    const uri = new TOTP({ ...form, issuer: 'Daybook', label, secret }).toString();
    return { secret: secret.base32, uri };
  }

  /** Activates the added app; false if the code is wrong or no app was added. */
  async confirm(personId: string, code: string): Promise<boolean> {
    const anySkew = (find: Find) => find(0, maxSkew);
    return this.use(personId, code, anySkew, { confirmedAt: null }, { confirmedAt: raw('now()') });
  }

  /** Whether the code is valid now and was not used before. Uses it up. */
  async check(personId: string, code: string): Promise<boolean> {
    const near = (find: Find, { skewSteps: skew }: TotpRow) => find(skew, window) ?? find(0, window);
    return this.use(personId, code, near, { confirmedAt: { $ne: null } }, {});
  }

  private async use(
    personId: string,
    code: string,
    look: (find: Find, row: TotpRow) => number | null,
    state: { confirmedAt: null | { $ne: null } },
    sets: { confirmedAt?: string },
  ): Promise<boolean> {
    const row = await this.row(personId);
    if (!row) return false;
    const now = this.now();
    const totp = new TOTP({ ...form, secret: this.open(row) });
    const find: Find = (skew, steps) => {
      const timestamp = now + skew * form.period * 1000;
      const delta = totp.validate({ token: code.replaceAll(' ', ''), timestamp, window: steps });
      return delta === null || Math.abs(skew + delta) > maxSkew ? null : skew + delta;
    };
    const skew = look(find, row);
    if (skew === null) return false;
    const step = stepAt(now) + skew;
    // Only for the same secret: another one may have been added since it was read.
    const unused = { personId, lastStep: { $lt: step }, secretSealed: row.secretSealed, ...state };
    return inSchemaScope(this.deps.em, 'identity', async (em) => {
      const used = await em.nativeUpdate(TotpEntity, unused, { ...sets, lastStep: step, skewSteps: skew });
      if (used === 1 && sets.confirmedAt !== undefined) await noteChange(em, personId, 'totp', 'added');
      return used === 1;
    });
  }

  private open(row: TotpRow): Secret {
    const clear = unseal(this.deps.secret, purpose, row.secretSealed);
    return new Secret({ buffer: Uint8Array.from(clear).buffer });
  }

  private row(personId: string): Promise<TotpRow | null> {
    return inSchemaScope(this.deps.em, 'identity', (em) => em.findOne(TotpEntity, { personId }));
  }
}
