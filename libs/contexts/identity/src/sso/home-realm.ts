import { joinedTable } from '../person/person.projection.js';
import { platformTenant } from '../person/person.events.js';
import type { Deps } from '../injected.js';
import type { SsoRows } from './sso-rows.js';
import { ssoProviderTable } from './sso-provider.projection.js';

export interface OfferedProvider {
  readonly providerId: string;
  readonly label: string;
  /** Of the issuer: what a label says is anybody's word, where the browser goes is not. */
  readonly host: string;
}

/**
 * Which providers are offered to whom (home realm discovery, docs/adr/0018). Who asks has not signed in: he is told the
 * providers of the e-mail domain that he names, and of no other, so that no tenant's people learn of another tenant.
 */
export class HomeRealm {
  constructor(
    private readonly deps: Deps<'read'>,
    private readonly rows: Pick<SsoRows, 'of'>,
  ) {}

  /** For the sign-in page. Those that name no domain are everybody's where nobody belongs to another tenant alone. */
  async offered(domain: string | null): Promise<OfferedProvider[]> {
    const ofDomain = domain === null ? [] : await this.rows.of(domain);
    const known = [...ofDomain, ...(await this.ofEverybody())];
    const tenants = [...new Set(known.map(({ tenant }) => tenant))];
    const ids = new Set(known.map(({ providerId }) => providerId));
    const all = (await Promise.all(tenants.map((tenant) => this.ofTenant(tenant)))).flat();
    return all.filter(({ providerId }) => ids.has(providerId));
  }

  /** All of a tenant, for its members. */
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

  /** Of tenants that all people of the installation belong to: there is nobody who could learn of them here. */
  private async ofEverybody(): Promise<{ providerId: string; tenant: string }[]> {
    const ofNone = await this.rows.of(null);
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
