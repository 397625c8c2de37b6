import type { Deps } from '../injected.js';
import { inSchemaScope } from '@daybook/postgres';
import { type EndedSession, endIn } from '../session/session-rows.js';
import type { Assertion, SecondFactor, SignInMethod } from '../session/session.schema.js';
import { noteChange } from './credential-change.js';
import { PasskeyEntity, RecoveryCodeEntity, TotpEntity } from './mfa.entities.js';
import type { Passkeys } from './passkeys.js';
import { lockCodes, type RecoveryCodes } from './recovery-codes.js';
import type { Totp } from './totp.js';

/** One proof that a person presents. */
export interface Proof {
  readonly code?: string | undefined;
  readonly recoveryCode?: string | undefined;
  readonly passkey?: Assertion | undefined;
}

/** The second factors of people: which ones they have, and whether a proof is valid. */
export class MfaMethods {
  readonly totp: Totp;
  readonly codes: RecoveryCodes;
  readonly passkeys: Passkeys;

  constructor(private readonly deps: Deps<'em' | 'totp' | 'recoveryCodes' | 'passkeys'>) {
    ({ totp: this.totp, recoveryCodes: this.codes, passkeys: this.passkeys } = deps);
  }

  /** The methods a person can be asked for; empty if they have no second factor. */
  async of(personId: string): Promise<SecondFactor[]> {
    const [totp, passkeys, codes] = await Promise.all([
      this.totp.since(personId),
      this.passkeys.list(personId),
      this.codes.left(personId),
    ]);
    if (totp === null && passkeys.length === 0) return [];
    return [
      ...(passkeys.length > 0 ? (['passkey'] as const) : []),
      ...(totp === null ? [] : (['totp'] as const)),
      ...(codes > 0 ? (['recovery-code'] as const) : []),
    ];
  }

  /**
   * Removes the authenticator app or a passkey, with the last of them the recovery codes, which would be a way around a later
   * one, and ends all sessions but one: a lost device is signed in, too (ASVS 7.4.3). One transaction, so that nothing of it
   * is left to a retry. The ended sessions, for the caller to record; null when there is no such method.
   */
  remove(
    personId: string,
    method: 'totp' | { readonly passkeyId: string },
    except: string | null,
  ): Promise<EndedSession[] | null> {
    return inSchemaScope(this.deps.em, 'identity', async (em) => {
      await lockCodes(em, personId);
      const removed =
        method === 'totp'
          ? await em.nativeDelete(TotpEntity, { personId })
          : await em.nativeDelete(PasskeyEntity, { personId, ...method });
      if (removed === 0) return null;
      await noteChange(em, personId, method === 'totp' ? 'totp' : 'passkey', 'removed');
      const left =
        (await em.count(TotpEntity, { personId, confirmedAt: { $ne: null } })) +
        (await em.count(PasskeyEntity, { personId }));
      if (left === 0 && (await em.nativeDelete(RecoveryCodeEntity, { personId })) > 0) {
        await noteChange(em, personId, 'recovery-codes', 'removed');
      }
      const others = { personId, ...(except === null ? {} : { sessionId: { $ne: except } }) };
      return endIn(em, others, 'mfa-method-removed');
    });
  }

  /** The method that the proof belongs to; null if it is not valid. Uses the proof up. */
  async check(personId: string, proof: Proof): Promise<SignInMethod | null> {
    if (proof.passkey) return (await this.passkeys.check(proof.passkey, personId)) === personId ? 'passkey' : null;
    if (proof.code !== undefined) return (await this.totp.check(personId, proof.code)) ? 'totp' : null;
    if (proof.recoveryCode === undefined) return null;
    return (await this.codes.use(personId, proof.recoveryCode)) ? 'recovery-code' : null;
  }
}
