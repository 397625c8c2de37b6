import { inSchemaScope } from '@daybook/postgres';
import type { ReadContext } from '@daybook/projections';
import { raw } from '@mikro-orm/postgresql';
import { type Kysely, sql } from 'kysely';
import { DelegatedAccessConsentEntity } from '../api-key/api-key.entities.js';
import { seal, unseal } from '../session/secret-sealing.js';
import type { Deps } from '../injected.js';

export interface ReceivedConsent {
  readonly delegatedAccessId: string;
  readonly tenant: string;
  readonly personId: string;
}
export interface KeptConsent extends ReceivedConsent {
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

  /** What a delegate received, in any tenant: at most 200, the latest to end first. */
  async to(delegateId: string, db: Kysely<object> = this.deps.em.getKysely<object>()): Promise<ReceivedConsent[]> {
    const { rows } = await sql<ReceivedConsent>`
      select delegated_access_id as "delegatedAccessId", tenant, person_id as "personId"
      from identity.delegated_access_to(${delegateId}::uuid)`.execute(db);
    return rows;
  }

  /** Addresses by id, without the deleted ones. */
  async addresses({ db, tenant }: ReadContext, delegatedAccessIds: readonly string[]): Promise<Map<string, string>> {
    if (delegatedAccessIds.length === 0) return new Map();
    const { rows } = await sql<{ id: string; sealed: Buffer }>`
      select delegated_access_id as id, email_sealed as sealed
      from identity.delegated_access_addresses(${tenant}::uuid, ${[...delegatedAccessIds]}::uuid[])`.execute(db);
    return new Map(rows.map(({ id, sealed }) => [id, unseal(this.deps.secret, 'delegated-access', sealed).toString()]));
  }
}
