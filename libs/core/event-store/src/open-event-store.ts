import { openEventStoreDb } from './eventstoredb/eventstoredb-event-store.js';
import type { EventStore } from './port.js';
import { openPostgresEventStore, type PostgresEventStoreOptions } from './postgres/postgres-event-store.js';

export interface EventStoreConfiguration {
  /** EVENTSTORE_URL. Where it is not set, events stand in PostgreSQL. */
  readonly eventStoreUrl?: string | null;
  readonly postgres: PostgresEventStoreOptions;
  /** Told when the connection was lost: what comes back may be another server. */
  readonly onInterrupted?: () => void;
}

export function openEventStore({ eventStoreUrl, postgres, onInterrupted = () => undefined }: EventStoreConfiguration) {
  const store: EventStore = eventStoreUrl
    ? openEventStoreDb({ url: eventStoreUrl, onInterrupted })
    : openPostgresEventStore({ ...postgres, onInterrupted });
  return store;
}
