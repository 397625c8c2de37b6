export * from './catalogue.js';
export * from './port.js';
export { eventStoreMigrations } from './postgres/migrations.js';
export { openPostgresEventStore, type PostgresEventStoreOptions } from './postgres/postgres-event-store.js';
