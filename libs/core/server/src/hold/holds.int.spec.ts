import {
  eventStoreMigrations,
  openEventStoreDb,
  openPostgresEventStore,
  PostgresSnapshots,
} from '@daybook/event-store';
import { startEventStoreDbDouble } from '@daybook/event-store/testing/eventstoredb-double';
import { memorySealer } from '@daybook/event-store/testing/memory-sealer';
import { newId } from '@daybook/kernel';
import { createPool, entityManager } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import { ReservationEntity } from './reservation.entity.js';
import { reservationMigrations } from './reservation.migrations.js';
import { reservationRows } from './reservation-rows.js';
import { Desk, done } from './testing/contacts.js';
import { holdsContract } from './testing/contract.js';
import { booksOf } from './testing/invariants.js';
import { MemoryRows } from './testing/memory-reservations.js';

describe('holds in PostgreSQL', () => {
  holdsContract(
    async () => {
      const database = await testDatabase([...eventStoreMigrations, ...reservationMigrations]);
      const store = openPostgresEventStore({ url: database.projectorUrl });
      const pool = createPool(database.apiUrl, { max: 4, application: 'spec' });
      const close = async () => {
        await store.close();
        await pool.end();
        await database.drop();
      };
      return { store, rows: reservationRows(entityManager(pool, [ReservationEntity])), close };
    },
    { runs: 12 },
  );
});

describe('a long number series', () => {
  it('goes on from its snapshot in a new process', async () => {
    const database = await testDatabase(eventStoreMigrations);
    const store = openPostgresEventStore({ url: database.projectorUrl });
    const pool = createPool(database.apiUrl, { max: 2, application: 'spec' });
    const tenant = newId();
    const process = () =>
      new Desk(tenant, store, { snapshots: new PostgresSnapshots(pool, memorySealer()), snapshotEvery: 4 });
    const first = process();
    for (const code of ['a', 'b', 'c']) done(await first.create(code));

    const readFrom: number[] = [];
    const readStream = store.readStream.bind(store);
    store.readStream = (stream, options) => {
      if (stream.startsWith('platform.series')) readFrom.push(options?.from ?? 0);
      return readStream(stream, options);
    };
    done(await process().create('d'));
    expect(readFrom).not.toContain(0);
    expect((await booksOf(store, tenant)).numbers.map((number) => number.split('-').at(-1))).toEqual(
      expect.arrayContaining(['1', '2', '3', '4']),
    );
    await store.close();
    await pool.end();
    await database.drop();
  });
});

describe('holds in EventStoreDB', () => {
  holdsContract(
    async () => {
      const double = await startEventStoreDbDouble();
      const store = openEventStoreDb({ url: double.url });
      return { store, rows: new MemoryRows(), close: async () => store.close().then(() => double.stop()) };
    },
    { runs: 6 },
  );
});
