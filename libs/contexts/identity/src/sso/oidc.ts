import { reject, type Rejection } from '@daybook/kernel';
import * as oidc from 'openid-client';
import * as z from 'zod';
import { type AddressRule, emailFromClaims } from './email-claim.js';
import { allowedUrl, guardedFetch, type AllowedHosts } from './ssrf-guard.js';

export interface SsoProviderSettings extends AddressRule {
  readonly issuer: string;
  readonly clientId: string;
  /** null: a public client, protected by PKCE only. */
  readonly clientSecret: string | null;
}
/** What the answer is checked against; kept on the server until the browser comes back. */
export const begun = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() });
export type Begun = z.infer<typeof begun>;

/** The verified statement of a provider about a person. */
export interface Vouched {
  readonly issuer: string;
  readonly subject: string;
  /** The address that identifies the person; null if it is not accepted. */
  readonly email: string | null;
  /** The provider required more than one factor (RFC 8176 `mfa`). */
  readonly multiFactor: boolean;
}

const timeoutSeconds = 10;
export const issuerNotAllowed = (): Rejection => {
  const message =
    'The issuer must be an https address outside this machine and its network, without a user name or password. The operator can allow an internal host (DAYBOOK_INTERNAL_ISSUERS).';
  return reject('identity.issuer-not-allowed', message, {
    status: 400,
    errors: [{ pointer: '/issuer', code: 'not-allowed', message }],
  });
};
const unreachable = (): Rejection =>
  reject(
    'identity.sso-provider-unreachable',
    'The SSO provider cannot be reached, or its answer is not valid OpenID Connect. Try again in a minute, or sign in another way.',
    {
      status: 503,
      details: { retryAfterSeconds: 60 },
    },
  );
const refused = (): Rejection =>
  reject(
    'identity.sso-response-invalid',
    'The answer of the SSO provider is not valid, or was used before. Start again.',
    {
      status: 401,
    },
  );
const denied = (): Rejection =>
  reject(
    'identity.sso-denied',
    'The SSO provider did not sign you in: you cancelled there, or it refused. Start again, or sign in another way.',
    {
      status: 401,
    },
  );

/** Authorization code flow with PKCE, state and nonce. The library makes every check of OpenID Connect Core 3.1.3.7. */
export class Oidc {
  private readonly fetch: oidc.CustomFetch;

  constructor(
    private readonly reach: AllowedHosts,
    /** Logs only names and codes of errors: the messages of a provider may contain personal data. */
    private readonly told: (what: { name: string; code: string | null }) => void,
  ) {
    // The SSRF guard applies to every endpoint that the provider names, as it does to the issuer.
    this.fetch = guardedFetch(reach);
  }

  async begin(settings: SsoProviderSettings, redirectUrl: string): Promise<{ url: string; begun: Begun } | Rejection> {
    return this.guarded(settings, async (configuration) => {
      const made: Begun = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
      };
      const url = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUrl,
        scope: 'openid email',
        state: made.state,
        nonce: made.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(made.verifier),
        code_challenge_method: 'S256',
      });
      return allowedUrl(url.href, this.reach) ? { url: url.href, begun: made } : unreachable();
    });
  }

  /** `answer` is the full redirect URL with which the browser came back. */
  async finish(
    settings: SsoProviderSettings,
    answer: URL,
    { state, nonce, verifier }: Begun,
  ): Promise<Vouched | Rejection> {
    return this.guarded(settings, async (configuration) => {
      const tokens = await oidc.authorizationCodeGrant(configuration, answer, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) return refused();
      let email = emailFromClaims(claims, settings);
      if (email === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined) {
        email = emailFromClaims(await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub), settings);
      }
      return {
        issuer: claims.iss,
        subject: claims.sub,
        email: email ?? null,
        multiFactor: Array.isArray(claims.amr) && claims.amr.includes('mfa'),
      };
    });
  }

  private async guarded<T>(
    settings: SsoProviderSettings,
    work: (configuration: oidc.Configuration) => Promise<T | Rejection>,
  ): Promise<T | Rejection> {
    const issuer = allowedUrl(settings.issuer, this.reach);
    if (!issuer) return issuerNotAllowed();
    let configuration: oidc.Configuration;
    try {
      configuration = await this.configuration(issuer, settings);
    } catch (error) {
      this.tell(error);
      return unreachable();
    }
    try {
      return await work(configuration);
    } catch (error) {
      this.tell(error);
      if (error instanceof oidc.AuthorizationResponseError) return denied();
      return isAnswer(error) ? refused() : unreachable();
    }
  }

  private tell(error: unknown): void {
    const { name, code } = error as { name?: string; code?: string };
    this.told({ name: name ?? 'Error', code: code ?? null });
  }

  private async configuration(issuer: URL, settings: SsoProviderSettings): Promise<oidc.Configuration> {
    // Check the signature of the ID token as well, not only that it came over TLS.
    const execute = [
      oidc.enableNonRepudiationChecks,
      ...(issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : []),
    ];
    const options = { execute, timeout: timeoutSeconds, [oidc.customFetch]: this.fetch };
    const found = await oidc.discovery(issuer, settings.clientId, undefined, oidc.None(), options);
    const server = found.serverMetadata();
    const configuration = new oidc.Configuration(server, settings.clientId, undefined, clientAuth(settings, server));
    configuration.timeout = timeoutSeconds;
    configuration[oidc.customFetch] = this.fetch;
    for (const step of execute) step(configuration);
    return configuration;
  }
}

/** client_secret_basic is the default of servers that declare nothing (OpenID Connect Discovery 1.0, 3). */
function clientAuth({ clientSecret }: SsoProviderSettings, server: Readonly<oidc.ServerMetadata>): oidc.ClientAuth {
  if (clientSecret === null) return oidc.None();
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic')
    ? oidc.ClientSecretBasic(clientSecret)
    : oidc.ClientSecretPost(clientSecret);
}

/** Whether the provider gave an invalid answer; otherwise it was not reached. */
const isAnswer = (error: unknown): boolean =>
  error instanceof oidc.ResponseBodyError ||
  (error instanceof oidc.ClientError && error.code !== 'OAUTH_TIMEOUT' && error.code !== 'OAUTH_ABORT');
