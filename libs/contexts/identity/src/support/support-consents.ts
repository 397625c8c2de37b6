import { inSchemaScope } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { SupportConsentEntity } from '../key/key.entities.js';
import { seal, unseal } from '../session/keys.js';

interface Row {
  readonly supportId: string;
  readonly tenant: string;
  readonly personId: string;
}
export interface KeptConsent extends Row {
  readonly supporterId: string;
  readonly email: string;
  readonly until: string;
}

const keptDays = 90;

/**
 * Whom people named when they allowed support, and in which tenant: a supporter finds what he was allowed anywhere, and
 * the events need no address. Rows go 90 days after the end; what was allowed stands in the events.
 */
export class SupportConsents {
  constructor(
    private readonly em: EntityManager,
    private readonly secret: string,
  ) {}

  async keep({ supportId, tenant, personId, supporterId, email, until }: KeptConsent): Promise<void> {
    const emailSealed = seal(this.secret, 'support', Buffer.from(email));
    await inSchemaScope(this.em, 'identity', async (em) => {
      await em
        .createQueryBuilder(SupportConsentEntity)
        .insert({ supportId, tenant, personId, supporterId, emailSealed, until })
        .onConflict('supportId')
        .ignore()
        .execute('run');
      await em.nativeDelete(SupportConsentEntity, { until: { $lt: raw(`now() - interval '${keptDays} days'`) } });
    });
  }

  async drop(supportId: string): Promise<void> {
    await inSchemaScope(this.em, 'identity', (em) => em.nativeDelete(SupportConsentEntity, { supportId }));
  }

  /** What a supporter was allowed, in any tenant. */
  async to(supporterId: string): Promise<Row[]> {
    const rows = await inSchemaScope(this.em, 'identity', (em) =>
      em.find(SupportConsentEntity, { supporterId }, { orderBy: { until: 'desc' }, limit: 200 }),
    );
    return rows.map(({ supportId, tenant, personId }) => ({ supportId, tenant, personId }));
  }

  /** Addresses by support id; those gone already are left out. */
  async addresses(tenant: string, supportIds: readonly string[]): Promise<Map<string, string>> {
    if (supportIds.length === 0) return new Map();
    const rows = await inSchemaScope(this.em, 'identity', (em) =>
      em.find(SupportConsentEntity, { tenant, supportId: { $in: [...supportIds] } }),
    );
    return new Map(
      rows.map(({ supportId, emailSealed }) => [supportId, unseal(this.secret, 'support', emailSealed).toString()]),
    );
  }
}
