import { isRejection } from '@daybook/kernel';
import type { EffectiveGrant } from '@daybook/server';
import crypto, { KeyObject } from 'node:crypto';
import { mock } from 'node:test';
import { decodeJwt, generateKeyPair, SignJWT } from 'jose';
import type { VerifiedToken, SessionChecks } from '../access/token-verifier.js';
import { AccessTokens, passportOptions, audience, issuer, signAccessToken } from '../session/access-tokens.js';
import type { SigningKeys } from '../session/signing-keys.js';
import { noTenantYet, type TenantState } from '../tenant/tenant.state.js';
import { delegationTokenVerifier } from './delegation-token-verifier.js';
import { isDelegationToken, signDelegationToken } from './delegation-tokens.js';

const id = (n: number) => `0190a1b2-0000-7000-8000-00000000000${n}`;
const consent = {
  delegatedAccessId: id(1),
  personId: id(2),
  delegateId: id(3),
  until: '2026-03-01T12:05:00.000Z',
  ended: false,
  version: 1,
};
const claims = { sub: id(2), tenant: id(4), act: { sub: id(3) }, consent: id(1), sid: id(5), home: id(6) };
const start = Date.parse('2026-03-01T12:00:00Z');
const grants: EffectiveGrant[] = [
  { role: 'Accountant', companyId: null, party: null, permissions: new Set(['accounting.entry.read']), fields: {} },
];

describe('delegation tokens', () => {
  let keys: SigningKeys;
  let now = start;
  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const key = KeyObject.from(publicKey);
    keys = { active: async () => ({ kid: 'k', privateKey }), publicKey: async () => key } as unknown as SigningKeys;
  });
  beforeEach(() => {
    now = start;
  });

  const verifier = (methods: readonly string[] | null = ['password']) => {
    const sessions: SessionChecks = { look: async () => (methods === null ? null : ({ methods } as never)) };
    return delegationTokenVerifier(keys, sessions, () => now);
  };
  const read = async (from = verifier()): Promise<VerifiedToken> => {
    const { token } = await signDelegationToken(keys, claims, consent.until, start);
    const found = await from.verify(token, null);
    if (isRejection(found)) throw new Error(found.message);
    return found;
  };
  const state = (change: Partial<TenantState> = {}): TenantState => ({
    ...noTenantYet,
    consents: new Map([[id(1), consent]]),
    ...change,
  });

  it('name the person and the delegate, prove neither, and end with the consent', async () => {
    expect(await read()).toMatchObject({
      tenant: id(4),
      holder: { kind: 'person', id: id(2) },
      actor: { kind: 'person', id: id(3) },
      onBehalfOf: { kind: 'person', id: id(2) },
      authenticatedAt: null,
      expiresAt: '2026-03-01T12:05:00.000Z',
    });
  });

  it('give rights while the consent is in force, and none after its end', async () => {
    const { restrict } = await read();
    expect(restrict?.(grants, state())).toEqual(grants);
    const over = { status: 401, message: 'The delegated access has ended.' };
    expect(restrict?.(grants, state({ consents: new Map() }))).toMatchObject(over);
    expect(restrict?.(grants, state({ consents: new Map([[id(1), { ...consent, ended: true }]]) }))).toMatchObject(
      over,
    );
    expect(restrict?.(grants, state({ consents: new Map([[id(1), { ...consent, personId: id(7) }]]) }))).toMatchObject(over); // prettier-ignore
    now = Date.parse(consent.until);
    expect(restrict?.(grants, state())).toMatchObject(over);
  });

  it('are refused once the delegate has signed out', async () => {
    expect(await (await read(verifier(null))).revalidate()).toMatchObject({ status: 401 });
  });

  it('require a second factor of the delegate if the tenant does', async () => {
    const strict = state({ policy: { mfaRequired: true } });
    const without = await read();
    await without.revalidate();
    expect(without.restrict?.(grants, strict)).toMatchObject({ code: 'identity.mfa-setup-required' });
    const withOne = await read(verifier(['password', 'totp']));
    await withOne.revalidate();
    expect(withOne.restrict?.(grants, strict)).toEqual(grants);
  });

  it('never pass as access tokens of the person, nor access tokens as delegation tokens', async () => {
    const { token } = await signDelegationToken(keys, claims, '2099-01-01T00:00:00Z', Date.now());
    expect(isDelegationToken(token)).toBe(true);
    expect(await new AccessTokens({ keys, passport: passportOptions }).verify(token)).toBeNull();
    const access = await signAccessToken(keys, {
      personId: id(2),
      tenant: id(4),
      family: id(5),
      authTime: new Date().toISOString(),
      methods: ['password'],
    });
    expect(isDelegationToken(access.token)).toBe(false);
    expect(await verifier().verify(access.token, null)).toMatchObject({ status: 401 });
    expect(isDelegationToken('dbk_nothing')).toBe(false);
  });

  it('name our one audience, and are refused with another one', async () => {
    const { token } = await signDelegationToken(keys, claims, consent.until, start);
    const who = {
      personId: id(2),
      tenant: id(4),
      family: id(5),
      authTime: consent.until,
      methods: ['password'],
    } as const;
    const access = await signAccessToken(keys, who);
    expect([decodeJwt(token).aud, decodeJwt(access.token).aud]).toEqual([audience, audience]);
    const { kid, privateKey } = await keys.active();
    const to = (named: string) =>
      new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'ES256', typ: 'delegation+jwt', kid }).setIssuer(issuer).setAudience(named).sign(privateKey); // prettier-ignore
    expect(isRejection(await verifier().verify(await to(audience), null))).toBe(false);
    expect(await verifier().verify(await to('somebody else'), null)).toMatchObject({ status: 401 });
  });

  it('have their signature verified once, and are refused as soon as they expire or their key is withdrawn', async () => {
    const { token } = await signDelegationToken(keys, claims, consent.until, start);
    const verified = mock.method(crypto.subtle, 'verify').mock;
    const from = verifier();
    for (const _time of [1, 2, 3]) expect(isRejection(await from.verify(token, null))).toBe(false);
    expect(verified.callCount()).toBe(1);
    const published = mock.method(keys, 'publicKey', async () => null);
    expect(await from.verify(token, null)).toMatchObject({ status: 401 });
    published.mock.restore();
    expect(isRejection(await from.verify(token, null))).toBe(false);
    now = Date.parse(consent.until);
    expect(await from.verify(token, null)).toMatchObject({ status: 401 });
    mock.restoreAll();
  });

  it('are refused when expired or altered', async () => {
    const { token } = await signDelegationToken(keys, claims, consent.until, start);
    const [head, body, sign] = token.split('.') as [string, string, string];
    const changed = Buffer.from(body, 'base64url').toString().replace(id(3), id(7));
    const forged = [head, Buffer.from(changed).toString('base64url'), sign].join('.');
    expect(await verifier().verify(forged, null)).toMatchObject({ status: 401 });
    now = Date.parse(consent.until) + 1_000;
    expect(await verifier().verify(token, null)).toMatchObject({ status: 401 });
  });
});
