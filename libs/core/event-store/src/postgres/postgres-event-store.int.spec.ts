import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import { eventStoreContract } from '../testing/contract.js';
import { eventStoreMigrations } from './migrations.js';
import { openPostgresEventStore } from './postgres-event-store.js';

describe('the PostgreSQL event store', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await testDatabase(eventStoreMigrations)));
  afterAll(() => database.drop());
  eventStoreContract(async () => openPostgresEventStore({ url: database.projectorUrl }));
});
