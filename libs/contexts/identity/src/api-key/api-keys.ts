import { randomBytes } from 'node:crypto';
import { scopedQuery, inSchemaScope } from '@daybook/postgres';
import { raw } from '@mikro-orm/postgresql';
import { type RawBuilder, sql } from 'kysely';
import { hashOfToken, newOpaqueToken } from '../opaque-token.js';
import { ApiKeyEntity } from './api-key.entities.js';
import type { ApiKeyHolder } from './api-key.events.js';
import type { Deps } from '../injected.js';

/** `dbk_` lets secret scanners recognise a leaked key; the prefix lets people tell keys apart. */
const form = /^dbk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/;
export const isApiKey = (bearer: string): boolean => bearer.startsWith('dbk_');

export interface KeptApiKey {
  readonly keyId: string;
  readonly tenant: string;
  readonly holder: ApiKeyHolder;
  readonly holderId: string;
  /** RFC 3339. */
  readonly until: string;
}

/** A stored key, and whether its holder meets an MFA requirement. Service accounts always do. */
export interface FoundApiKey extends KeptApiKey {
  readonly secondFactor: boolean;
}

/** Expired keys are kept because yearly access reviews show when a holder last used one. */
const expiredDays = 400;
const usedEveryMs = 60_000;
const mostRemembered = 10_000;

/**
 * The table of API keys: a hash of each, and when it was last used, to the minute. Looking a key up by its hash costs the
 * same for a wrong key and an unknown one, whatever the prefix.
 */
export class ApiKeys {
  private readonly noted = new Map<string, number>();

  /** The pool has the same connections, for the look-up before each request. */
  constructor(
    private readonly deps: Deps<'em' | 'pool'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Generates a key and stores its hash. It gives no access until its event is in the tenant's stream. */
  async make(key: KeptApiKey): Promise<{ secret: string; prefix: string }> {
    const prefix = randomBytes(4).toString('hex');
    const secret = `dbk_${prefix}_${newOpaqueToken()}`;
    await inSchemaScope(this.deps.em, 'identity', async (em) => {
      await em.nativeDelete(ApiKeyEntity, { until: { $lt: raw(`now() - interval '${expiredDays} days'`) } });
      const { keyId, tenant, holder, holderId, until } = key;
      await em.insert(ApiKeyEntity, { hash: hashOfToken(secret), keyId, tenant, holder, holderId, until });
    });
    return { secret, prefix: `dbk_${prefix}` };
  }

  async drop(keyId: string): Promise<void> {
    await inSchemaScope(this.deps.em, 'identity', (em) => em.nativeDelete(ApiKeyEntity, { keyId }));
  }

  /** SQL: one round trip, before every request with a key. */
  async find(bearer: string): Promise<FoundApiKey | null> {
    const hash = hashOfToken(bearer).toString('hex');
    if (!form.test(bearer)) return null;
    const [row] = await scopedQuery<FoundApiKey>(
      this.deps.pool,
      'identity',
      `select key_id as "keyId", tenant, holder, holder_id as "holderId", until, holder = 'service'
         or exists (select from identity.totp where person_id = holder_id and confirmed_at is not null)
         or exists (select from identity.passkeys where person_id = holder_id)
         or exists (select from identity.sso_accounts where person_id = holder_id) as "secondFactor"
       from identity.api_keys where hash = '\\x${hash}'`,
    );
    return row ? { ...row, until: new Date(row.until).toISOString() } : null;
  }

  /** Written at most once a minute per key and process, without making the request wait. */
  noteUse(keyId: string): void {
    const now = this.now();
    if (now - (this.noted.get(keyId) ?? -usedEveryMs) < usedEveryMs) return;
    this.noted.delete(keyId);
    this.noted.set(keyId, now);
    for (const oldest of this.noted.keys()) {
      if (this.noted.size <= mostRemembered) break;
      this.noted.delete(oldest);
    }
    // If the write fails, the next request tries again; this one goes on.
    this.write(keyId).catch(() => this.noted.delete(keyId));
  }

  private async write(keyId: string): Promise<void> {
    const minute = raw(`date_trunc('minute', now())`);
    const noted = { keyId, $or: [{ lastUsedAt: null }, { lastUsedAt: { $ne: minute } }] };
    await inSchemaScope(this.deps.em, 'identity', (em) => em.nativeUpdate(ApiKeyEntity, noted, { lastUsedAt: minute }));
  }
}

interface Use {
  readonly keyId: string;
  readonly holderId: string;
  readonly at: string;
}

/** When keys were last used, of these keys and of those that these hold: a statement for any transaction, see `lastOf`. */
export const keyUses = (tenant: string, ids: readonly string[]): RawBuilder<Use> => sql<Use>`
  select key_id as "keyId", holder_id as "holderId", last_used_at as at
  from identity.key_uses(${tenant}::uuid, ${[...ids]}::uuid[])`;

/** The last use of each key, or of any key of each holder. */
export function lastOf(by: 'keyId' | 'holderId', uses: readonly Use[]): Map<string, string> {
  const last = new Map<string, string>();
  for (const { at, ...use } of uses) {
    const [id, used] = [use[by], new Date(at).toISOString()];
    if (used > (last.get(id) ?? '')) last.set(id, used);
  }
  return last;
}
