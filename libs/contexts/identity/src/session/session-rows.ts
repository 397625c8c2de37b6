import { isId } from '@daybook/kernel';
import { scopedTransaction, inSchemaScope, isFullDisk, statement } from '@daybook/postgres';
import { neverProven, oncePerQuery } from '@daybook/server';
import { type EntityManager, type QBFilterQuery, raw } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { Batcher } from '@daybook/server/batcher';
import { RefreshTokenEntity, type SessionEntityRow, SessionEntity } from './session.entities.js';
import { type EndReason, provedHere, type SignInMethod } from './session.schema.js';
import type { Deps } from '../injected.js';

/** The device in words, and the network address. */
export interface ClientDetails {
  readonly device: string;
  readonly address: string | null;
}
export interface SignIn extends ClientDetails {
  readonly sessionId: string;
  readonly personId: string;
  readonly tenant: string;
  readonly methods: readonly SignInMethod[];
}
export interface EndedSession {
  readonly sessionId: string;
  readonly tenant: string;
  readonly personId: string;
}
/** Which sessions to end: of a person, all or one, here or everywhere. */
export interface WhichSessions {
  readonly personId: string;
  readonly tenant?: string;
  readonly sessionId?: string;
  /** The session that stays open. */
  readonly except?: string | null;
}
export interface LiveSession {
  readonly personId: string;
  readonly methods: readonly SignInMethod[];
}

/** Inserts the row of a session in a tenant and returns its `authTime`, which is kept when the session continues in another tenant. */
export async function enter(em: EntityManager, session: SignIn, authTime?: string): Promise<string> {
  const { sessionId, tenant, personId, device, address, methods } = session;
  const proved = authTime ?? (provedHere(methods) ? raw('now()') : neverProven);
  const [entered] = await em
    .createQueryBuilder(SessionEntity)
    .insert({ sessionId, tenant, personId, device, address, methods: [...methods], authTime: proved })
    .returning('authTime')
    .execute<{ authTime: string }[]>('all');
  return entered!.authTime;
}

/** Ends these sessions, and revokes the refresh tokens of those that are open in no tenant any more. */
export async function endIn(
  em: EntityManager,
  which: QBFilterQuery<SessionEntityRow>,
  reason: EndReason,
): Promise<EndedSession[]> {
  const ended = await em
    .createQueryBuilder(SessionEntity)
    .update({ endedAt: raw('now()'), endReason: reason })
    .where({ $and: [{ endedAt: null }, which] })
    .returning(['sessionId', 'tenant', 'personId'])
    .execute<EndedSession[]>('all');
  if (ended.length > 0) {
    await em
      .createQueryBuilder(RefreshTokenEntity)
      .update({ revokedAt: raw('now()') })
      .where({ family: { $in: ended.map(({ sessionId }) => sessionId) }, revokedAt: null })
      .andWhere('not exists (select from identity.sessions s where s.session_id = family and s.ended_at is null)')
      .execute('run');
  }
  return ended.map(({ sessionId, tenant, personId }) => ({ sessionId, tenant, personId }));
}

export class SessionRows {
  constructor(private readonly deps: Deps<'em'>) {}

  end({ personId, tenant, sessionId, except }: WhichSessions, reason: EndReason): Promise<EndedSession[]> {
    const which = [
      { personId },
      ...(tenant ? [{ tenant }] : []),
      ...(sessionId ? [{ sessionId }] : []),
      ...(except ? [{ sessionId: { $ne: except } }] : []),
    ];
    return inSchemaScope(this.deps.em, 'identity', (em) => endIn(em, { $and: which }, reason));
  }

  /** Sessions of a person that can still be used, the one used last first. */
  async list(personId: string): Promise<SessionRow[]> {
    const rows = await inSchemaScope(this.deps.em, 'identity', (em) =>
      // SQL: one row for each session, from its rows in several tenants.
      statement<SessionRow>(
        em,
        `select distinct on (session_id) session_id, tenant, device, address, methods, last_seen_at,
           min(opened_at) over (partition by session_id) as opened_at
         from identity.sessions s where person_id = $1 and ended_at is null and exists (
           select from identity.refresh_tokens r where r.family = s.session_id and r.used_at is null
             and r.revoked_at is null and r.expires_at > now())
         order by session_id, last_seen_at desc`,
        [personId],
      ),
    );
    return rows.sort((a, b) => (a.last_seen_at < b.last_seen_at ? 1 : -1));
  }

  /** Records that the person confirmed who they are. Null when the session has ended or expired. */
  async confirm(sessionId: string, tenant: string, method: SignInMethod): Promise<Confirmed | null> {
    const rows = await inSchemaScope(this.deps.em, 'identity', (em) =>
      em
        .createQueryBuilder(SessionEntity)
        .update({
          authTime: raw('now()'),
          methods: raw('case when ? = any(methods) then methods else methods || ?::text end', [method, method]),
        })
        .where({ sessionId, endedAt: null })
        .andWhere('exists (select from identity.refresh_tokens where family = ? and family_expires_at > now())', [
          sessionId,
        ])
        .returning(['tenant', 'authTime', 'methods'])
        .execute<(Confirmed & { tenant: string })[]>('all'),
    );
    return rows.find((row) => row.tenant === tenant) ?? null;
  }
}

export interface SessionRow {
  readonly session_id: string;
  readonly tenant: string;
  readonly device: string;
  readonly address: string | null;
  readonly methods: SignInMethod[];
  readonly opened_at: string;
  readonly last_seen_at: string;
}
export interface Confirmed {
  readonly authTime: string;
  readonly methods: SignInMethod[];
}

/**
 * Is the session of a token still open? Checked before every request, so that an ended session is refused at the next one.
 * Concurrent requests share one query (batching); once a minute, the use of the session is recorded.
 */
export class SessionCheck {
  private readonly rows: Batcher<string, LiveSession | null>;

  /** `ask` where this query is batched with another one; it answers as `identity.open_sessions` does. */
  constructor(
    private readonly pool: Pool,
    ask?: (sessionIds: readonly string[], tenants: readonly string[]) => Promise<readonly OpenSession[]>,
  ) {
    this.rows = new Batcher((keys) => this.ask(keys, ask ?? ((...ids) => this.query(...ids))), 1);
  }

  /** Null when the session has ended, here or everywhere. A query that was admitted with the answer gets it again. */
  look(sessionId: string, tenant: string): Promise<LiveSession | null> {
    if (!isId(sessionId) || !isId(tenant)) throw new Error('A session is asked for by ids.');
    const key = `${sessionId} ${tenant}`;
    return oncePerQuery(this, key, () => this.rows.load(key));
  }

  private async ask(
    keys: readonly string[],
    query: (sessionIds: readonly string[], tenants: readonly string[]) => Promise<readonly OpenSession[]>,
  ): Promise<(LiveSession | null)[]> {
    const pairs = keys.map((key) => key.split(' '));
    const ids = [pairs.map(([sessionId = '']) => sessionId), pairs.map(([, tenant = '']) => tenant)] as const;
    const rows = await query(...ids);
    // Reads continue when a disk is full; a later request records the use.
    if (rows.some(({ due }) => due)) await this.note(ids).catch(unlessFull);
    const found = new Map(rows.map((row) => [`${row.session_id} ${row.tenant}`, row]));
    return keys.map((key) => {
      const row = found.get(key);
      return row ? { personId: row.person_id, methods: row.methods } : null;
    });
  }

  private async query(sessionIds: readonly string[], tenants: readonly string[]): Promise<readonly OpenSession[]> {
    const { rows } = await this.pool.query<OpenSession>({
      name: 'open-sessions',
      text: 'select * from identity.open_sessions($1, $2)',
      values: [sessionIds, tenants],
    });
    return rows;
  }

  private async note(ids: readonly unknown[]): Promise<void> {
    await scopedTransaction(this.pool, 'identity', (client) =>
      client.query(
        // Skips rows that another process is updating, to avoid a deadlock.
        `update identity.sessions s set last_seen_at = now() from (
           select session_id, tenant from identity.sessions
           join unnest($1::uuid[], $2::uuid[]) as asked(session_id, tenant) using (session_id, tenant)
           where ended_at is null and last_seen_at < now() - interval '1 minute' for update of sessions skip locked) due
         where s.session_id = due.session_id and s.tenant = due.tenant`,
        [...ids],
      ),
    );
  }
}

function unlessFull(error: unknown): void {
  if (!isFullDisk(error)) throw error;
}

export interface OpenSession {
  readonly session_id: string;
  readonly tenant: string;
  readonly person_id: string;
  readonly methods: SignInMethod[];
  /** Its use was not recorded for a minute. */
  readonly due: boolean;
}
