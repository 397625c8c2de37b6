import { inSchemaScope, readInSchemaScope } from '@daybook/postgres';
import { raw } from '@mikro-orm/postgresql';
import { DelegatedAccessConsentEntity } from '../api-key/api-key.entities.js';
import { seal, unseal } from '../session/secret-sealing.js';
import type { Deps } from '../injected.js';

interface Row {
  readonly delegatedAccessId: string;
  readonly tenant: string;
  readonly personId: string;
}
export interface KeptConsent extends Row {
  readonly delegateId: string;
  readonly email: string;
  readonly until: string;
}

const keptDays = 90;

/**
 * Which address a person named when they allowed delegated access, and in which tenant. So delegates find what they
 * received in any tenant, and events need no address. Rows are deleted 90 days after the end; the events remain.
 */
export class DelegatedAccessConsents {
  constructor(private readonly deps: Deps<'em' | 'secret'>) {}

  async keep({ delegatedAccessId, tenant, personId, delegateId, email, until }: KeptConsent): Promise<void> {
    const emailSealed = seal(this.deps.secret, 'delegated-access', Buffer.from(email));
    await inSchemaScope(this.deps.em, 'identity', async (em) => {
      await em
        .createQueryBuilder(DelegatedAccessConsentEntity)
        .insert({ delegatedAccessId, tenant, personId, delegateId, emailSealed, until })
        .onConflict('delegatedAccessId')
        .ignore()
        .execute('run');
      await em.nativeDelete(DelegatedAccessConsentEntity, {
        until: { $lt: raw(`now() - interval '${keptDays} days'`) },
      });
    });
  }

  async drop(delegatedAccessId: string): Promise<void> {
    await inSchemaScope(this.deps.em, 'identity', (em) =>
      em.nativeDelete(DelegatedAccessConsentEntity, { delegatedAccessId }),
    );
  }

  /** What a delegate received, in any tenant. */
  async to(delegateId: string): Promise<Row[]> {
    const rows = await readInSchemaScope(this.deps.em, 'identity', (em) =>
      em.find(DelegatedAccessConsentEntity, { delegateId }, { orderBy: { until: 'desc' }, limit: 200 }),
    );
    return rows.map(({ delegatedAccessId, tenant, personId }) => ({ delegatedAccessId, tenant, personId }));
  }

  /** Addresses by id, without the deleted ones. */
  async addresses(tenant: string, delegatedAccessIds: readonly string[]): Promise<Map<string, string>> {
    if (delegatedAccessIds.length === 0) return new Map();
    const rows = await readInSchemaScope(this.deps.em, 'identity', (em) =>
      em.find(DelegatedAccessConsentEntity, { tenant, delegatedAccessId: { $in: [...delegatedAccessIds] } }),
    );
    return new Map(
      rows.map(({ delegatedAccessId, emailSealed }) => [
        delegatedAccessId,
        unseal(this.deps.secret, 'delegated-access', emailSealed).toString(),
      ]),
    );
  }
}
