import { isRejection, reject, RejectionError } from '@daybook/kernel';
import { permissionsIn, type Resources } from '@daybook/server';
import { exportJWK, generateKeyPair } from 'jose';
import type { Role } from '../role.schema.js';
import { signAccessToken } from '../session/access-tokens.js';
import type { SigningKeys } from '../session/signing-keys.js';
import { TokenAuthenticator } from './authenticator.js';

const who = {
  personId: '0190a1b2-0000-7000-8000-0000000000c1',
  tenant: '0190a1b2-0000-7000-8000-00000000a001',
  family: '0190a1b2-0000-7000-8000-0000000000f1',
};
const declared = ['accounting.entry.post', 'accounting.entry.read', 'identity.membership.change'];

describe('rights of a request', () => {
  let keys: SigningKeys;
  let bearer: string;
  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    keys = { active: async () => ({ kid: 'k', privateKey }), publicKey: async () => jwk } as unknown as SigningKeys;
    bearer = (await signAccessToken(keys, who)).token;
  });

  const make = (found: () => Role | null, lag = 0) => {
    const asked = { count: 0, now: 0 };
    const resources = {
      secret: '',
      lagSeconds: async () => lag,
      read: async () => {
        asked.count += 1;
        return found();
      },
    } as unknown as Resources;
    return {
      asked,
      authenticator: new TokenAuthenticator(
        resources,
        keys,
        () => declared,
        () => asked.now,
      ),
    };
  };

  it('follow from the role in the tenant of the token', async () => {
    const access = await make(() => 'Auditor').authenticator.authenticate(bearer, null);
    expect(access).toMatchObject({ tenant: who.tenant, actor: { kind: 'person', id: who.personId } });
    expect(isRejection(access) ? [] : [...permissionsIn(access)]).toEqual(['accounting.entry.read']);
  });

  it('are none for a person who is no member any more', async () => {
    expect(await make(() => null).authenticator.authenticate(bearer, null)).toMatchObject({ status: 401 });
  });

  it('are asked again after two seconds, so that a changed role soon holds', async () => {
    let role: Role = 'Admin';
    const { asked, authenticator } = make(() => role);
    await authenticator.authenticate(bearer, null);
    role = 'Auditor';
    asked.now = 1_000;
    const before = await authenticator.authenticate(bearer, null);
    expect(!isRejection(before) && permissionsIn(before).has('accounting.entry.post')).toBe(true);
    asked.now = 2_500;
    const after = await authenticator.authenticate(bearer, null);
    expect(!isRejection(after) && permissionsIn(after).has('accounting.entry.post')).toBe(false);
    expect(asked.count).toBe(2);
  });

  it('are refused when reads are more than a minute behind, or the tenant is parked', async () => {
    expect(await make(() => 'Admin', 59).authenticator.authenticate(bearer, null)).toHaveProperty('grants');
    expect(await make(() => 'Admin', 61).authenticator.authenticate(bearer, null)).toMatchObject({
      status: 503,
      code: 'identity.rights-behind',
    });
    const parked = () => {
      throw new RejectionError(reject('platform.projection-parked', 'Stopped.', { status: 503 }));
    };
    expect(await make(parked).authenticator.authenticate(bearer, null)).toMatchObject({ status: 503 });
  });

  it('do not remember a failure of ours', async () => {
    let broken = true;
    const { authenticator } = make(() => {
      if (broken) throw new Error('connection lost');
      return 'Admin';
    });
    await expect(authenticator.authenticate(bearer, null)).rejects.toThrow('connection lost');
    broken = false;
    expect(await authenticator.authenticate(bearer, null)).toHaveProperty('grants');
  });
});
