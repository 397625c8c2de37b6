import { eventStoreMigrations, openEventStoreDb, openPostgresEventStore } from '@daybook/event-store';
import { startEventStoreDbDouble } from '@daybook/event-store/testing/eventstoredb-double';
import { createPool, entityManager } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import { ReservationEntity } from './reservation.entity.js';
import { reservationMigrations } from './reservation.migrations.js';
import { reservationRows } from './reservation-rows.js';
import { holdsContract } from './testing/contract.js';
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
