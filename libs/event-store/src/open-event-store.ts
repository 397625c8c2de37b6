import { openEventStoreDb } from './eventstoredb/eventstoredb-event-store.js';
import type { EventStore } from './port.js';
import { openPostgresEventStore, type PostgresEventStoreOptions } from './postgres/postgres-event-store.js';

export interface EventStoreConfiguration {
  /** EVENTSTORE_URL. Where it is not set, events stand in PostgreSQL. */
  readonly eventStoreUrl?: string | null;
  readonly postgres: PostgresEventStoreOptions;
}

export const openEventStore = ({ eventStoreUrl, postgres }: EventStoreConfiguration): EventStore =>
  eventStoreUrl ? openEventStoreDb({ url: eventStoreUrl }) : openPostgresEventStore(postgres);
