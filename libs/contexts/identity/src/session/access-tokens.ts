import type { Deps } from '../injected.js';
import type { KeyObject } from 'node:crypto';
import { decodeProtectedHeader, SignJWT } from 'jose';
import { type IAuthModuleOptions, PassportStrategy } from '@nestjs/passport';
import { Authenticator } from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import * as z from 'zod';
import { type SignInMethod, withSecond } from './session.schema.js';
import type { SigningKeys } from './signing-keys.js';
import { VerifiedTokens } from './verified-tokens.js';

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

/**
 * The published key that an access token names; null for anything else. RFC 9068: the type is checked, so that no other
 * token signed with our key passes as an access token. Throws when the keys cannot be read: a failure of ours, and a caller
 * with a valid token must not be told to sign in again.
 */
async function keyFor(keys: SigningKeys, token: string): Promise<KeyObject | null> {
  const header = headerOf(token);
  if (!header || header.typ !== type || header.alg !== algorithm || header.kid === undefined) return null;
  return keys.publicKey(header.kid);
}

function headerOf(token: string): ReturnType<typeof decodeProtectedHeader> | null {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return null;
  }
}

const strategy = 'access-token';
/** For Nest's PassportModule: no sessions of Passport. */
export const passportOptions: IAuthModuleOptions = { defaultStrategy: strategy, session: false };

/** What passport-jwt reads of a request: a token need not come over HTTP. */
interface Bearing {
  readonly headers: { readonly authorization: string };
  readonly key: KeyObject;
}

/**
 * Verifies access tokens with passport-jwt: signature, algorithm allow-list, issuer, audience, expiry. Returns the claims,
 * or null for an invalid token; throws when the signing keys cannot be read.
 */
export class AccessTokens extends PassportStrategy(Strategy, strategy) {
  private passport: InstanceType<typeof Authenticator> | undefined;
  private readonly known = new VerifiedTokens<Claims>();

  constructor(private readonly injected: Deps<'keys' | 'passport'>) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // jsonwebtoken takes a KeyObject as it is, which the types do not say; from a PEM it would make one each time.
      secretOrKeyProvider: ({ key }: Bearing, _token, done) => done(null, key as unknown as Buffer),
      algorithms: [algorithm],
      issuer,
      audience,
    });
  }

  /** An instance per application, because each has its own keys; Passport's default is one per process. */
  getPassportInstance(): InstanceType<typeof Authenticator> {
    return (this.passport ??= new Authenticator());
  }

  validate(payload: unknown): Claims | false {
    const checked = claims.safeParse(payload);
    return checked.success ? checked.data : false;
  }

  async verify(bearer: string): Promise<Claims | null> {
    const key = await keyFor(this.injected.keys, bearer);
    return (
      key && this.known.claims(bearer, () => this.checked({ headers: { authorization: `Bearer ${bearer}` }, key }))
    );
  }

  private checked(request: Bearing): Promise<Claims | null> {
    const { session = false } = this.injected.passport;
    return new Promise((resolve, reject) => {
      const done = (error: unknown, user?: Claims | false): void =>
        error ? reject(error as Error) : resolve(user || null);
      const passed = this.getPassportInstance().authenticate(strategy, { session }, done) as RequestHandler;
      passed(request, {}, reject);
    });
  }
}
