import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type EventStore, eventStoreMigrations, openPostgresEventStore } from '@daybook/event-store';
import { isRejection, newId } from '@daybook/kernel';
import { createPool, entityManager } from '@daybook/postgres';
import { type TestDatabase, testDatabase } from '@daybook/postgres/testing/database';
import type { Pool } from 'pg';
import { ReservationEntity } from './reservation.entity.js';
import { reservationMigrations } from './reservation.migrations.js';
import { reservationRows } from './reservation-rows.js';
import type { CommandExecutorOptions } from '../command/command-executor.js';
import { createMany, Desk, done } from './testing/contacts.js';
import { booksOf, faultsIn } from './testing/invariants.js';
import { reservationsIn } from './testing/memory-reservations.js';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * What creating a contact writes: it holds code and address (in the order of their keys), then a number; appends the contact;
 * and confirms the three.
 */
const writes = [1, 2, 3, 4, 5, 6] as const;
const appended = 4;
const plans = writes.flatMap((after) => [
  { after, then: 'the same command' as const, tenant: newId() },
  { after, then: 'another command' as const, tenant: newId() },
]);

describe('a process that was killed (SIGKILL)', () => {
  let database: TestDatabase;
  let store: EventStore;
  let pool: Pool;
  beforeAll(async () => {
    database = await testDatabase([...eventStoreMigrations, ...reservationMigrations]);
    store = openPostgresEventStore({ url: database.projectorUrl });
    pool = createPool(database.apiUrl, { max: 4, application: 'spec' });
    await killed(1, ['stops', ...plans.map(({ tenant, after }) => `${tenant}:${after}`)]);
  }, 60_000);
  afterAll(async () => {
    await store.close();
    await pool.end();
    await database.drop();
  });

  const deskOf = (tenant: string, more: Partial<CommandExecutorOptions> = {}): Desk =>
    new Desk(tenant, store, {
      personal: reservationsIn(reservationRows(entityManager(pool, [ReservationEntity]))),
      ...more,
    });
  const hurry = { patience: { inTheWayMs: 0, elsewhereMs: 0 } };

  /** Starts a process, and kills it as soon as it has said so many words, or 'end'. */
  async function killed(words: number, what: readonly string[], onFirst: () => void = () => undefined): Promise<void> {
    const child = spawn(
      process.execPath,
      [
        ...['--import', place('../../../../../tools/source.mjs'), place('testing/killed.fixture.mjs')],
        ...[database.projectorUrl, database.apiUrl, ...what],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
    );
    const exited = once(child, 'exit');
    let said = 0;
    for await (const word of createInterface(child.stdout)) {
      said += 1;
      if (said === 1) onFirst();
      if (said === words || word === 'end') child.kill('SIGKILL');
    }
    expect((await exited)[1]).toBe('SIGKILL');
  }

  it.each([1, 2, 4, 8, 16])(
    'after %i writes of its 25 writers, beside 25 others, leaves all or nothing',
    async (writes) => {
      const tenant = newId();
      let here: ReturnType<typeof createMany> = Promise.resolve([]);
      await killed(1 + writes, ['writes', tenant], () => void (here = createMany(deskOf(tenant), 'here')));
      expect(faultsIn(await booksOf(store, tenant), tenant)).toEqual([]);
      // What the killed process was sent is sent again.
      for (const answer of [...(await here), ...(await createMany(deskOf(tenant), 'child'))]) {
        if (isRejection(answer)) expect(answer.code).toMatch(/^crm.(code|email)-exists$/);
      }
      done(await deskOf(tenant, hurry).create(null));
      const books = await booksOf(store, tenant);
      expect([faultsIn(books, tenant), books.series.open.size]).toEqual([[], 0]);
      const codes = [...books.contacts.values()].flatMap(({ code }) => code ?? []);
      expect(codes.sort()).toEqual([0, 1, 2, 3, 4].map((n) => `code ${n}`));
    },
    60_000,
  );

  it.each(plans)(
    'after write $after of a command leaves all or nothing, and $then goes on',
    async ({ after, then, tenant }) => {
      const desk = deskOf(tenant, hurry);
      const before = await booksOf(store, tenant);
      expect([before.contacts.size, faultsIn(before, tenant)]).toEqual([after >= appended ? 1 : 0, []]);

      const create = (key: string) => desk.create('a', { email: 'a@example.org', key });
      const isThere = after >= appended;
      const answer = await create(then === 'the same command' ? 'k' : 'other');
      expect(isRejection(answer)).toBe(isThere && then === 'another command');
      const { id } = isThere
        ? [...before.contacts.values()].map(({ contactId }) => ({ id: contactId }))[0]!
        : done(answer);
      if (then === 'the same command') {
        // A repeat finishes what its first execution left, without waiting for anybody to meet it.
        const { series, reservations } = await booksOf(store, tenant);
        const open = [...reservations.values()].filter((one) => one.open);
        expect([series.open.size, open]).toEqual([0, []]);
      }
      done(await desk.create('b', { key: 'next' }));

      const books = await booksOf(store, tenant);
      expect([...books.contacts.keys()]).toContain(id);
      expect([books.contacts.size, faultsIn(books, tenant)]).toEqual([2, []]);
      expect([books.series.open.size, books.voided.length]).toEqual([0, after === 3 ? 1 : 0]);
      expect(desk.unsettled).toEqual([]);
    },
  );
});
