import { randomBytes } from 'node:crypto';
import { inSchemaScope } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { noteChange } from './credential-change.js';
import type { CredentialChange } from './mfa.schema.js';
import { recoveryHash } from '../session/secret-sealing.js';
import { RecoveryCodeEntity } from './mfa.entities.js';
import type { Deps } from '../injected.js';

export const recoveryCodeCount = 10;
/** Crockford's base 32: no letters that look like digits. */
const letters = '0123456789abcdefghjkmnpqrstvwxyz';
const lookAlikes: Readonly<Record<string, string>> = { o: '0', i: '1', l: '1', u: 'v' };

/** 80 random bits, written in four groups: `x7k2-9qpd-…`. */
const made = (): string =>
  Array.from(randomBytes(16), (byte) => letters[byte % 32])
    .join('')
    .replaceAll(/.{4}(?=.)/g, '$&-');
/** Normalises what a person types: case, spaces and look-alike letters do not matter. */
export const plainCode = (typed: string): string =>
  [...typed.toLowerCase()]
    .filter((letter) => /[a-z0-9]/.test(letter))
    .map((letter) => lookAlikes[letter] ?? letter)
    .join('');

/** SQL: serialises changes of a person's codes until the transaction ends; otherwise two at once would leave two valid sets. */
export async function lockCodes(em: EntityManager, personId: string): Promise<void> {
  await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`recovery codes ${personId}`]);
}

/** Ten codes for when the phone is lost. Each works once. Stored as keyed hashes. */
export class RecoveryCodes {
  constructor(private readonly deps: Deps<'em' | 'secret'>) {}

  /** Replaces all codes by new ones. They are known only in this answer. */
  async make(personId: string, change: CredentialChange): Promise<string[]> {
    const codes = Array.from({ length: recoveryCodeCount }, made);
    await inSchemaScope(this.deps.em, 'identity', async (em) => {
      await lockCodes(em, personId);
      await em.nativeDelete(RecoveryCodeEntity, { personId });
      await em.insertMany(
        RecoveryCodeEntity,
        codes.map((code) => ({ personId, hash: recoveryHash(this.deps.secret, personId, plainCode(code)) })),
      );
      await noteChange(em, personId, 'recovery-codes', change);
    });
    return codes;
  }

  /** Uses the code up; false if it is not one of theirs, or was used before. */
  async use(personId: string, typed: string): Promise<boolean> {
    const code = { personId, hash: recoveryHash(this.deps.secret, personId, plainCode(typed)), usedAt: null };
    const used = await inSchemaScope(this.deps.em, 'identity', (em) =>
      em.nativeUpdate(RecoveryCodeEntity, code, { usedAt: raw('now()') }),
    );
    return used === 1;
  }

  left(personId: string): Promise<number> {
    return inSchemaScope(this.deps.em, 'identity', (em) => em.count(RecoveryCodeEntity, { personId, usedAt: null }));
  }
}
