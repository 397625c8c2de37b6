import { type OutputOf, reject, type Rejection } from '@daybook/kernel';
import type { Deps } from '../injected.js';
import { recordEnds } from '../session/session-ending.js';
import type { SignInMethod } from '../session/session.schema.js';
import { type RequestContext } from '../session/internal-commands.js';
import { throttleKeyOf } from '../session/login-throttle.js';
import type { addPasskey, listOwnMfaMethods } from './mfa.operations.js';

const changed = { changed: true } as const;

/**
 * Adds and removes the MFA methods of a person. Each change is recorded in the person's own stream, with what an earlier
 * request could not record.
 */
export class OwnMfa {
  constructor(
    private readonly deps: Deps<
      'mfaMethods' | 'memberships' | 'secret' | 'credentialChanges' | 'passwords' | 'sessionRows' | 'loginThrottle'
    >,
  ) {}

  /**
   * Without `details` only the kinds, which step-up needs: an SSO provider belongs to one tenant, but the methods belong to
   * the person in all their tenants.
   */
  async list(personId: string, details: boolean): Promise<OutputOf<typeof listOwnMfaMethods>> {
    const [changedAt, since, recoveryCodesLeft, passkeys] = await Promise.all([
      this.deps.passwords.changedAt(personId),
      this.deps.mfaMethods.totp.since(personId),
      this.deps.mfaMethods.codes.left(personId),
      this.deps.mfaMethods.passkeys.list(personId),
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
    const added = await this.deps.mfaMethods.totp.add(personId, person?.email ?? personId);
    return added ?? reject('identity.totp-exists', 'There is an authenticator app already. Remove it first.');
  }

  async confirmTotp(
    personId: string,
    code: string,
    asking: RequestContext,
  ): Promise<{ recoveryCodes: string[] } | Rejection> {
    const key = throttleKeyOf(this.deps.secret, 'person', personId);
    const paused = await this.deps.loginThrottle.take([key]);
    if (paused) return paused;
    const confirmed = await this.deps.mfaMethods.totp.confirm(personId, code);
    await this.deps.credentialChanges.record(personId, asking);
    if (!confirmed) {
      const message =
        'This code is not valid now. Check that your phone sets its clock automatically, and try the next code.';
      return reject('identity.totp-code-invalid', message, {
        errors: [{ pointer: '/code', code: 'invalid', message }],
      });
    }
    await this.deps.loginThrottle.forget([key]);
    await this.shown('totp', asking);
    return { recoveryCodes: await this.firstCodes(personId, asking) };
  }

  async removeTotp(personId: string, asking: RequestContext): Promise<{ changed: true } | Rejection> {
    return (await this.isRemoved(personId, 'totp', asking))
      ? changed
      : reject('identity.totp-not-found', 'There is no authenticator app to remove.');
  }

  async makeCodes(personId: string, asking: RequestContext): Promise<{ recoveryCodes: string[] } | Rejection> {
    if ((await this.deps.mfaMethods.of(personId)).length === 0) {
      return reject(
        'identity.mfa-method-required',
        'Recovery codes replace a second factor. Add an authenticator app or a passkey first.',
      );
    }
    const recoveryCodes = await this.deps.mfaMethods.codes.make(personId, 'changed');
    await this.deps.credentialChanges.record(personId, asking);
    return { recoveryCodes };
  }

  async passkeyOptions(personId: string) {
    const [person] = await this.deps.memberships.people([personId]);
    return this.deps.mfaMethods.passkeys.creationOptions(person ?? { id: personId, name: null, email: null });
  }

  async addPasskey(
    personId: string,
    input: { ticket: string; name: string; response: unknown },
    asking: RequestContext,
  ): Promise<OutputOf<typeof addPasskey> | Rejection> {
    const passkeyId = await this.deps.mfaMethods.passkeys.add(personId, input);
    await this.deps.credentialChanges.record(personId, asking);
    if (passkeyId === null) {
      const message = 'The passkey could not be added: the answer came too late, or from another site. Try again.';
      return reject('identity.passkey-registration-invalid', message, {
        errors: [{ pointer: '/response', code: 'refused', message }],
      });
    }
    await this.shown('passkey', asking);
    return { passkeyId, recoveryCodes: await this.firstCodes(personId, asking) };
  }

  async removePasskey(
    personId: string,
    passkeyId: string,
    asking: RequestContext,
  ): Promise<{ changed: true } | Rejection> {
    return (await this.isRemoved(personId, { passkeyId }, asking))
      ? changed
      : reject('identity.passkey-not-found', 'There is no such passkey.', { status: 404 });
  }

  /** Whether the method was removed: now, or by an earlier request that could not record it. */
  private async isRemoved(
    personId: string,
    method: 'totp' | { readonly passkeyId: string },
    asking: RequestContext,
  ): Promise<boolean> {
    const ended = await this.deps.mfaMethods.remove(personId, method, asking.caller.sessionId ?? null);
    const recorded = await this.deps.credentialChanges.record(personId, asking);
    await recordEnds(asking, ended ?? [], 'mfa-method-removed');
    const wanted = method === 'totp' ? 'totp' : 'passkey';
    return ended !== null || recorded.some(({ kind, change }) => kind === wanted && change === 'removed');
  }

  /** The current session has proved the factor, so a tenant that requires MFA admits it at once. */
  private async shown(method: SignInMethod, { caller }: RequestContext): Promise<void> {
    if (caller.sessionId) await this.deps.sessionRows.confirm(caller.sessionId, caller.tenant, method);
  }

  private async firstCodes(personId: string, asking: RequestContext): Promise<string[]> {
    if ((await this.deps.mfaMethods.codes.left(personId)) > 0) return [];
    const codes = await this.deps.mfaMethods.codes.make(personId, 'added');
    await this.deps.credentialChanges.record(personId, asking);
    return codes;
  }
}
