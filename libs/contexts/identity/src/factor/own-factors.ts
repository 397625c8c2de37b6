import { type OutputOf, reject, type Rejection } from '@daybook/kernel';
import type { Given } from '../injected.js';
import type { Passwords } from '../session/passwords.js';
import { endSessions } from '../session/ending.js';
import { SessionRows } from '../session/session-rows.js';
import type { SignInMethod } from '../session/session.schema.js';
import { type Asking } from '../session/steps.js';
import { Tries, triesKeyOf } from '../session/tries.js';
import { credentialStep } from './credentials.js';
import type { addPasskey, listOwnFactors } from './factor.operations.js';
import type { Factors } from './factors.js';

const changed = { changed: true } as const;

/** What a person adds to and takes from the ways he signs in. Each change stands in his own record. */
export class OwnFactorKeeper {
  private readonly factors: Factors;
  private readonly sessions: SessionRows;
  private readonly tries: Tries;

  constructor(
    private readonly deps: Given<'factors' | 'memberships' | 'em' | 'secret'>,
    private readonly passwords: Passwords,
  ) {
    this.factors = deps.factors;
    this.sessions = new SessionRows(deps.em);
    this.tries = new Tries(deps.em);
  }

  /**
   * Without `details` the kinds alone, which it takes to confirm: a provider is one tenant's, and the rest is the person's
   * own, in all their tenants.
   */
  async list(personId: string, details: boolean): Promise<OutputOf<typeof listOwnFactors>> {
    const [changedAt, since, recoveryCodesLeft, passkeys] = await Promise.all([
      this.passwords.changedAt(personId),
      this.factors.totp.since(personId),
      this.factors.codes.left(personId),
      this.factors.passkeys.list(personId),
    ]);
    return {
      password: changedAt === null ? null : { changedAt: details ? changedAt : null },
      totp: since === null ? null : { since: details ? since : null },
      recoveryCodesLeft: details ? recoveryCodesLeft : null,
      passkeys: passkeys.map((row) => ({
        passkeyId: row.passkeyId,
        name: details ? row.name : null,
        createdAt: details ? row.createdAt : null,
        lastUsedAt: details ? (row.lastUsedAt ?? null) : null,
        synced: details ? row.synced : null,
      })),
    };
  }

  async addTotp(personId: string): Promise<{ secret: string; uri: string } | Rejection> {
    const [person] = await this.deps.memberships.people([personId]);
    const added = await this.factors.totp.add(personId, person?.email ?? personId);
    return added ?? reject('identity.totp-exists', 'There is an authenticator app already. Remove it first.');
  }

  async confirmTotp(personId: string, code: string, asking: Asking): Promise<{ recoveryCodes: string[] } | Rejection> {
    const key = triesKeyOf(this.deps.secret, 'person', personId);
    const paused = await this.tries.take([key]);
    if (paused) return paused;
    if (!(await this.factors.totp.confirm(personId, code))) {
      const message =
        'This is not the code of now. Check that your phone sets its clock by itself, and try the next code.';
      return reject('identity.code-wrong', message, { errors: [{ pointer: '/code', code: 'wrong', message }] });
    }
    await this.tries.forget([key]);
    await credentialStep(asking, personId, 'totp', 'added');
    await this.shown('totp', asking);
    return { recoveryCodes: await this.firstCodes(personId, asking) };
  }

  async removeTotp(personId: string, asking: Asking): Promise<{ changed: true } | Rejection> {
    if (!(await this.factors.totp.remove(personId))) {
      return reject('identity.totp-missing', 'There is no authenticator app to remove.');
    }
    await credentialStep(asking, personId, 'totp', 'removed');
    await this.withoutFactors(personId, asking);
    await this.endOthers(personId, asking);
    return changed;
  }

  async makeCodes(personId: string, asking: Asking): Promise<{ recoveryCodes: string[] } | Rejection> {
    if ((await this.factors.of(personId)).length === 0) {
      return reject('identity.factor-needed', 'Recovery codes stand in for a second factor. Add one first.');
    }
    const recoveryCodes = await this.factors.codes.make(personId);
    await credentialStep(asking, personId, 'recovery-codes', 'changed');
    return { recoveryCodes };
  }

  async passkeyOptions(personId: string) {
    const [person] = await this.deps.memberships.people([personId]);
    return this.factors.passkeys.creationOptions(person ?? { id: personId, name: null, email: null });
  }

  async addPasskey(
    personId: string,
    input: { ticket: string; name: string; response: unknown },
    asking: Asking,
  ): Promise<OutputOf<typeof addPasskey> | Rejection> {
    const passkeyId = await this.factors.passkeys.add(personId, input);
    if (passkeyId === null) {
      const message = 'The passkey could not be added: it came too late, or from another site. Try again.';
      return reject('identity.passkey-refused', message, {
        errors: [{ pointer: '/response', code: 'refused', message }],
      });
    }
    await credentialStep(asking, personId, 'passkey', 'added');
    await this.shown('passkey', asking);
    return { passkeyId, recoveryCodes: await this.firstCodes(personId, asking) };
  }

  async removePasskey(personId: string, passkeyId: string, asking: Asking): Promise<{ changed: true } | Rejection> {
    if (!(await this.factors.passkeys.remove(personId, passkeyId))) {
      return reject('identity.passkey-missing', 'There is no such passkey.', { status: 404 });
    }
    await credentialStep(asking, personId, 'passkey', 'removed');
    await this.withoutFactors(personId, asking);
    await this.endOthers(personId, asking);
    return changed;
  }

  /** A device that is lost is taken away as a factor, and what is signed in on it with it (ASVS 7.4.3). */
  private async endOthers(personId: string, asking: Asking): Promise<void> {
    const others = { personId, except: asking.caller.sessionId ?? null };
    await endSessions(this.deps.em, asking, others, 'factor-removed');
  }

  /** The present session has shown the factor: a tenant that asks for one is open to it at once. */
  private async shown(method: SignInMethod, { caller }: Asking): Promise<void> {
    if (caller.sessionId) await this.sessions.confirm(caller.sessionId, caller.tenant, method);
  }

  private async firstCodes(personId: string, asking: Asking): Promise<string[]> {
    if ((await this.factors.codes.left(personId)) > 0) return [];
    const codes = await this.factors.codes.make(personId);
    await credentialStep(asking, personId, 'recovery-codes', 'added');
    return codes;
  }

  /** Recovery codes without anything to recover would be a second way around the password. */
  private async withoutFactors(personId: string, asking: Asking): Promise<void> {
    if ((await this.factors.of(personId)).length > 0 || (await this.factors.codes.left(personId)) === 0) return;
    await this.factors.codes.remove(personId);
    await credentialStep(asking, personId, 'recovery-codes', 'removed');
  }
}
