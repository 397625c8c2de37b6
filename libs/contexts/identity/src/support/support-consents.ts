import { inRoom } from '@daybook/postgres';
import type { Pool } from 'pg';
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
    private readonly pool: Pool,
    private readonly secret: string,
  ) {}

  async keep({ supportId, tenant, personId, supporterId, email, until }: KeptConsent): Promise<void> {
    await inRoom(this.pool, 'identity', async (client) => {
      await client.query(
        `insert into identity.support_consents (support_id, tenant, person_id, supporter_id, email_sealed, until)
         values ($1, $2, $3, $4, $5, $6) on conflict (support_id) do nothing`,
        [supportId, tenant, personId, supporterId, seal(this.secret, 'support', Buffer.from(email)), until],
      );
      await client.query(`delete from identity.support_consents where until < now() - interval '${keptDays} days'`);
    });
  }

  async drop(supportId: string): Promise<void> {
    await inRoom(this.pool, 'identity', (client) =>
      client.query('delete from identity.support_consents where support_id = $1', [supportId]),
    );
  }

  /** What a supporter was allowed, in any tenant. */
  async to(supporterId: string): Promise<Row[]> {
    const { rows } = await inRoom(this.pool, 'identity', (client) =>
      client.query<Row>(
        `select support_id as "supportId", tenant, person_id as "personId" from identity.support_consents
         where supporter_id = $1 order by until desc limit 200`,
        [supporterId],
      ),
    );
    return rows;
  }

  /** Addresses by support id; those gone already are left out. */
  async addresses(tenant: string, supportIds: readonly string[]): Promise<Map<string, string>> {
    if (supportIds.length === 0) return new Map();
    const { rows } = await inRoom(this.pool, 'identity', (client) =>
      client.query<{ support_id: string; email_sealed: Buffer }>(
        'select support_id, email_sealed from identity.support_consents where tenant = $1 and support_id = any($2)',
        [tenant, [...supportIds]],
      ),
    );
    return new Map(
      rows.map(({ support_id, email_sealed }) => [support_id, unseal(this.secret, 'support', email_sealed).toString()]),
    );
  }
}
