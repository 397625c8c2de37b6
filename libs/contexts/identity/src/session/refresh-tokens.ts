import { inSchemaScope, statement } from '@daybook/postgres';
import { type EntityManager, LockMode, raw } from '@mikro-orm/postgresql';
import { hashOfToken, newOpaqueToken } from '../opaque-token.js';
import { successorOf } from './secret-sealing.js';
import { isStillSet } from './passwords.js';
import { RefreshTokenEntity, SessionEntity, type SessionEntityRow } from './session.entities.js';
import type { EndReason, SignInMethod } from './session.schema.js';
import { type EndedSession, endIn, enter, type SignIn, type ClientDetails } from './session-rows.js';
import type { Deps } from '../injected.js';

export const refreshCookie = { name: 'daybook_refresh', path: '/v1/identity/session' } as const;
/** A session ends after this long without use, and after `familyDays` in any case (ASVS 7.3). */
export const idleDays = 7;
export const familyDays = 30;

export interface RefreshToken {
  readonly token: string;
  readonly family: string;
  readonly personId: string;
  readonly tenant: string;
  readonly maxAgeSeconds: number;
  /** RFC 3339: when the session ends at the latest. */
  readonly until: string;
  readonly authTime: string;
  readonly methods: readonly SignInMethod[];
  /** The device, when this is the session's first token in its tenant. */
  readonly entered: string | null;
}
/**
 * Why a token is not renewed. `over`: it is invalid, or its session has ended everywhere. `replaced`: a moment ago, and the
 * browser has the next one, so the request can be retried. `ended-here`: its session goes on in other tenants, with this token.
 * `ended` are the sessions that ended because it was reused.
 */
export interface Refused {
  readonly refused: 'over' | 'replaced' | 'ended-here';
  readonly ended: readonly EndedSession[];
}
/** A request of another tab that was already in flight carries the replaced token; a thief comes later. */
const underWay = `interval '1 minute'`;
/** A response may be lost, and two tabs may refresh at once: for this long, a retry gets the same successor. */
export const repeatSeconds = 30;

/**
 * Opaque, random, stored as a hash, valid for one use (rotation). Each use returns the next token of the family, and the
 * same one to a retry within `repeatSeconds`, until that one is used. A later reuse means that the token was stolen, and the
 * thief cannot be told apart from the owner, so the whole family ends (RFC 9700, 4.14).
 */
export class RefreshTokens {
  /** The secret: the next token is derived from the used one, so that a retry gets it again and no token is stored in clear text. */
  constructor(private readonly deps: Deps<'em' | 'secret'>) {}

  /** Null when the person's password has changed since `passwordSetAt`. */
  open(
    session: SignIn & { readonly until: string; readonly passwordSetAt?: string | undefined },
  ): Promise<RefreshToken | null> {
    return inSchemaScope(this.deps.em, 'identity', async (em) => {
      const { sessionId: family, personId, tenant, methods, device, until, passwordSetAt } = session;
      if (passwordSetAt !== undefined && !(await isStillSet(em, { personId, setAt: passwordSetAt }))) return null;
      const authTime = await enter(em, session);
      const token = newOpaqueToken();
      const maxAgeSeconds = await insert(em, token, session, until);
      // Each sign-in also deletes expired families, and rows of sessions that ended long ago.
      await em.nativeDelete(SessionEntity, { openedAt: { $lt: raw(`now() - interval '${familyDays + 1} days'`) } });
      await em.nativeDelete(RefreshTokenEntity, { familyExpiresAt: { $lt: raw('now()') } });
      return { token, family, personId, tenant, maxAgeSeconds, until, authTime, methods, entered: device };
    });
  }

  /** The person, the session and the sign-in methods of a token, without using it; null when it is invalid. */
  async look(
    token: string,
  ): Promise<{ personId: string; tenant: string; family: string; methods: SignInMethod[] } | null> {
    const [found] = await inSchemaScope(this.deps.em, 'identity', (em) =>
      // SQL: the token, its validity and its session in one round trip.
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

  /** Uses the token and makes the next one, for a tenant of the person; the session continues or starts there. */
  rotate(token: string, tenant: string, seen: ClientDetails): Promise<RefreshToken | Refused> {
    return inSchemaScope(this.deps.em, 'identity', async (em): Promise<RefreshToken | Refused> => {
      const rows = await lockedSessions(em, token);
      const origin = originIn(rows, tenant);
      if (!origin) return { refused: rows.some(({ endedAt }) => !endedAt) ? 'ended-here' : 'over', ended: [] };
      const next = successorOf(this.deps.secret, token);
      // SQL: uses the token and returns whether it was used before, in one statement.
      const [used] = await statement<TokenRow & { family_expires_at: string; repeated: boolean }>(
        em,
        `with before as (select used_at from identity.refresh_tokens where hash = $1)
         update identity.refresh_tokens set used_at = coalesce(used_at, now()), next_hash = $2
         where hash = $1 and (${good} or ${isRepeat})
         returning family, person_id, family_expires_at, (select used_at is not null from before) as repeated`,
        [hashOfToken(token), hashOfToken(next)],
      );
      if (!used) return this.refused(em, token);
      const session = await goOn(em, origin, tenant, seen);
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
   * Replaces the token for the same session when the person has confirmed who they are (ASVS 7.2.4). Null where the token is
   * not of this session or no longer valid. If the response was lost and the person confirms again, they get the same one.
   */
  replace(token: string, sessionId: string): Promise<Pick<RefreshToken, 'token' | 'maxAgeSeconds'> | null> {
    return inSchemaScope(this.deps.em, 'identity', async (em) => {
      const next = successorOf(this.deps.secret, token);
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
    return inSchemaScope(this.deps.em, 'identity', (em) => endIn(em, { sessionId: ofToken }, reason));
  }

  /** A token that is used twice ends the family, except for a request in flight when its token was replaced. */
  private async refused(em: EntityManager, token: string): Promise<Refused> {
    const hash = hashOfToken(token);
    const ofUsed = raw(
      `any (select family from identity.refresh_tokens where hash = ? and used_at is not null
        and (replaced_at is null or replaced_at < now() - ${underWay}))`,
      [hash],
    );
    const ended = await endIn(em, { sessionId: ofUsed }, 'token-reused');
    const replacedNow = { hash, revokedAt: null, replacedAt: { $gte: raw(`now() - ${underWay}`) } };
    return { refused: (await em.count(RefreshTokenEntity, replacedNow)) === 1 ? 'replaced' : 'over', ended };
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
/** Used a moment ago, and the next token is not used yet. */
const isRepeat = `(used_at >= now() - interval '${repeatSeconds} seconds' and replaced_at is null and revoked_at is null
  and ${nextIsUnused})`;
const isReplaced = `(replaced_at is not null and revoked_at is null and ${nextIsUnused})`;

/** The remaining lifetime of a token, returned by the statement that writes its row. */
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

/** Hands out the next token again, for the tenant requested last; returns its remaining lifetime. */
async function hand(em: EntityManager, token: string, tenant: string): Promise<number> {
  const [row] = await em
    .createQueryBuilder(RefreshTokenEntity)
    .update({ tenant })
    .where({ hash: hashOfToken(token) })
    .returning(secondsLeft)
    .execute<{ seconds: number }[]>('all');
  return row?.seconds ?? 0;
}

/** The rows of a token's session, locked before its tokens, as ending does, to avoid a deadlock. */
const lockedSessions = (em: EntityManager, token: string): Promise<SessionEntityRow[]> =>
  em.find(
    SessionEntity,
    { sessionId: raw('(select family from identity.refresh_tokens where hash = ?)', [hashOfToken(token)]) },
    { orderBy: { tenant: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE },
  );

/** The row that a session goes on from in this tenant: its own, or any open one; null when it has ended here or everywhere. */
function originIn(rows: readonly SessionEntityRow[], tenant: string): SessionEntityRow | null {
  const origin = rows.find((row) => row.tenant === tenant) ?? rows.find(({ endedAt }) => !endedAt);
  return origin && !origin.endedAt ? origin : null;
}

/** Continues the session in this tenant, or starts it here if it is new to the tenant. */
async function goOn(
  em: EntityManager,
  origin: SessionEntityRow,
  tenant: string,
  seen: ClientDetails,
): Promise<{ authTime: string; methods: SignInMethod[]; device: string; entered: boolean }> {
  const { sessionId, authTime, methods, personId, device } = origin;
  if (origin.tenant === tenant) {
    const { address, device: now } = seen;
    await em.nativeUpdate(SessionEntity, { sessionId, tenant }, { lastSeenAt: raw('now()'), address, device: now });
    return { authTime, methods, device, entered: false };
  }
  await enter(em, { sessionId, tenant, personId, methods, ...seen }, authTime);
  return { authTime, methods, device: seen.device, entered: true };
}
