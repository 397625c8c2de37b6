import { databaseProxy } from '@daybook/postgres/testing/proxy';
import { testDatabase } from '@daybook/postgres/testing/database';
import { outageContract } from '../testing/outage-contract.js';
import { eventStoreMigrations } from './migrations.js';
import { openPostgresEventStore } from './postgres-event-store.js';

describe('the event store while PostgreSQL is unavailable', () => {
  outageContract('a server', async () => {
    const database = await testDatabase(eventStoreMigrations);
    const proxy = await databaseProxy(database.projectorUrl);
    let interruptions = 0;
    const store = openPostgresEventStore({
      url: proxy.through(database.projectorUrl),
      pollMs: 50,
      onInterrupted: () => void (interruptions += 1),
    });
    return {
      store,
      interruptions: () => interruptions,
      refuse: () => proxy.refuse(),
      restore: () => proxy.restore(),
      double: null,
      close: async () => {
        await store.close();
        await proxy.close();
        await database.drop();
      },
    };
  });
});
