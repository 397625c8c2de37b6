import { joinedTable } from '../person/person.projection.js';
import { platformTenant } from '../person/person.events.js';
import type { Deps } from '../injected.js';
import { ssoProviderTable } from './sso-provider.projection.js';

export interface OfferedProvider {
  readonly providerId: string;
  readonly label: string;
  /** The host of the issuer: unlike the label, it shows where the browser really goes. */
  readonly host: string;
}

/**
 * Which providers the sign-in page offers (home realm discovery, docs/adr/0018). The caller has not signed in: they see only
 * the providers of the e-mail domain they enter, so that nobody learns of other tenants.
 */
export class HomeRealm {
  constructor(private readonly deps: Deps<'read' | 'ssoRows'>) {}

  /** For the sign-in page. Providers without domains are offered to everybody, unless somebody belongs only to another tenant. */
  async offered(domain: string | null): Promise<OfferedProvider[]> {
    const ofDomain = domain === null ? [] : await this.deps.ssoRows.of(domain);
    const known = [...ofDomain, ...(await this.ofEverybody())];
    const tenants = [...new Set(known.map(({ tenant }) => tenant))];
    const ids = new Set(known.map(({ providerId }) => providerId));
    const all = (await Promise.all(tenants.map((tenant) => this.ofTenant(tenant)))).flat();
    return all.filter(({ providerId }) => ids.has(providerId));
  }

  /** All providers of a tenant, for its members. */
  async ofTenant(tenant: string): Promise<OfferedProvider[]> {
    const found = await this.deps.read(tenant, (read) =>
      read.db
        .selectFrom(read.rows(ssoProviderTable).as('p'))
        .select(['p.providerId', 'p.label', 'p.issuer'])
        .orderBy('p.label')
        .execute(),
    );
    return found.map(({ issuer, ...provider }) => ({ ...provider, host: new URL(issuer).host }));
  }

  /** Providers of tenants that everybody on the installation belongs to: showing them reveals nothing. */
  private async ofEverybody(): Promise<{ providerId: string; tenant: string }[]> {
    const ofNone = await this.deps.ssoRows.of(null);
    if (ofNone.length === 0) return [];
    const { all, byTenant } = await this.deps.read(platformTenant, async (read) => {
      const joined = read.db.selectFrom(read.rows(joinedTable).as('j'));
      return {
        all: await joined.select((j) => j.fn.count('j.personId').distinct().as('people')).executeTakeFirstOrThrow(),
        byTenant: await joined
          .select((j) => ['j.tenantId', j.fn.count('j.personId').as('people')])
          .groupBy('j.tenantId')
          .execute(),
      };
    });
    const whole = new Set(
      byTenant.filter(({ people }) => Number(people) === Number(all.people)).map(({ tenantId }) => tenantId),
    );
    return ofNone.filter(({ tenant }) => whole.has(tenant));
  }
}
