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

/** Settings that were asked for; what is no secret stands in the command. */
export interface ProviderDraft {
  readonly draftId: string;
  readonly providerId: string;
  readonly tenant: string;
  readonly issuer: string;
  readonly clientSecret: string | null;
}
/** Who waits longer for a second person gives the secret again. */
const draftDays = 90;

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

  /** Keeps the secret that settings were asked for with, until they are carried out or nobody asks for them any more. */
  async draft({ draftId, providerId, tenant, issuer, clientSecret }: ProviderDraft): Promise<void> {
    const sealed = clientSecret === null ? null : seal(this.secret, 'provider-secret', Buffer.from(clientSecret));
    await inRoom(this.pool, 'identity', async (client) => {
      await client.query(`delete from identity.provider_drafts where made_at < now() - interval '${draftDays} days'`);
      await client.query(
        `insert into identity.provider_drafts (draft_id, provider_id, tenant, issuer, secret_sealed)
         values ($1, $2, $3, $4, $5)`,
        [draftId, providerId, tenant, issuer, sealed],
      );
    });
  }

  /** Is there a secret kept for these settings, given for this issuer and no other? */
  async isDrafted({ draftId, providerId, tenant, issuer }: Omit<ProviderDraft, 'clientSecret'>): Promise<boolean> {
    const { rowCount } = await this.ask(
      `select from identity.provider_drafts where draft_id = $1 and provider_id = $2 and tenant = $3 and issuer = $4`,
      [draftId, providerId, tenant, issuer],
    );
    return (rowCount ?? 0) > 0;
  }

  /** The settings that were drafted hold from now on. Done again it changes nothing. */
  async apply(providerId: string, tenant: string, draftId: string, domains: readonly string[]): Promise<void> {
    await this.ask(
      `insert into identity.providers (provider_id, tenant, secret_sealed, domains)
       select provider_id, tenant, secret_sealed, $4 from identity.provider_drafts
       where draft_id = $3 and provider_id = $1 and tenant = $2
       on conflict (provider_id) do update set secret_sealed = excluded.secret_sealed, domains = excluded.domains
       where providers.tenant = $2`,
      [providerId, tenant, draftId, domains],
    );
  }

  /** With it go its links and what was begun by it. */
  async remove(providerId: string, tenant: string): Promise<void> {
    const which = [providerId, tenant];
    await this.ask('delete from identity.provider_drafts where provider_id = $1 and tenant = $2', which);
    await this.ask('delete from identity.providers where provider_id = $1 and tenant = $2', which);
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
