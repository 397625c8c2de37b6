import { randomUUID } from 'node:crypto';
import { inDays, kari, identityDatabase, seen, tenant } from '../testing/identity-database.js';
import { successorOf } from './secret-sealing.js';
import { Passwords } from './passwords.js';
import { SessionCheck } from './session-rows.js';

const people = identityDatabase();
const { ask, tokens, sessions, signIn, open, rotated, later } = people;

describe('refresh tokens', () => {
  it('are kept as hashes and good for one use each', async () => {
    const first = await open();
    expect(first.maxAgeSeconds).toBeGreaterThan(6 * 86_400);
    const rows = await ask('select hash from identity.refresh_tokens');
    expect(JSON.stringify(rows)).not.toContain(first.token);
    const second = await rotated(first.token);
    expect(second).toMatchObject({ family: first.family, personId: kari, tenant, authTime: first.authTime });
    expect(await rotated(second?.token ?? '')).not.toBeNull();
  });

  it('end the whole family when one is reused, and return the sessions that ended', async () => {
    const first = await open();
    const second = await rotated(first.token);
    await later();
    const reused = await tokens().rotate(first.token, tenant, seen);
    expect(reused).toMatchObject({ refused: 'over', ended: [{ sessionId: first.family, tenant, personId: kari }] });
    expect(await rotated(second?.token ?? '')).toBeNull();
    expect(await new SessionCheck(people.pool).look(first.family, tenant)).toBeNull();
  });

  it('last no longer than the session was given at sign-in', async () => {
    const until = inDays(2);
    const first = await signIn(kari, { until });
    const next = await rotated(first?.token ?? '');
    for (const one of [first, next]) {
      expect(one?.until).toBe(until);
      expect(one?.maxAgeSeconds).toBeLessThanOrEqual(2 * 86_400);
    }
  });

  it('are not issued when the password changes during the sign-in', async () => {
    const [passwords, person] = [new Passwords({ em: people.em, secret: people.secret }), randomUUID()];
    await passwords.set(person, `${person}@example.org`, 'a good long password');
    const proved = await passwords.prove(`${person}@example.org`, 'a good long password');
    expect(proved?.personId).toBe(person);
    expect(await signIn(person, { passwordSetAt: proved?.setAt ?? '' })).not.toBeNull();
    await passwords.change(person, 'another long password', { reason: 'password-changed' });
    expect(await signIn(person, { passwordSetAt: proved?.setAt ?? '' })).toBeNull();
    expect(await sessions().list(person)).toEqual([]);
  });

  it('are refused when expired', async () => {
    const { token, family: expired } = await open();
    await ask(`update identity.refresh_tokens set expires_at = now() - interval '1 second' where family = $1`, [
      expired,
    ]);
    expect(await tokens().look(token)).toBeNull();
    expect(await rotated(token)).toBeNull();
  });

  it('get the same successor for two uses at once, and for a retry after a lost answer', async () => {
    const { token, family } = await open();
    const outcomes = await Promise.all([rotated(token), rotated(token), rotated(token)]);
    const [next] = outcomes;
    expect(next?.token).not.toBe(token);
    expect(outcomes.map((one) => one?.token)).toEqual([next?.token, next?.token, next?.token]);
    expect((await rotated(token))?.token).toBe(next?.token);
    expect(await tokens().look(token)).toMatchObject({ personId: kari, tenant, family });
    const rows = await ask('select hash, next_hash from identity.refresh_tokens where family = $1', [family]);
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toContain(next?.token);
  });

  it('answer a retry for the tenant that it asks for', async () => {
    const south = '0190a1b2-0000-7000-8000-00000000a002';
    const { token } = await open();
    const first = await rotated(token);
    const other = await tokens().rotate(token, south, seen);
    expect(other).toMatchObject({ token: first?.token, tenant: south });
    expect(await tokens().look(first?.token ?? '')).toMatchObject({ tenant: south });
  });

  it('stay good for the other tenants of a session that has ended in one', async () => {
    const south = '0190a1b2-0000-7000-8000-00000000a002';
    const { token, family } = await open();
    const both = await rotated(token, south);
    expect(await sessions().end({ personId: kari, tenant: south, sessionId: family }, 'ended-by-admin')).toHaveLength(
      1,
    );
    const there = () => tokens().rotate(both?.token ?? '', south, seen);
    expect(await there()).toEqual({ refused: 'ended-here', ended: [] });
    // A tab in the first tenant sent the same cookie a moment later, or long after.
    await later();
    const next = await rotated(both?.token ?? '');
    expect(next).toMatchObject({ family, tenant });
    // Of two tabs that send the token at once, the one in the ended tenant may also be the second.
    expect(await there()).toEqual({ refused: 'ended-here', ended: [] });
    expect(await rotated(next?.token ?? '')).toMatchObject({ family, tenant });
  });

  it('treat a retry as theft once the successor was used or half a minute has passed', async () => {
    const used = await open();
    const next = await rotated(used.token);
    expect(await rotated(next?.token ?? '')).not.toBeNull();
    expect(await tokens().rotate(used.token, tenant, seen)).toMatchObject({ refused: 'over', ended: [{ tenant }] });
    const late = await open();
    await rotated(late.token);
    await later();
    expect(await tokens().look(late.token)).toBeNull();
    expect(await tokens().rotate(late.token, tenant, seen)).toMatchObject({ refused: 'over', ended: [{ tenant }] });
  });

  it('cannot be derived from the one before without the secret', async () => {
    const { token } = await open();
    const next = await rotated(token);
    expect(successorOf('another secret of more than thirty-two characters', token)).not.toBe(next?.token);
  });

  it('are not renewed after the session has ended or expired', async () => {
    const [ended, expired] = [await open(), await open()];
    for (const { token } of [ended, expired]) await rotated(token);
    await tokens().close(ended.token, 'signed-out');
    await ask(`update identity.refresh_tokens set expires_at = now() where family = $1`, [expired.family]);
    for (const { token } of [ended, expired]) expect(await rotated(token)).toBeNull();
  });

  it('are replaced only for their own session, and by one successor for two requests at once', async () => {
    const [first, other] = [await open(), await open()];
    expect(await tokens().replace(first.token, other.family)).toBeNull();
    const replaced = await Promise.all([0, 1].map(() => tokens().replace(first.token, first.family)));
    // Of two at once the second finds nothing to replace, or the same successor.
    const next = replaced.find((one) => one !== null);
    expect(new Set(replaced.flatMap((one) => one?.token ?? []))).toEqual(new Set([next?.token]));
    expect(await tokens().rotate(first.token, tenant, seen)).toEqual({ refused: 'replaced', ended: [] });
    expect(await rotated(next?.token ?? '')).toMatchObject({ family: first.family, tenant });
    expect(await tokens().replace(first.token, first.family)).toBeNull();
  });

  it('are replaced by the same one after a lost answer, until that one is used', async () => {
    const { token, family } = await open();
    const lost = await tokens().replace(token, family);
    expect((await tokens().replace(token, family))?.token).toBe(lost?.token);
    expect(await tokens().rotate(token, tenant, seen)).toEqual({ refused: 'replaced', ended: [] });
    expect(await rotated(lost?.token ?? '')).toMatchObject({ family });
    expect(await tokens().replace(token, family)).toBeNull();
  });

  it('end no session for a made-up token', async () => {
    const { token, family: made } = await open();
    expect(await tokens().rotate('made up', tenant, seen)).toEqual({ refused: 'over', ended: [] });
    expect(await tokens().look(token)).toEqual({ personId: kari, tenant, family: made, methods: ['password'] });
    expect(await tokens().close(token, 'signed-out')).toHaveLength(1);
    expect(await tokens().look(token)).toBeNull();
  });
});
