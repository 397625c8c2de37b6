import { isRejection } from '@daybook/kernel';
import { scopedTransaction } from '@daybook/postgres';
import { identityDatabase } from '../testing/identity-database.js';
import { maxAttempts, pauseMinutes, LoginThrottle } from './login-throttle.js';

const people = identityDatabase();
const { ask } = people;

describe('the login throttle', () => {
  const key = (text: string) => ({ key: Buffer.from(text), most: maxAttempts });

  it('pauses after ten attempts, even with the right password, and says for how long', async () => {
    const throttle = new LoginThrottle({ em: people.em });
    for (let i = 0; i < maxAttempts; i++) expect(await throttle.take([key('a')])).toBeNull();
    const paused = await throttle.take([key('a')]);
    expect(paused).toMatchObject({ code: 'identity.too-many-attempts', status: 429 });
    const wait = Number(paused?.details['retryAfterSeconds']);
    expect(wait).toBeGreaterThan(890);
    expect(wait).toBeLessThanOrEqual(900);
    expect(await throttle.take([key('b'), key('a')])).toMatchObject({ status: 429 });
    expect(await throttle.take([key('b')])).toBeNull();
  });

  it('starts anew after the pause, and after a right password', async () => {
    const throttle = new LoginThrottle({ em: people.em });
    for (let i = 0; i <= maxAttempts; i++) await throttle.take([key('c')]);
    await ask(`update identity.sign_in_attempts set paused_until = now() - interval '1 second'`);
    expect(await throttle.take([key('c')])).toBeNull();
    for (let i = 0; i < maxAttempts - 1; i++) await throttle.take([key('d')]);
    await throttle.forget([key('d')]);
    for (let i = 0; i < maxAttempts; i++) expect(await throttle.take([key('d')])).toBeNull();
  });

  it('pauses twice as long each time, up to a day, until a successful sign-in or a quiet day', async () => {
    const throttle = new LoginThrottle({ em: people.em });
    const pause = async (): Promise<number> => {
      for (let i = 0; i < maxAttempts; i++) await throttle.take([key('g')]);
      const paused = await throttle.take([key('g')]);
      await ask(`update identity.sign_in_attempts set paused_until = now() - interval '1 second' where key = $1`, [
        key('g').key,
      ]);
      return Math.round(Number(paused?.details['retryAfterSeconds']) / 60);
    };
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) pauses.push(await pause());
    expect(pauses).toEqual([15, 30, 60, 120, 240, 480, 960, 1440]);
    await ask(`update identity.sign_in_attempts set paused_until = now() - interval '25 hours' where key = $1`, [
      key('g').key,
    ]);
    expect(await pause()).toBe(pauseMinutes);
    await throttle.forget([key('g')]);
    expect(await pause()).toBe(pauseMinutes);
  });

  it('survives a restart: another process goes on counting', async () => {
    for (let i = 0; i < maxAttempts; i++)
      expect(await new LoginThrottle({ em: people.em }).take([key('h')])).toBeNull();
    expect(isRejection(await new LoginThrottle({ em: people.em }).take([key('h')]))).toBe(true);
  });

  it('gives back an attempt of a shared address, without allowing more failures', async () => {
    const throttle = new LoginThrottle({ em: people.em });
    for (let i = 0; i < 2 * maxAttempts; i++) {
      expect(await throttle.take([key('i')])).toBeNull();
      await throttle.giveBack([key('i')]);
    }
    for (let i = 0; i < maxAttempts; i++) expect(await throttle.take([key('i')])).toBeNull();
    expect(await throttle.take([key('i')])).not.toBeNull();
  });

  it('forgets old attempts without waiting for rows that are being counted', async () => {
    const throttle = new LoginThrottle({ em: people.em });
    await throttle.take([key('k'), key('l')]);
    await ask(`update identity.sign_in_attempts set first_at = now() - interval '2 days'`);
    await scopedTransaction(people.pool, 'identity', async (client) => {
      await client.query('update identity.sign_in_attempts set attempts = 1 where key = $1', [key('l').key]);
      const waited = new Promise((_, fail) => setTimeout(() => fail(new Error('It waits')), 2_000).unref());
      await Promise.race([throttle.forget([key('k')]), waited]);
    });
    const left = await ask<{ key: Buffer }>('select key from identity.sign_in_attempts');
    const names = left.map((row) => row.key.toString());
    expect(['k', 'l'].filter((name) => names.includes(name))).toEqual(['l']);
  });

  it('counts each of many attempts at once', async () => {
    const throttle = new LoginThrottle({ em: people.em });
    const outcomes = await Promise.all(Array.from({ length: 15 }, () => throttle.take([key('e'), key('f')])));
    expect(outcomes.filter((o) => o === null)).toHaveLength(maxAttempts);
  });
});
