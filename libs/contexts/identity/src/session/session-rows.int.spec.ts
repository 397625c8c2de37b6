import { randomUUID } from 'node:crypto';
import { scopedTransaction } from '@daybook/postgres';
import type { Pool } from 'pg';
import { inDays, kari, identityDatabase, seen, tenant } from '../testing/identity-database.js';
import { SessionCheck } from './session-rows.js';

const people = identityDatabase();
const { ask, tokens, sessions, waitedFor, signIn, open, rotated } = people;

describe('sessions', () => {
  const south = '0190a1b2-0000-7000-8000-00000000a002';

  it('end one by one or all but one, and their tokens with them', async () => {
    const person = randomUUID();
    const [mine, other, third] = [await open(person), await open(person), await open(person)];
    expect(await sessions().list(person)).toHaveLength(3);
    expect(await sessions().end({ personId: person, sessionId: third.family }, 'ended-by-person')).toHaveLength(1);
    const ended = await sessions().end({ personId: person, except: mine.family }, 'password-changed');
    expect(ended).toEqual([{ sessionId: other.family, tenant, personId: person }]);
    expect(await tokens().look(mine.token)).not.toBeNull();
    expect(await tokens().look(other.token)).toBeNull();
    expect(await sessions().list(person)).toMatchObject([{ session_id: mine.family, ...seen }]);
  });

  it('end while they are renewed, without a deadlock', async () => {
    const { token, family: renewed } = await open();
    // As ending does it, one statement after the other, and a renewal in between.
    const renewing = await scopedTransaction(people.pool, 'identity', async (client) => {
      await client.query('update identity.sessions set ended_at = now() where session_id = $1', [renewed]);
      const outcome = tokens().rotate(token, tenant, seen);
      await waitedFor(client);
      await client.query('update identity.refresh_tokens set revoked_at = now() where family = $1', [renewed]);
      return { outcome };
    });
    expect(await renewing.outcome).toEqual({ refused: 'over', ended: [] });
  });

  it('of another person stay open', async () => {
    const { family: theirs } = await open();
    expect(await sessions().end({ personId: randomUUID(), sessionId: theirs }, 'ended-by-person')).toEqual([]);
    expect(await new SessionCheck(people.pool).look(theirs, tenant)).not.toBeNull();
  });

  it('continue in other tenants, and end in one without ending in the other', async () => {
    const person = randomUUID();
    const first = await open(person);
    const there = await rotated(first.token, south);
    expect(there).toMatchObject({ tenant: south, entered: seen.device, authTime: first.authTime });
    const back = await rotated(there?.token ?? '');
    expect(back?.entered).toBeNull();
    await sessions().end({ personId: person, tenant }, 'deactivated');
    const check = new SessionCheck(people.pool);
    expect(await check.look(first.family, tenant)).toBeNull();
    expect(await check.look(first.family, south)).toMatchObject({ personId: person });
    expect(await rotated(back?.token ?? '', tenant)).toBeNull();
  });

  it('are looked up in one query for concurrent requests, and record their use once a minute', async () => {
    const opened = await Promise.all([open(), open(), open()]);
    await ask(`update identity.sessions set last_seen_at = now() - interval '2 minutes' where session_id = $1`, [
      opened[0].family,
    ]);
    const count = { questions: 0, notes: 0 };
    const counting = {
      query: (statement: never) => ((count.questions += 1), people.pool.query(statement)),
      connect: () => ((count.notes += 1), people.pool.connect()),
    } as unknown as Pool;
    const check = new SessionCheck(counting);
    const lookAll = () => Promise.all([...opened, ...opened].map(({ family: one }) => check.look(one, tenant)));
    expect((await lookAll()).every((one) => one?.personId === kari)).toBe(true);
    expect(count).toEqual({ questions: 1, notes: 1 });
    await lookAll();
    expect(count).toEqual({ questions: 2, notes: 1 });
    const [row] = await ask<{ fresh: boolean }>(
      `select last_seen_at > now() - interval '1 minute' as fresh from identity.sessions where session_id = $1`,
      [opened[0].family],
    );
    expect(row?.fresh).toBe(true);
    expect(() => check.look(`'; drop table x; --`, tenant)).toThrow('by ids');
  });

  it('get a new confirmation time in every tenant', async () => {
    const { token, family: confirmed } = await open();
    await rotated(token, south);
    await ask(`update identity.sessions set auth_time = now() - interval '1 day' where session_id = $1`, [confirmed]);
    const row = await sessions().confirm(confirmed, south, 'totp');
    expect(row?.methods).toEqual(['password', 'totp']);
    expect(Date.now() - Date.parse(row?.authTime ?? '')).toBeLessThan(60_000);
    await sessions().end({ personId: kari, sessionId: confirmed }, 'signed-out');
    expect(await sessions().confirm(confirmed, south, 'totp')).toBeNull();
  });

  it('cannot be confirmed once they have expired', async () => {
    const session = await signIn(kari, { until: inDays(-1) });
    expect(await sessions().confirm(session?.family ?? '', tenant, 'password')).toBeNull();
  });
});
