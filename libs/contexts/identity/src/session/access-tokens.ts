import type { Deps } from '../injected.js';
import { createPublicKey } from 'node:crypto';
import { decodeProtectedHeader, type JWK, SignJWT } from 'jose';
import { type IAuthModuleOptions, PassportStrategy } from '@nestjs/passport';
import { Authenticator } from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import * as z from 'zod';
import { type SignInMethod, withSecond } from './session.schema.js';
import type { SigningKeys } from './signing-keys.js';

type RequestHandler = (request: object, response: object, next: (error?: unknown) => void) => void;

export const accessTokenSeconds = 600;
export const issuer = 'daybook';
export const audience = 'daybook-api';
const type = 'at+jwt';
const algorithm = 'ES256';

/**
 * The claims of an access token (RFC 9068): the person, the tenant, the session, and when and how they last authenticated.
 * Never their permissions, which are looked up.
 */
export const claims = z.object({
  sub: z.uuid(),
  tenant: z.uuid(),
  sid: z.uuid(),
  exp: z.int(),
  iat: z.int(),
  auth_time: z.int(),
  amr: z.array(z.string()),
});
export type Claims = z.infer<typeof claims>;

/** Names of RFC 8176, and `fed`, which others use too, for what it does not name. */
const amrNames: Readonly<Record<SignInMethod, string>> = {
  password: 'pwd',
  totp: 'otp',
  'recovery-code': 'otp',
  passkey: 'pop',
  sso: 'fed',
  'sso-mfa': 'fed',
};
export const amrOf = (methods: readonly SignInMethod[]): string[] => [
  ...new Set([...methods.map((method) => amrNames[method]), ...(withSecond(methods) ? ['mfa'] : [])]),
];

export interface TokenSubject {
  readonly personId: string;
  readonly tenant: string;
  /** The session: the family of refresh tokens. */
  readonly family: string;
  /** RFC 3339. */
  readonly authTime: string;
  readonly methods: readonly SignInMethod[];
}

export async function signAccessToken(
  keys: SigningKeys,
  who: TokenSubject,
  now = Date.now(),
): Promise<{ token: string; expiresAt: string }> {
  const { kid, privateKey } = await keys.active();
  const issuedAt = Math.floor(now / 1000);
  const token = await new SignJWT({
    tenant: who.tenant,
    sid: who.family,
    auth_time: Math.floor(Date.parse(who.authTime) / 1000),
    amr: amrOf(who.methods),
  })
    .setProtectedHeader({ alg: algorithm, typ: type, kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(who.personId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + accessTokenSeconds)
    .sign(privateKey);
  return { token, expiresAt: new Date((issuedAt + accessTokenSeconds) * 1000).toISOString() };
}

/** A failure of ours: a caller with a valid token must not be told to sign in again. */
class KeysUnavailable extends Error {
  constructor(cause: unknown) {
    super('The signing keys cannot be read', { cause });
  }
}

/** RFC 9068: the type is checked, so that no other token signed with our key passes as an access token. */
async function keyFor(keys: SigningKeys, token: string): Promise<string> {
  const header = decodeProtectedHeader(token);
  if (header.typ !== type || header.alg !== algorithm || header.kid === undefined) throw new Error('No access token');
  const jwk = await keys.publicKey(header.kid).catch((cause: unknown) => {
    throw new KeysUnavailable(cause);
  });
  if (!jwk) throw new Error('Unknown key');
  return pemOf(jwk);
}

/** As jsonwebtoken takes a key. Making one would cost every request as much as verifying its token. */
function pemOf(jwk: JWK): string {
  const pem =
    pems.get(jwk) ?? String(createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }));
  pems.set(jwk, pem);
  return pem;
}
const pems = new WeakMap<JWK, string>();

const strategy = 'access-token';
/** For Nest's PassportModule: no sessions of Passport. */
export const passportOptions: IAuthModuleOptions = { defaultStrategy: strategy, session: false };

/**
 * Verifies access tokens with passport-jwt: signature, algorithm allow-list, issuer, audience, expiry. Returns the claims,
 * or null for an invalid token; throws when the signing keys cannot be read.
 */
export class AccessTokens extends PassportStrategy(Strategy, strategy) {
  private passport: InstanceType<typeof Authenticator> | undefined;

  private readonly options: IAuthModuleOptions;

  constructor({ keys, passport }: Deps<'keys' | 'passport'>) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: (_request, token: string, done) => {
        keyFor(keys, token).then(
          (key) => done(null, key),
          (error: unknown) => done(error),
        );
      },
      algorithms: [algorithm],
      issuer,
      audience,
    });
    this.options = passport;
  }

  /** An instance per application, because each has its own keys; Passport's default is one per process. */
  getPassportInstance(): InstanceType<typeof Authenticator> {
    return (this.passport ??= new Authenticator());
  }

  validate(payload: unknown): Claims | false {
    const checked = claims.safeParse(payload);
    return checked.success ? checked.data : false;
  }

  /** Nobody's request: rights are asked for at every door, and a door need not be HTTP. */
  verify(bearer: string): Promise<Claims | null> {
    const { session = false } = this.options;
    return new Promise((resolve, reject) => {
      const done = (error: unknown, user?: Claims | false, why?: unknown): void => {
        if (error) reject(error as Error);
        else if (why instanceof KeysUnavailable) reject(why);
        else resolve(user || null);
      };
      const passed = this.getPassportInstance().authenticate(strategy, { session }, done) as RequestHandler;
      passed({ headers: { authorization: `Bearer ${bearer}` } }, {}, reject);
    });
  }
}
