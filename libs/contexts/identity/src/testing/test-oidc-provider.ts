import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';

/** Shows no page and asks for no consent. */
const silently: Configuration = {
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({
      clientId: String(oidc.client?.clientId),
      accountId: String(oidc.session?.accountId),
    });
    grant.addOIDCScope('openid email');
    await grant.save();
    return grant;
  },
};

/** The user of the provider's sign-in page, and their claims. */
export interface Outsider {
  readonly sub: string;
  readonly email: string;
  /** The claim `email_verified`; if left out, the provider does not send it. */
  readonly verified?: boolean | string;
  readonly multiFactor?: boolean;
}

/**
 * A real OpenID Connect provider on loopback, for specs. It signs in `outsider` without a page; redirects, cookies, codes and
 * signatures are real. With `pages` it shows its own pages to a browser and accepts any name: people in `outsiders` get the
 * address there, others get one that is not verified.
 */
export class TestOidcProvider {
  readonly clientId = 'daybook';
  readonly clientSecret = 'a client secret of the outside provider';
  outsider: Outsider = { sub: 'nobody', email: 'nobody@example.org', verified: true };
  readonly outsiders = new Map<string, Outsider>();

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
  ) {}

  static async open(redirectUrl: string, { pages = false } = {}): Promise<TestOidcProvider> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const outside = new TestOidcProvider(server, issuer);
    outside.serve(redirectUrl, pages);
    return outside;
  }

  /** Follows redirects as a browser would, with cookies, until the provider sends it back; answers the query string. */
  async walk(url: string): Promise<string> {
    const jar = new Map<string, string>();
    let next = new URL(url);
    for (let step = 0; step < 10; step++) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(next, { redirect: 'manual', headers: { cookie } });
      for (const line of answer.headers.getSetCookie()) {
        const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
        jar.set(name, value);
      }
      const location = answer.headers.get('location');
      if (location === null) throw new Error(`The provider stops with ${answer.status}: ${await answer.text()}`);
      next = new URL(location, next);
      if (next.origin !== this.issuer) return next.search.slice(1);
    }
    throw new Error('The provider redirects without end');
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private serve(redirectUrl: string, pages: boolean): void {
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: this.clientId,
          client_secret: this.clientSecret,
          redirect_uris: [redirectUrl],
          response_types: ['code'],
          grant_types: ['authorization_code'],
        },
      ],
      claims: { openid: ['sub', 'amr'], email: ['email', 'email_verified'] },
      cookies: { keys: ['a key of the outside provider'] },
      features: { devInteractions: { enabled: pages } },
      ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, AuthorizationCode: 60, IdToken: 600 },
      findAccount: async (_, accountId) => ({
        accountId,
        claims: async () => {
          const unknown: Omit<Outsider, 'sub'> = { email: `${accountId}@elsewhere.example`, verified: false };
          const { email, verified } = pages ? (this.outsiders.get(accountId) ?? unknown) : this.outsider;
          return { sub: accountId, email, ...(verified === undefined ? {} : { email_verified: verified }) };
        },
      }),
      ...(pages ? {} : silently),
    });
    const asked = provider.callback();
    this.server.on('request', (request, response) => {
      if (pages || !request.url?.startsWith('/interaction/')) return void asked(request, response);
      const { sub, multiFactor } = this.outsider;
      const login = { accountId: sub, amr: multiFactor ? ['pwd', 'otp', 'mfa'] : ['pwd'] };
      void provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
    });
  }
}
