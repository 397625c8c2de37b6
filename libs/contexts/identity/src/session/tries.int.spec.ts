import { isRejection } from '@daybook/kernel';
import { scopedTransaction } from '@daybook/postgres';
import { secretsOfPeople } from '../testing/secrets-of-people.js';
import { mostTries, pauseMinutes, Tries } from './tries.js';

const people = secretsOfPeople();
const { ask } = people;

describe('tries to sign in', () => {
  const key = (text: string) => ({ key: Buffer.from(text), most: mostTries });

  it('pause after ten, for good tries too, and say for how long', async () => {
    const tries = new Tries(people.em);
    for (let i = 0; i < mostTries; i++) expect(await tries.take([key('a')])).toBeNull();
    const paused = await tries.take([key('a')]);
    expect(paused).toMatchObject({ code: 'identity.too-many-tries', status: 429 });
    const wait = Number(paused?.details['retryAfterSeconds']);
    expect(wait).toBeGreaterThan(890);
    expect(wait).toBeLessThanOrEqual(900);
    expect(await tries.take([key('b'), key('a')])).toMatchObject({ status: 429 });
    expect(await tries.take([key('b')])).toBeNull();
  });

  it('start anew after the pause, and after a good password', async () => {
    const tries = new Tries(people.em);
    for (let i = 0; i <= mostTries; i++) await tries.take([key('c')]);
    await ask(`update identity.sign_in_tries set paused_until = now() - interval '1 second'`);
    expect(await tries.take([key('c')])).toBeNull();
    for (let i = 0; i < mostTries - 1; i++) await tries.take([key('d')]);
    await tries.forget([key('d')]);
    for (let i = 0; i < mostTries; i++) expect(await tries.take([key('d')])).toBeNull();
  });

  it('pause twice as long each time, up to a day, until a good sign-in or a quiet day', async () => {
    const tries = new Tries(people.em);
    const pause = async (): Promise<number> => {
      for (let i = 0; i < mostTries; i++) await tries.take([key('g')]);
      const paused = await tries.take([key('g')]);
      await ask(`update identity.sign_in_tries set paused_until = now() - interval '1 second' where key = $1`, [
        key('g').key,
      ]);
      return Math.round(Number(paused?.details['retryAfterSeconds']) / 60);
    };
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) pauses.push(await pause());
    expect(pauses).toEqual([15, 30, 60, 120, 240, 480, 960, 1440]);
    await ask(`update identity.sign_in_tries set paused_until = now() - interval '25 hours' where key = $1`, [
      key('g').key,
    ]);
    expect(await pause()).toBe(pauseMinutes);
    await tries.forget([key('g')]);
    expect(await pause()).toBe(pauseMinutes);
  });

  it('survive a restart: another process goes on counting', async () => {
    for (let i = 0; i < mostTries; i++) expect(await new Tries(people.em).take([key('h')])).toBeNull();
    expect(isRejection(await new Tries(people.em).take([key('h')]))).toBe(true);
  });

  it('are given back for an address that many share, without room for more', async () => {
    const tries = new Tries(people.em);
    for (let i = 0; i < 2 * mostTries; i++) {
      expect(await tries.take([key('i')])).toBeNull();
      await tries.giveBack([key('i')]);
    }
    for (let i = 0; i < mostTries; i++) expect(await tries.take([key('i')])).toBeNull();
    expect(await tries.take([key('i')])).not.toBeNull();
  });

  it('are forgotten without waiting for those that are counted just now', async () => {
    const tries = new Tries(people.em);
    await tries.take([key('k'), key('l')]);
    await ask(`update identity.sign_in_tries set first_at = now() - interval '2 days'`);
    await scopedTransaction(people.pool, 'identity', async (client) => {
      await client.query('update identity.sign_in_tries set tries = 1 where key = $1', [key('l').key]);
      const waited = new Promise((_, fail) => setTimeout(() => fail(new Error('It waits')), 2_000).unref());
      await Promise.race([tries.forget([key('k')]), waited]);
    });
    const left = await ask<{ key: Buffer }>('select key from identity.sign_in_tries');
    const names = left.map((row) => row.key.toString());
    expect(['k', 'l'].filter((name) => names.includes(name))).toEqual(['l']);
  });

  it('count each of many at once', async () => {
    const tries = new Tries(people.em);
    const outcomes = await Promise.all(Array.from({ length: 15 }, () => tries.take([key('e'), key('f')])));
    expect(outcomes.filter((o) => o === null)).toHaveLength(mostTries);
  });
});
