import { createHash, randomBytes } from 'node:crypto';
import { inRoom } from '@daybook/postgres';
import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import { isTaken } from '../person/person-by-email.js';
import { seal, unseal } from '../session/keys.js';
import { type Begun, begun } from './oidc.js';

const startMinutes = 10;
/** Most providers on one sign-in page. */
const mostOffered = 10;
const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A sign-in or a linking that was begun in a browser. */
export interface Start {
  readonly providerId: string;
  /** Who links the provider to his account; null for a sign-in. */
  readonly personId: string | null;
  readonly begun: Begun;
}
export interface Account {
  readonly providerId: string;
  readonly issuer: string;
  readonly subject: string;
}

/** The plain tables of providers: whose they are, their secrets, who is linked, what was begun. */
export class ProviderRows {
  constructor(
    private readonly pool: Pool,
    private readonly secret: string,
  ) {}

  /** Whose provider it is, and its client secret; null for one that is not there. */
  async find(providerId: string): Promise<{ tenant: string; clientSecret: string | null } | null> {
    const { rows } = await this.ask<{ tenant: string; secret_sealed: Buffer | null }>(
      'select tenant, secret_sealed from identity.providers where provider_id = $1',
      [providerId],
    );
    const row = rows[0];
    if (!row) return null;
    const sealed = row.secret_sealed;
    return {
      tenant: row.tenant,
      clientSecret: sealed && unseal(this.secret, 'provider-secret', sealed).toString(),
    };
  }

  /** Those of an e-mail domain, of whatever tenants; null: those that name none. */
  async of(domain: string | null): Promise<{ providerId: string; tenant: string }[]> {
    const { rows } = await this.ask<{ provider_id: string; tenant: string }>(
      `select provider_id, tenant from identity.providers
       where ${domain === null ? "domains = '{}'" : 'domains @> array[$1]'} order by provider_id limit ${mostOffered}`,
      domain === null ? [] : [domain],
    );
    return rows.map(({ provider_id: providerId, tenant }) => ({ providerId, tenant }));
  }

  async set(
    providerId: string,
    tenant: string,
    { clientSecret, domains }: { clientSecret: string | null; domains: readonly string[] },
  ): Promise<void> {
    const sealed = clientSecret === null ? null : seal(this.secret, 'provider-secret', Buffer.from(clientSecret));
    await this.ask(
      `insert into identity.providers (provider_id, tenant, secret_sealed, domains) values ($1, $2, $3, $4)
       on conflict (provider_id) do update set secret_sealed = $3, domains = $4 where providers.tenant = $2`,
      [providerId, tenant, sealed, domains],
    );
  }

  /** With it go its links and what was begun by it. */
  async remove(providerId: string, tenant: string): Promise<void> {
    await this.ask('delete from identity.providers where provider_id = $1 and tenant = $2', [providerId, tenant]);
  }

  /** The cookie of the browser that begins. */
  async start({ providerId, personId, begun }: Start): Promise<string> {
    const cookie = randomBytes(32).toString('base64url');
    const sealed = seal(this.secret, 'provider-start', Buffer.from(JSON.stringify(begun)));
    await inRoom(this.pool, 'identity', async (client) => {
      await client.query('delete from identity.provider_starts where expires_at < now()');
      await client.query(
        `insert into identity.provider_starts (hash, provider_id, person_id, sealed, expires_at)
         values ($1, $2, $3, $4, now() + interval '${startMinutes} minutes')`,
        [hashOf(cookie), providerId, personId, sealed],
      );
    });
    return cookie;
  }
  readonly startSeconds = startMinutes * 60;

  /** What the browser with this cookie began; once. */
  async take(cookie: string): Promise<Start | null> {
    const { rows } = await this.ask<{ provider_id: string; person_id: string | null; sealed: Buffer }>(
      `update identity.provider_starts set used_at = now()
       where hash = $1 and used_at is null and expires_at > now() returning provider_id, person_id, sealed`,
      [hashOf(cookie)],
    );
    const row = rows[0];
    if (!row) return null;
    const clear = unseal(this.secret, 'provider-start', row.sealed).toString();
    return { providerId: row.provider_id, personId: row.person_id, begun: begun.parse(JSON.parse(clear)) };
  }

  async linkedPerson({ providerId, issuer, subject }: Account): Promise<string | null> {
    const { rows } = await this.ask<{ person_id: string }>(
      'select person_id from identity.provider_links where provider_id = $1 and issuer = $2 and subject = $3',
      [providerId, issuer, subject],
    );
    return rows[0]?.person_id ?? null;
  }

  /** false when the account is linked to somebody else, or the person to another account of the provider. */
  async link({ providerId, issuer, subject }: Account, personId: string): Promise<boolean> {
    try {
      await this.ask(
        'insert into identity.provider_links (provider_id, issuer, subject, person_id) values ($1, $2, $3, $4)',
        [providerId, issuer, subject, personId],
      );
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  }

  async unlink(providerId: string, personId: string): Promise<boolean> {
    const { rowCount } = await this.ask(
      'delete from identity.provider_links where provider_id = $1 and person_id = $2',
      [providerId, personId],
    );
    return (rowCount ?? 0) > 0;
  }

  /** When the person was linked, by provider. */
  async linksOf(personId: string): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.ask<{ provider_id: string; linked_at: string }>(
      'select provider_id, linked_at from identity.provider_links where person_id = $1',
      [personId],
    );
    return new Map(rows.map(({ provider_id, linked_at }) => [provider_id, linked_at]));
  }

  /** The part of erasing a person that is no event; resolves to the number of links. */
  async forget(personId: string): Promise<number> {
    return inRoom(this.pool, 'identity', async (client: PoolClient) => {
      await client.query('delete from identity.provider_starts where person_id = $1', [personId]);
      const { rowCount } = await client.query('delete from identity.provider_links where person_id = $1', [personId]);
      return rowCount ?? 0;
    });
  }

  private ask<R extends QueryResultRow>(sql: string, values: unknown[]): Promise<QueryResult<R>> {
    return inRoom(this.pool, 'identity', (client) => client.query<R>(sql, values));
  }
}
