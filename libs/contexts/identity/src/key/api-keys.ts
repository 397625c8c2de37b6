import { createHash, randomBytes } from 'node:crypto';
import { askInRoom, inRoom } from '@daybook/postgres';
import type { Pool } from 'pg';
import type { KeyHolder } from './key.events.js';

/** `dbk_` tells scanners of leaked secrets what it is; the prefix tells people which one it is. */
const form = /^dbk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/;
export const isApiKey = (bearer: string): boolean => bearer.startsWith('dbk_');

export interface KeptKey {
  readonly keyId: string;
  readonly tenant: string;
  readonly holder: KeyHolder;
  readonly holderId: string;
  /** RFC 3339. */
  readonly until: string;
}

/** A key as it is found: may its holder be asked for a second factor? Programs have none. */
export interface FoundKey extends KeptKey {
  readonly secondFactor: boolean;
}

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();
/** A key that ended is kept for the last use of its holder, which yearly access reviews show. */
const expiredDays = 400;
const usedEveryMs = 60_000;
const mostRemembered = 10_000;

/**
 * Keys as they are kept: a hash of each, and when it was last used, to the minute. Looked up by the hash, so that a wrong
 * key and an unknown one cost the same work, whatever its prefix.
 */
export class ApiKeys {
  private readonly noted = new Map<string, number>();

  constructor(
    private readonly pool: Pool,
    private readonly now: () => number = Date.now,
  ) {}

  /** A new key's secret, kept as a hash. It opens nothing before the fact of it is recorded in the tenant's stream. */
  async make(key: KeptKey): Promise<{ secret: string; prefix: string }> {
    const prefix = randomBytes(4).toString('hex');
    const secret = `dbk_${prefix}_${randomBytes(32).toString('base64url')}`;
    await inRoom(this.pool, 'identity', async (client) => {
      await client.query(`delete from identity.api_keys where until < now() - interval '${expiredDays} days'`);
      await client.query(
        'insert into identity.api_keys (hash, key_id, tenant, holder, holder_id, until) values ($1, $2, $3, $4, $5, $6)',
        [hashOf(secret), key.keyId, key.tenant, key.holder, key.holderId, key.until],
      );
    });
    return { secret, prefix: `dbk_${prefix}` };
  }

  async drop(keyId: string): Promise<void> {
    await inRoom(this.pool, 'identity', (client) =>
      client.query('delete from identity.api_keys where key_id = $1', [keyId]),
    );
  }

  /** One round trip, before every request of a key. */
  async find(bearer: string): Promise<FoundKey | null> {
    const hash = hashOf(bearer).toString('hex');
    if (!form.test(bearer)) return null;
    const [row] = await askInRoom<FoundKey>(
      this.pool,
      'identity',
      `select key_id as "keyId", tenant, holder, holder_id as "holderId", until, holder = 'service'
         or exists (select from identity.totp where person_id = holder_id and confirmed_at is not null)
         or exists (select from identity.passkeys where person_id = holder_id)
         or exists (select from identity.provider_links where person_id = holder_id) as "secondFactor"
       from identity.api_keys where hash = '\\x${hash}'`,
    );
    return row ? { ...row, until: new Date(row.until).toISOString() } : null;
  }

  /** Written at most once a minute for each key and process, beside the request, which does not wait for it. */
  noteUse(keyId: string): void {
    const now = this.now();
    if (now - (this.noted.get(keyId) ?? -usedEveryMs) < usedEveryMs) return;
    this.noted.delete(keyId);
    this.noted.set(keyId, now);
    for (const oldest of this.noted.keys()) {
      if (this.noted.size <= mostRemembered) break;
      this.noted.delete(oldest);
    }
    // A note that is lost is written a request later; it is no reason to refuse this one.
    this.write(keyId).catch(() => this.noted.delete(keyId));
  }

  private async write(keyId: string): Promise<void> {
    await inRoom(this.pool, 'identity', (client) =>
      client.query(
        `update identity.api_keys set last_used_at = date_trunc('minute', now())
         where key_id = $1 and last_used_at is distinct from date_trunc('minute', now())`,
        [keyId],
      ),
    );
  }

  /** When keys were last used, by key id. */
  lastUses(tenant: string, keyIds: readonly string[]): Promise<Map<string, string>> {
    return this.uses(tenant, 'key_id', keyIds);
  }

  /** When any key of each of these holders was last used. */
  lastUsesOf(tenant: string, holderIds: readonly string[]): Promise<Map<string, string>> {
    return this.uses(tenant, 'holder_id', holderIds);
  }

  private async uses(tenant: string, by: 'key_id' | 'holder_id', ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const { rows } = await inRoom(this.pool, 'identity', (client) =>
      client.query<{ id: string; at: Date }>(
        `select ${by} as id, max(last_used_at) as at from identity.api_keys
         where tenant = $1 and ${by} = any($2) and last_used_at is not null group by 1`,
        [tenant, [...ids]],
      ),
    );
    return new Map(rows.map(({ id, at }) => [id, new Date(at).toISOString()]));
  }
}
