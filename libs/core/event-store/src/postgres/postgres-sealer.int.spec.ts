import { event, type EventMeta, newId } from '@daybook/kernel';
import { createPool, entityManager } from '@daybook/postgres';
import { onRoundTrip } from '@daybook/postgres/round-trips';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import type { Pool, PoolClient } from 'pg';
import * as z from 'zod';
import { reapplyErasures } from './reapply-erasures.js';
import { MasterKeys, VaultLocked } from './master-keys.js';
import { eventStoreMigrations } from './migrations.js';
import { openPostgresEventStore } from './postgres-event-store.js';
import { postgresSealer, type PostgresSealer } from './postgres-sealer.js';
import { rotateVault, vaultStatus } from './rotate-vault.js';
import { vaultEntities } from './vault-key.entity.js';

const under = (key: string | null, previous: string | null = null) =>
  new MasterKeys({ secret: 'secret', key, previous });

describe('the sealer with keys in PostgreSQL', () => {
  let database: TestDatabase;
  let api: Pool;
  let projector: Pool;
  const entities = (pool: Pool) => entityManager(pool, vaultEntities);
  const opened: PostgresSealer[] = [];
  const [tenant, other] = [newId(), newId()];
  /** Like a separate process. */
  const sealer = (masters = under(null), role: 'api' | 'projector' = 'api'): PostgresSealer => {
    const url = role === 'api' ? database.apiUrl : database.projectorUrl;
    const made = postgresSealer({ em: entities(role === 'api' ? api : projector), url, masters });
    opened.push(made);
    return made;
  };
  beforeAll(async () => {
    database = await testDatabase(eventStoreMigrations);
    api = createPool(database.apiUrl, { max: 4, application: 'spec' });
    projector = createPool(database.projectorUrl, { max: 2, application: 'spec' });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
  });
  afterAll(async () => {
    await api.end();
    await projector.end();
    await database.drop();
  });

  it('gives the same bytes in every process, also when they seal for a new subject at the same time', async () => {
    const sealers = [1, 2, 3, 4].map(() => sealer());
    const sealed = await Promise.all(sealers.map((one) => one.seal(tenant, 'ada', 'Ada')));
    expect(new Set(sealed).size).toBe(1);
    expect(await sealer(under(null), 'projector').open(tenant, 'ada', sealed[0]!)).toBe('Ada');
    expect(await sealers[0]!.seal(tenant, 'ada', 'Adb')).not.toBe(sealed[0]);
    expect(await sealers[0]!.seal(tenant, 'bob', 'Ada')).not.toBe(sealed[0]);
    expect(await sealers[0]!.seal(other, 'ada', 'Ada')).not.toBe(sealed[0]);
  });

  it('fetches the keys of many subjects at once, and of all tenants where the login sees them', async () => {
    const names = ['ann', 'ben', 'cem', 'nobody yet'];
    const mine = sealer();
    for (const name of names.slice(0, 3)) for (const whose of [tenant, other]) await mine.seal(whose, name, name);
    await mine.erase(other, 'ben');
    const sealed = await mine.seal(tenant, 'ann', 'Ann');
    const subjects = names.flatMap((subject) => [tenant, other].map((whose) => ({ tenant: whose, subject })));
    for (const [role, seesAllTenants, queries] of [
      ['api', false, 2],
      ['projector', true, 1],
    ] as const) {
      const url = role === 'api' ? database.apiUrl : database.projectorUrl;
      const em = entities(role === 'api' ? api : projector);
      const fetching = postgresSealer({ em, url, masters: under(null), seesAllTenants });
      opened.push(fetching);
      await hearing(fetching);
      const asked: string[] = [];
      const stop = onRoundTrip(
        ({ text }) => void (text.includes('vault.keys') || text.includes('"keys"') ? asked.push(text) : null),
      );
      await fetching.prefetch([...subjects, ...subjects]);
      expect(asked).toHaveLength(queries);
      expect(await fetching.open(tenant, 'ann', sealed)).toBe('Ann');
      expect(await fetching.open(other, 'ben', 'x')).toBeNull();
      expect(await fetching.open(tenant, 'nobody yet', 'x')).toBeNull();
      await fetching.prefetch(subjects);
      expect(asked).toHaveLength(queries);
      stop();
    }
  });

  it('makes the keys of many new subjects in one statement, and reads them in one', async () => {
    const mine = sealer();
    await hearing(mine);
    const names = Array.from({ length: 20 }, (_, n) => `one of many ${n}`);
    let asked = 0;
    const stop = onRoundTrip(({ text }) => {
      if (text.includes('vault.keys') || text.includes('"keys"')) asked += 1;
    });
    const sealed = await Promise.all(names.map((name) => mine.seal(tenant, name, name)));
    expect(asked).toBe(3);
    await mine.prepare(
      other,
      names.map((name) => `${name} there`),
    );
    expect(asked).toBe(6);
    await mine.seal(other, 'one of many 7 there', 'x');
    expect(asked).toBe(6);
    mine.forget();
    expect(await Promise.all(names.map((name, n) => mine.open(tenant, name, sealed[n]!)))).toEqual(names);
    expect(asked).toBe(7);
    stop();
  });

  it('fails for the one whose key does not open, and for nobody who asked at the same time', async () => {
    const admin = createPool(database.adminUrl, { max: 1, application: 'spec' });
    const [good, bad] = [await sealer().seal(tenant, 'good', 'Good'), await sealer().seal(tenant, 'bad', 'Bad')];
    await admin.query(`update vault.keys set wrapped = '\\x00' where tenant = $1 and subject = 'bad'`, [tenant]);
    const mine = sealer();
    const answers = await Promise.allSettled([mine.open(tenant, 'good', good), mine.open(tenant, 'bad', bad)]);
    expect(answers).toMatchObject([{ status: 'fulfilled', value: 'Good' }, { status: 'rejected' }]);
    await admin.query(`delete from vault.keys where subject = 'bad'`);
    await admin.end();
  });

  /** Keys are kept from the moment on that the process hears of erasures. */
  async function hearing(one: PostgresSealer): Promise<void> {
    for (let round = 0; round < 1_000; round++) {
      await one.open(tenant, `probe ${round % 2}`, 'x');
      let asked = 0;
      const stop = onRoundTrip(() => void (asked += 1));
      await one.open(tenant, `probe ${round % 2}`, 'x');
      stop();
      if (asked === 0) return;
      await new Promise((next) => setTimeout(next, 5));
    }
    throw new Error('It never hears.');
  }

  it('seals for a new subject in the projector too', async () => {
    const sealed = await sealer(under(null), 'projector').seal(tenant, 'from a job', 'Job');
    expect(await sealer().open(tenant, 'from a job', sealed)).toBe('Job');
  });

  it('opens nothing with another secret, for another subject, or after a bit changed', async () => {
    const mine = sealer();
    const sealed = await mine.seal(tenant, 'eve', 'Eve');
    const stranger = sealer(new MasterKeys({ secret: 'other', key: null, previous: null }));
    await expect(stranger.open(tenant, 'eve', sealed)).rejects.toThrow(VaultLocked);
    await expect(mine.open(tenant, 'ada', sealed)).rejects.toThrow();
    const changed = `${sealed.startsWith('A') ? 'B' : 'A'}${sealed.slice(1)}`;
    await expect(mine.open(tenant, 'eve', changed)).rejects.toThrow();
  });

  it('erases a subject by destroying its key, at once in other processes that had cached it', async () => {
    const [mine, theirs, projecting] = [sealer(), sealer(), sealer(under(null), 'projector')];
    const sealed = await mine.seal(tenant, 'gone', 'Name');
    // Twice: the second time from the cache, once the process listens for erasures.
    for (const one of [theirs, projecting, theirs, projecting]) {
      expect(await one.open(tenant, 'gone', sealed)).toBe('Name');
      await new Promise((done) => setTimeout(done, 100));
    }
    await mine.erase(tenant, 'gone');
    const erased = Date.now();
    expect(await mine.open(tenant, 'gone', sealed)).toBeNull();
    for (const one of [theirs, projecting]) {
      while ((await one.open(tenant, 'gone', sealed)) !== null) await new Promise((done) => setTimeout(done, 1));
    }
    expect(Date.now() - erased).toBeLessThan(1_000);
    await expect(theirs.seal(tenant, 'gone', 'Name')).rejects.toThrow('erased');
    await mine.erase(tenant, 'gone');
  });

  it('tells every process of an erasure, so that it drops what it had opened', async () => {
    const [mine, theirs] = [sealer(), sealer()];
    const told = { mine: 0, theirs: 0 };
    mine.onErasure(() => (told.mine += 1));
    theirs.onErasure(() => (told.theirs += 1));
    await mine.seal(tenant, 'told', 'Name');
    const before = { ...told };
    await mine.erase(tenant, 'told');
    expect(told.mine).toBeGreaterThan(before.mine);
    while (told.theirs === before.theirs) await new Promise((done) => setTimeout(done, 1));
  });

  it("drops only the erased subject's key from the cache", async () => {
    const pool = createPool(database.apiUrl, { max: 2, application: 'counted' });
    let lookedUp = 0;
    pool.on('acquire', () => void (lookedUp += 1));
    const mine = sealer();
    const theirs = postgresSealer({ em: entities(pool), url: database.apiUrl, masters: under(null) });
    const subjects = [...Array(20).keys()].map((n) => `kept ${n}`);
    const sealed = await Promise.all(subjects.map((subject) => mine.seal(tenant, subject, 'Name')));
    const openAll = () => Promise.all(subjects.map((subject, n) => theirs.open(tenant, subject, sealed[n]!)));
    const lookUps = async (): Promise<number> => {
      const before = lookedUp;
      await openAll();
      return lookedUp - before;
    };
    // Cached once it listens: from then on nothing is looked up.
    while ((await lookUps()) > 0) await new Promise((done) => setTimeout(done, 5));
    for (const erased of [3, 7]) {
      await mine.erase(tenant, subjects[erased]!);
      while ((await theirs.open(tenant, subjects[erased]!, sealed[erased]!)) !== null) {
        await new Promise((done) => setTimeout(done, 1));
      }
      expect(await lookUps()).toBe(0);
    }
    const before = lookedUp;
    await theirs.erase(tenant, subjects[11]!);
    expect(lookedUp - before).toBe(1);
    expect((await openAll()).flatMap((name, n) => (name === null ? [n] : []))).toEqual([3, 7, 11]);
    expect(lookedUp - before).toBe(2);
    await theirs.close();
    await pool.end();
  });

  describe('while a look-up is under way', () => {
    let pool: Pool;
    let theirs: PostgresSealer;
    /** The answer to a look-up is held back while `holding` says so. */
    let holding: Promise<void> | null = null;
    let answered = Promise.withResolvers<void>();
    let lookedUp = 0;
    const held = (client: PoolClient): PoolClient =>
      new Proxy(client, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return async (...given: unknown[]) => {
            const until = /from vault\.keys/.test(String(given[0])) ? holding : null;
            const answer: unknown = await value.apply(target, given);
            if (until) answered.resolve();
            await until;
            return answer;
          };
        },
      });
    beforeEach(async () => {
      pool = createPool(database.apiUrl, { max: 2, application: 'held' });
      pool.on('acquire', () => void (lookedUp += 1));
      const holdable = new Proxy(pool, {
        get: (target, name) =>
          name === 'connect' ? async () => held(await target.connect()) : Reflect.get(target, name),
      });
      theirs = postgresSealer({ em: entities(holdable), url: database.apiUrl, masters: under(null) });
      answered = Promise.withResolvers();
      // It listens once it keeps what it read.
      for (let before = -1; before !== lookedUp;) {
        before = lookedUp;
        await theirs.blindIndex(tenant, 'Name');
      }
    });
    afterEach(async () => {
      await theirs.close();
      await pool.end();
    });
    /** Runs something between the answer of the database and its use. */
    const openWhile = async (subject: string, sealed: string, meanwhile: () => Promise<void>): Promise<void> => {
      const gate = Promise.withResolvers<void>();
      holding = gate.promise;
      const reading = theirs.open(tenant, subject, sealed);
      await answered.promise;
      holding = null;
      await meanwhile();
      gate.resolve();
      await reading;
    };

    it('does not cache a key whose subject is erased meanwhile', async () => {
      const mine = sealer();
      const sealed = await mine.seal(tenant, 'midway', 'Name');
      await openWhile('midway', sealed, () => mine.erase(tenant, 'midway'));
      while ((await theirs.open(tenant, 'midway', sealed)) !== null) await new Promise((done) => setTimeout(done, 1));
    });

    it('does not cache a key when vault and log are replaced meanwhile', async () => {
      const sealed = await sealer().seal(tenant, 'exchanged', 'Name');
      await openWhile('exchanged', sealed, async () => theirs.forget());
      const before = lookedUp;
      await theirs.open(tenant, 'exchanged', sealed);
      expect(lookedUp - before).toBe(1);
    });
  });

  it('caches no key while it cannot be notified of erasures', async () => {
    const [mine, theirs] = [sealer(), sealer()];
    const sealed = await mine.seal(tenant, 'deaf', 'Name');
    expect(await theirs.open(tenant, 'deaf', sealed)).toBe('Name');
    await theirs.close();
    await mine.erase(tenant, 'deaf');
    expect(await theirs.open(tenant, 'deaf', sealed)).toBeNull();
  });

  it('destroys again the keys of erased subjects that a backup restored, and no others', async () => {
    const erased = event('testing.guest-forgotten', {
      data: z.object({ guestId: z.string() }),
      record: ({ guestId }) => ({ type: 'testing.guest', id: guestId }),
      erases: ({ guestId }) => guestId,
    });
    const [mine, theirs] = [sealer(), sealer()];
    const [gone, here] = [await mine.seal(tenant, 'restored', 'Gone'), await mine.seal(tenant, 'stays', 'Here')];
    const foreign = await mine.seal(other, 'restored', 'Foreign');
    const store = openPostgresEventStore({ url: database.apiUrl });
    const meta = { tenant } as EventMeta;
    const [id, stream] = [newId(), `testing.guest-${tenant}-1`];
    await store.append(stream, 'any', [
      { id, type: 'testing.guest-forgotten.v1', data: { guestId: 'restored' }, meta },
    ]);
    await store.close();
    expect(await theirs.open(tenant, 'restored', gone)).toBe('Gone');
    expect(await reapplyErasures(entities(projector), [erased])).toBe(1);
    expect(await reapplyErasures(entities(projector), [erased])).toBe(0);
    while ((await theirs.open(tenant, 'restored', gone)) !== null) await new Promise((done) => setTimeout(done, 1));
    expect([await theirs.open(tenant, 'stays', here), await theirs.open(other, 'restored', foreign)]).toEqual([
      'Here',
      'Foreign',
    ]);
  });

  it("shows a tenant no other tenant's keys", async () => {
    expect((await api.query('select * from vault.keys')).rows).toEqual([]);
  });

  it('gives the same blind index for a value in a tenant, whatever the master key', async () => {
    const hash = await sealer().blindIndex(tenant, 'ada@example.org');
    expect(await sealer().blindIndex(tenant, 'ada@example.org')).toBe(hash);
    expect(await sealer().blindIndex(tenant, 'bob@example.org')).not.toBe(hash);
    expect(await sealer().blindIndex(other, 'ada@example.org')).not.toBe(hash);
    await rotateVault(entities(projector), under('the first master'));
    expect(await sealer(under('the first master')).blindIndex(tenant, 'ada@example.org')).toBe(hash);
    await rotateVault(entities(projector), under(null, 'the first master'));
    await expect(sealer().erase(tenant, 'look-up')).rejects.toThrow('no subject');
  });

  describe('when the master key changes', () => {
    it('opens what the previous one wrapped, and wraps all keys again in batches until the previous one is not needed', async () => {
      const old = sealer();
      const sealed = await Promise.all([...Array(25).keys()].map((n) => old.seal(other, `subject ${n}`, `Name ${n}`)));
      await old.erase(other, 'subject 3');
      const names = async (masters: MasterKeys) => {
        const one = sealer(masters);
        return Promise.all(sealed.map((text, n) => one.open(other, `subject ${n}`, text)));
      };
      const expected = sealed.map((_, n) => (n === 3 ? null : `Name ${n}`));
      const between = under('the new master key', null);
      expect(await names(between)).toEqual(expected);

      // Interrupted after the first batch; a program with both keys continues, and writes.
      const stopped = rotateVault(entities(projector), between, {
        batch: 10,
        onBatch: () => {
          throw new Error('cut off');
        },
      });
      await expect(stopped).rejects.toThrow('cut off');
      expect(await names(between)).toEqual(expected);
      const late = await sealer(between).seal(other, 'late', 'Late');
      const all = (await vaultStatus(entities(projector))).reduce((sum, { keys }) => sum + keys, 0);
      const [batches, left] = [[] as number[], all - 10 - 1];
      expect(
        await rotateVault(entities(projector), between, { batch: 10, onBatch: (done) => void batches.push(done) }),
      ).toBe(left);
      expect(batches.length).toBe(Math.ceil(left / 10));
      expect(await rotateVault(entities(projector), between)).toBe(0);
      expect(await vaultStatus(entities(projector))).toEqual([{ master: between.current.id, keys: all }]);

      expect(await names(between)).toEqual(expected);
      expect(await sealer(between).open(other, 'late', late)).toBe('Late');
      await expect(names(under(null))).rejects.toThrow(`under the master key ${between.current.id}`);
      expect(await names(under('another, later master', 'the new master key'))).toEqual(expected);
    });

    it('keeps a subject erased that is erased during a rotation', async () => {
      const masters = under('a third master', 'the new master key');
      const one = sealer(masters);
      const sealed = await one.seal(tenant, 'between', 'Name');
      const next = under('a fourth master', 'a third master');
      // A key of the first batch is erased before the second; both keep their state.
      await rotateVault(
        entities(projector),
        new MasterKeys({ secret: 'secret', key: 'a third master', previous: 'the new master key' }),
      );
      const erasing = one.erase(tenant, 'between');
      await Promise.all([rotateVault(entities(projector), next, { batch: 1 }), erasing]);
      expect(await sealer(next).open(tenant, 'between', sealed)).toBeNull();
      const { rows } = await projector.query("select master from vault.keys where subject = 'between'");
      expect(rows).toEqual([{ master: null }]);
    });
  });
});
