export * from './catalogue.js';
export { catalogueOf, wireType } from './catalogue-of.js';
export { openEventStoreDb, type EventStoreDbOptions } from './eventstoredb/eventstoredb-event-store.js';
export * from './open-event-store.js';
export * from './port.js';
export { eventStoreMigrations } from './postgres/migrations.js';
export { openPostgresEventStore, type PostgresEventStoreOptions } from './postgres/postgres-event-store.js';
export { postgresSealer } from './postgres/postgres-sealer.js';
export * from './sealer.js';
