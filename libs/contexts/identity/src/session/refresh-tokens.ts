import { inSchemaScope, statement } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { hashOfToken, newOpaqueToken } from '../opaque-token.js';
import { successorOf } from './secret-sealing.js';
import { isStillSet } from './passwords.js';
import { RefreshTokenEntity, SessionEntity } from './session.entities.js';
import type { EndReason, SignInMethod } from './session.schema.js';
import { type EndedSession, endIn, enter, type SignIn, type ClientDetails } from './session-rows.js';

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

/**
 * Opaque, random, kept as a hash, good for one use. Each use answers the next one of the family, and the same one again to
 * a repeat within `repeatSeconds`, until that one is used. A token that comes again after that was stolen or copied, and
 * nobody knows which of the two is the thief: the whole family ends (RFC 9700, 4.14).
 */
export class RefreshTokens {
  constructor(
    private readonly em: EntityManager,
    /** The next token is derived from the one used, so that a repeat is answered without keeping a token in clear. */
    private readonly secret: string,
  ) {}

  /** Null when the person's password is not the one of `passwordSetAt` any more. */
  open(
    session: SignIn & { readonly until: string; readonly passwordSetAt?: string | undefined },
  ): Promise<RefreshToken | null> {
    return inSchemaScope(this.em, 'identity', async (em) => {
      const { sessionId: family, personId, tenant, methods, device, until, passwordSetAt } = session;
      if (passwordSetAt !== undefined && !(await isStillSet(em, { personId, setAt: passwordSetAt }))) return null;
      const authTime = await enter(em, session);
      const token = newOpaqueToken();
      const maxAgeSeconds = await insert(em, token, session, until);
      // Families nobody can use any more go with the next sign-in, and the rows of sessions that are long over.
      await em.nativeDelete(SessionEntity, { openedAt: { $lt: raw(`now() - interval '${familyDays + 1} days'`) } });
      await em.nativeDelete(RefreshTokenEntity, { familyExpiresAt: { $lt: raw('now()') } });
      return { token, family, personId, tenant, maxAgeSeconds, until, authTime, methods, entered: device };
    });
  }

  /** Whose it is and how he signed in, without using it; null when it is no good. */
  async look(
    token: string,
  ): Promise<{ personId: string; tenant: string; family: string; methods: SignInMethod[] } | null> {
    const [found] = await inSchemaScope(this.em, 'identity', (em) =>
      // SQL: the token, whether it counts still, and its session in one round trip, with each renewal.
      statement<TokenRow & { methods: SignInMethod[] }>(
        em,
        `select person_id, tenant, family, coalesce(
           (select methods from identity.sessions where session_id = family and ended_at is null limit 1), '{}') as methods
         from identity.refresh_tokens where hash = $1 and (${good} or ${isRepeat})`,
        [hashOfToken(token)],
      ),
    );
    if (!found) return null;
    const { person_id: personId, tenant, family, methods } = found;
    return { personId, tenant, family, methods };
  }

  /** Uses the token and makes the next one, for a tenant of the person, where the session goes on or is entered. */
  rotate(token: string, tenant: string, seen: ClientDetails): Promise<RefreshToken | Refused> {
    return inSchemaScope(this.em, 'identity', async (em): Promise<RefreshToken | Refused> => {
      // First the session, then its tokens, as ending does: each would wait for the other else.
      await statement(
        em,
        `select from identity.sessions where session_id = (select family from identity.refresh_tokens where hash = $1)
         order by tenant for update`,
        [hashOfToken(token)],
      );
      const next = successorOf(this.secret, token);
      // SQL: uses the token and tells whether it was used before, in one statement.
      const [used] = await statement<TokenRow & { family_expires_at: string; repeated: boolean }>(
        em,
        `with before as (select used_at from identity.refresh_tokens where hash = $1)
         update identity.refresh_tokens set used_at = coalesce(used_at, now()), next_hash = $2
         where hash = $1 and (${good} or ${isRepeat})
         returning family, person_id, family_expires_at, (select used_at is not null from before) as repeated`,
        [hashOfToken(token), hashOfToken(next)],
      );
      if (!used) return this.refused(em, token);
      const session = await goOn(em, used.family, tenant, seen);
      if (!session) return { refused: true, ended: [], replaced: false };
      const whose = { sessionId: used.family, personId: used.person_id, tenant };
      const maxAgeSeconds = used.repeated
        ? await hand(em, next, tenant)
        : await insert(em, next, whose, used.family_expires_at);
      return {
        token: next,
        family: used.family,
        personId: used.person_id,
        tenant,
        maxAgeSeconds,
        until: new Date(used.family_expires_at).toISOString(),
        authTime: session.authTime,
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
    return inSchemaScope(this.em, 'identity', async (em) => {
      const next = successorOf(this.secret, token);
      // SQL: as above.
      const [old] = await statement<TokenRow & { family_expires_at: string; repeated: boolean }>(
        em,
        `with before as (select used_at from identity.refresh_tokens where hash = $1)
         update identity.refresh_tokens set used_at = now(), replaced_at = now(), next_hash = $3
         where hash = $1 and family = $2 and (${good} or ${isReplaced})
         returning family, person_id, tenant, family_expires_at, (select used_at is not null from before) as repeated`,
        [hashOfToken(token), sessionId, hashOfToken(next)],
      );
      if (!old) return null;
      const whose = { sessionId, personId: old.person_id, tenant: old.tenant };
      const maxAgeSeconds = old.repeated
        ? await hand(em, next, old.tenant)
        : await insert(em, next, whose, old.family_expires_at);
      return { token: next, maxAgeSeconds };
    });
  }

  /** Ends the session of a token, whether used or not. */
  close(token: string, reason: EndReason): Promise<EndedSession[]> {
    const ofToken = raw('any (select family from identity.refresh_tokens where hash = ?)', [hashOfToken(token)]);
    return inSchemaScope(this.em, 'identity', (em) => endIn(em, { sessionId: ofToken }, reason));
  }

  /** What is used twice ends the family, but for a request that was under way when its token was replaced. */
  private async refused(em: EntityManager, token: string): Promise<Refused> {
    const hash = hashOfToken(token);
    const ofUsed = raw(
      `any (select family from identity.refresh_tokens where hash = ? and used_at is not null
        and (replaced_at is null or replaced_at < now() - ${underWay}))`,
      [hash],
    );
    const ended = await endIn(em, { sessionId: ofUsed }, 'token-reused');
    const replacedNow = { hash, revokedAt: null, replacedAt: { $gte: raw(`now() - ${underWay}`) } };
    return { refused: true, ended, replaced: (await em.count(RefreshTokenEntity, replacedNow)) === 1 };
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

/** Of its row, as its statement answers it: the seconds that a token lives. */
const secondsLeft = raw('floor(extract(epoch from expires_at - now()))::int as seconds');

async function insert(
  em: EntityManager,
  token: string,
  { sessionId: family, personId, tenant }: Pick<SignIn, 'sessionId' | 'personId' | 'tenant'>,
  until: string,
): Promise<number> {
  const expiresAt = raw(`least(now() + interval '${idleDays} days', ?::timestamptz)`, [until]);
  const [row] = await em
    .createQueryBuilder(RefreshTokenEntity)
    .insert({ hash: hashOfToken(token), family, personId, tenant, expiresAt, familyExpiresAt: until })
    .returning(secondsLeft)
    .execute<{ seconds: number }[]>('all');
  return row?.seconds ?? 0;
}

/** The next token once more, for the tenant asked for last; answers the seconds that are left of it. */
async function hand(em: EntityManager, token: string, tenant: string): Promise<number> {
  const [row] = await em
    .createQueryBuilder(RefreshTokenEntity)
    .update({ tenant })
    .where({ hash: hashOfToken(token) })
    .returning(secondsLeft)
    .execute<{ seconds: number }[]>('all');
  return row?.seconds ?? 0;
}

/** The session in this tenant as it is now; entered when it has not been here; null when it has ended here, or everywhere. */
async function goOn(
  em: EntityManager,
  sessionId: string,
  tenant: string,
  seen: ClientDetails,
): Promise<{ authTime: string; methods: SignInMethod[]; device: string; entered: boolean } | null> {
  const rows = await em.find(SessionEntity, { sessionId });
  const here = rows.find((row) => row.tenant === tenant);
  const origin = here ?? rows.find(({ endedAt }) => !endedAt);
  if (!origin || origin.endedAt) return null;
  const { authTime, methods, personId, device } = origin;
  if (here) {
    const { address, device: now } = seen;
    await em.nativeUpdate(SessionEntity, { sessionId, tenant }, { lastSeenAt: raw('now()'), address, device: now });
    return { authTime, methods, device, entered: false };
  }
  await enter(em, { sessionId, tenant, personId, methods, ...seen }, authTime);
  return { authTime, methods, device: seen.device, entered: true };
}
