import { createHash, randomBytes } from 'node:crypto';
import { inRoom } from '@daybook/postgres';
import type { Pool, PoolClient } from 'pg';
import { successorOf } from './keys.js';
import { isStillSet } from './passwords.js';
import type { EndReason, SignInMethod } from './session.schema.js';
import { type EndedSession, endIn, enter, type SignIn, type Seen } from './session-rows.js';

export const refreshCookie = { name: 'daybook_refresh', path: '/v1/identity/session' } as const;
/** A session ends when it is not used for so long, and however it is used (ASVS 7.3). */
export const idleDays = 7;
export const familyDays = 30;

export interface RefreshToken {
  readonly token: string;
  readonly family: string;
  readonly personId: string;
  readonly tenant: string;
  readonly maxAgeSeconds: number;
  /** RFC 3339: the session lasts no longer, however it is used. */
  readonly until: string;
  readonly authTime: string;
  readonly methods: readonly SignInMethod[];
  /** The device, when this is the session's first token in its tenant. */
  readonly entered: string | null;
}
/** No good; `ended` are the sessions that end with it, for it was used before. */
export interface Refused {
  readonly refused: true;
  readonly ended: readonly EndedSession[];
  /** It was replaced a moment ago, and the browser has the next one: whoever still came with this one asks again. */
  readonly replaced: boolean;
}
/** A request that another tab had sent already comes with the token that was replaced; a thief comes later. */
const underWay = `interval '1 minute'`;
/** An answer may be lost on its way, and two tabs may ask at once: for so long a use is answered again as it was. */
export const repeatSeconds = 30;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
const made = (): string => randomBytes(32).toString('base64url');

/**
 * Opaque, random, kept as a hash, good for one use. Each use answers the next one of the family, and the same one again to
 * a repeat within `repeatSeconds`, until that one is used. A token that comes again after that was stolen or copied, and
 * nobody knows which of the two is the thief: the whole family ends (RFC 9700, 4.14).
 */
export class RefreshTokens {
  constructor(
    private readonly pool: Pool,
    /** The next token is derived from the one used, so that a repeat is answered without keeping a token in clear. */
    private readonly secret: string,
  ) {}

  /** Null when the person's password is not the one of `passwordSetAt` any more. */
  open(
    session: SignIn & { readonly until: string; readonly passwordSetAt?: string | undefined },
  ): Promise<RefreshToken | null> {
    return inRoom(this.pool, 'identity', async (client) => {
      const { sessionId: family, personId, tenant, methods, device, until, passwordSetAt } = session;
      if (passwordSetAt !== undefined && !(await isStillSet(client, { personId, setAt: passwordSetAt }))) return null;
      const { auth_time: authTime } = await enter(client, session);
      const token = made();
      const maxAgeSeconds = await insert(client, token, session, until);
      // Families nobody can use any more go with the next sign-in, and the rows of sessions that are long over.
      await client.query(
        `delete from identity.sessions where opened_at < now() - interval '${familyDays + 1} days';
         delete from identity.refresh_tokens where family_expires_at < now()`,
      );
      return { token, family, personId, tenant, maxAgeSeconds, until, authTime, methods, entered: device };
    });
  }

  /** Whose it is and how he signed in, without using it; null when it is no good. */
  async look(
    token: string,
  ): Promise<{ personId: string; tenant: string; family: string; methods: SignInMethod[] } | null> {
    const { rows } = await inRoom(this.pool, 'identity', (client) =>
      client.query<TokenRow & { methods: SignInMethod[] }>(
        `select person_id, tenant, family, coalesce(
           (select methods from identity.sessions where session_id = family and ended_at is null limit 1), '{}') as methods
         from identity.refresh_tokens where hash = $1 and (${good} or ${isRepeat})`,
        [hashOf(token)],
      ),
    );
    const [found] = rows;
    if (!found) return null;
    const { person_id: personId, tenant, family, methods } = found;
    return { personId, tenant, family, methods };
  }

  /** Uses the token and makes the next one, for a tenant of the person, where the session goes on or is entered. */
  rotate(token: string, tenant: string, seen: Seen): Promise<RefreshToken | Refused> {
    return inRoom(this.pool, 'identity', async (client): Promise<RefreshToken | Refused> => {
      // First the session, then its tokens, as ending does: each would wait for the other else.
      await client.query(
        `select from identity.sessions where session_id = (select family from identity.refresh_tokens where hash = $1)
         order by tenant for update`,
        [hashOf(token)],
      );
      const next = successorOf(this.secret, token);
      const { rows } = await client.query<TokenRow & { family_expires_at: string; repeated: boolean }>(
        `with before as (select used_at from identity.refresh_tokens where hash = $1)
         update identity.refresh_tokens set used_at = coalesce(used_at, now()), next_hash = $2
         where hash = $1 and (${good} or ${isRepeat})
         returning family, person_id, family_expires_at, (select used_at is not null from before) as repeated`,
        [hashOf(token), hashOf(next)],
      );
      const used = rows[0];
      if (!used) return this.refused(client, token);
      const session = await goOn(client, used.family, tenant, seen);
      if (!session) return { refused: true, ended: [], replaced: false };
      const whose = { sessionId: used.family, personId: used.person_id, tenant };
      const maxAgeSeconds = used.repeated
        ? await hand(client, next, tenant)
        : await insert(client, next, whose, used.family_expires_at);
      return {
        token: next,
        family: used.family,
        personId: used.person_id,
        tenant,
        maxAgeSeconds,
        until: new Date(used.family_expires_at).toISOString(),
        authTime: session.auth_time,
        methods: session.methods,
        entered: session.entered ? session.device : null,
      };
    });
  }

  /**
   * The next token in place of this one, for the same session, when the person proved anew who they are (ASVS 7.2.4). Null
   * where the token is none of this session, or not good any more: then there is nothing to replace. Where the answer with
   * the next token was lost and the person proves it once more, they get the same one again.
   */
  replace(token: string, sessionId: string): Promise<Pick<RefreshToken, 'token' | 'maxAgeSeconds'> | null> {
    return inRoom(this.pool, 'identity', async (client) => {
      const next = successorOf(this.secret, token);
      const { rows } = await client.query<TokenRow & { family_expires_at: string; repeated: boolean }>(
        `with before as (select used_at from identity.refresh_tokens where hash = $1)
         update identity.refresh_tokens set used_at = now(), replaced_at = now(), next_hash = $3
         where hash = $1 and family = $2 and (${good} or ${isReplaced})
         returning family, person_id, tenant, family_expires_at, (select used_at is not null from before) as repeated`,
        [hashOf(token), sessionId, hashOf(next)],
      );
      const old = rows[0];
      if (!old) return null;
      const whose = { sessionId, personId: old.person_id, tenant: old.tenant };
      const maxAgeSeconds = old.repeated
        ? await hand(client, next, old.tenant)
        : await insert(client, next, whose, old.family_expires_at);
      return { token: next, maxAgeSeconds };
    });
  }

  /** Ends the session of a token, whether used or not. */
  close(token: string, reason: EndReason): Promise<EndedSession[]> {
    return inRoom(this.pool, 'identity', (client) =>
      endIn(client, 'session_id in (select family from identity.refresh_tokens where hash = $2)', reason, [
        hashOf(token),
      ]),
    );
  }

  /** What is used twice ends the family, but for a request that was under way when its token was replaced. */
  private async refused(client: PoolClient, token: string): Promise<Refused> {
    const family = `(select family from identity.refresh_tokens where hash = $2 and used_at is not null
      and (replaced_at is null or replaced_at < now() - ${underWay}))`;
    const ended = await endIn(client, `session_id in ${family}`, 'token-reused', [hashOf(token)]);
    const { rowCount } = await client.query(
      `select from identity.refresh_tokens
       where hash = $1 and revoked_at is null and replaced_at >= now() - ${underWay}`,
      [hashOf(token)],
    );
    return { refused: true, ended, replaced: rowCount === 1 };
  }
}

interface TokenRow {
  readonly family: string;
  readonly person_id: string;
  readonly tenant: string;
}

const good = 'used_at is null and revoked_at is null and expires_at > now()';
const nextIsUnused = `exists (select from identity.refresh_tokens n where n.hash = refresh_tokens.next_hash
  and n.used_at is null and n.revoked_at is null and n.expires_at > now())`;
/** Used a moment ago, and nobody has come with the next one yet. */
const isRepeat = `(used_at >= now() - interval '${repeatSeconds} seconds' and replaced_at is null and revoked_at is null
  and ${nextIsUnused})`;
const isReplaced = `(replaced_at is not null and revoked_at is null and ${nextIsUnused})`;

async function insert(
  client: PoolClient,
  token: string,
  { sessionId, personId, tenant }: Pick<SignIn, 'sessionId' | 'personId' | 'tenant'>,
  until: string,
): Promise<number> {
  const { rows } = await client.query<{ seconds: number }>(
    `insert into identity.refresh_tokens (hash, family, person_id, tenant, expires_at, family_expires_at)
     values ($1, $2, $3, $4, least(now() + interval '${idleDays} days', $5::timestamptz), $5::timestamptz)
     returning floor(extract(epoch from expires_at - now()))::int as seconds`,
    [hashOf(token), sessionId, personId, tenant, until],
  );
  return rows[0]?.seconds ?? 0;
}

/** The next token once more, for the tenant asked for last; answers the seconds that are left of it. */
async function hand(client: PoolClient, token: string, tenant: string): Promise<number> {
  const { rows } = await client.query<{ seconds: number }>(
    `update identity.refresh_tokens set tenant = $2 where hash = $1
     returning floor(extract(epoch from expires_at - now()))::int as seconds`,
    [hashOf(token), tenant],
  );
  return rows[0]?.seconds ?? 0;
}

/** The session in this tenant as it is now; entered when it has not been here; null when it has ended here, or everywhere. */
async function goOn(
  client: PoolClient,
  sessionId: string,
  tenant: string,
  seen: Seen,
): Promise<{ auth_time: string; methods: SignInMethod[]; device: string; entered: boolean } | null> {
  const { rows } = await client.query<{
    tenant: string;
    person_id: string;
    auth_time: string;
    methods: SignInMethod[];
    device: string;
    live: boolean;
  }>(
    `select tenant, person_id, auth_time, methods, device, ended_at is null as live
     from identity.sessions where session_id = $1`,
    [sessionId],
  );
  const here = rows.find((row) => row.tenant === tenant);
  const origin = here ?? rows.find(({ live }) => live);
  if (!origin || !origin.live) return null;
  if (here) {
    await client.query(
      `update identity.sessions set last_seen_at = now(), address = $3, device = $4
       where session_id = $1 and tenant = $2`,
      [sessionId, tenant, seen.address, seen.device],
    );
    return { ...here, entered: false };
  }
  const { auth_time, methods, person_id: personId } = origin;
  await enter(client, { sessionId, tenant, personId, methods, ...seen }, auth_time);
  return { auth_time, methods, device: seen.device, entered: true };
}
