import { isRejection, reject, type Rejection, RejectionError } from '@daybook/kernel';
import { type Access, type Authenticator, type Resources, type RightsOf, unauthenticated } from '@daybook/server';
import type { Role } from '../role.schema.js';
import { permissionsOf } from '../roles.js';
import { AccessTokens } from '../session/access-tokens.js';
import type { SigningKeys } from '../session/signing-keys.js';
import { roleIn } from './memberships.js';

/** A changed role holds after this at the latest. */
const cachedMs = 2_000;
const mostCached = 5_000;
/** Rights older than this are not trusted (DECISIONS 10). */
const longestLagSeconds = 60;

interface Known {
  readonly at: number;
  readonly role: Promise<Role | null | Rejection>;
}

/** Tokens say who; rights are looked up for each request, in the read model of the tenant. */
export class TokenAuthenticator implements Authenticator {
  private readonly tokens: AccessTokens;
  private readonly roles = new Map<string, Known>();

  constructor(
    private readonly resources: Resources,
    private readonly keys: SigningKeys,
    private readonly declared: () => Iterable<string>,
    private readonly now: () => number = Date.now,
  ) {
    this.tokens = new AccessTokens(keys);
  }

  async authenticate(bearer: string, _address: string | null): Promise<Access | Rejection> {
    const claims = await this.tokens.verify(bearer);
    if (claims === null) return unauthenticated('The access token is not valid or has expired. Sign in again.');
    const role = await this.roleOf(claims.tenant, claims.sub);
    if (isRejection(role)) return role;
    if (role === null) return unauthenticated('You are no longer a member of this tenant.');
    return {
      tenant: claims.tenant,
      actor: { kind: 'person', id: claims.sub },
      onBehalfOf: null,
      ...this.rightsIn(role),
      sessionId: claims.sid,
      authenticatedAt: new Date(claims.iat * 1000).toISOString(),
      expiresAt: new Date(claims.exp * 1000).toISOString(),
    };
  }

  /** The same rights, of somebody who is not asking just now. */
  readonly rightsOf: RightsOf = async (tenant, actor) => {
    const role = await this.roleOf(tenant, actor.id);
    if (isRejection(role)) throw new RejectionError(role);
    return role === null ? null : this.rightsIn(role);
  };

  private rightsIn(role: Role): Pick<Access, 'grants' | 'conflicts'> {
    const permissions = new Set(permissionsOf(role, this.declared()));
    return { grants: [{ role, companyId: null, party: null, permissions, fields: {} }], conflicts: new Map() };
  }

  publicKeys(): Promise<{ keys: object[] }> {
    return this.keys.jwks();
  }

  private roleOf(tenant: string, personId: string): Known['role'] {
    const key = `${tenant} ${personId}`;
    const known = this.roles.get(key);
    if (known && this.now() - known.at < cachedMs) return known.role;
    const role = this.lookUp(tenant, personId);
    this.roles.delete(key);
    this.roles.set(key, { at: this.now(), role });
    for (const oldest of this.roles.keys()) {
      if (this.roles.size <= mostCached) break;
      this.roles.delete(oldest);
    }
    // A failed look-up, or one refused because the read model is not there, must not answer the next caller too.
    role.then(
      (found) => isRejection(found) && this.roles.delete(key),
      () => this.roles.delete(key),
    );
    return role;
  }

  private async lookUp(tenant: string, personId: string): Promise<Role | null | Rejection> {
    const lag = await this.resources.lagSeconds(tenant);
    if (lag > longestLagSeconds) {
      return reject('identity.rights-behind', 'Rights cannot be checked just now. Try again in a moment.', {
        status: 503,
        details: { retryAfterSeconds: 5, lagSeconds: Math.round(lag) },
      });
    }
    try {
      return await this.resources.read(tenant, (read) => roleIn(read, personId));
    } catch (error) {
      if (error instanceof RejectionError) return error.rejection;
      throw error;
    }
  }
}
