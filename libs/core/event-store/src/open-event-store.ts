import { openEventStoreDb } from './eventstoredb/eventstoredb-event-store.js';
import type { EventStore } from './port.js';
import { openPostgresEventStore, type PostgresEventStoreOptions } from './postgres/postgres-event-store.js';

export interface EventStoreConfiguration {
  /** EVENTSTORE_URL. If it is not set, events are stored in PostgreSQL. */
  readonly eventStoreUrl?: string | null;
  readonly postgres: PostgresEventStoreOptions;
  /** Called when a connection was lost: another server may be there afterwards. */
  readonly onInterrupted?: () => void;
}

export function openEventStore({ eventStoreUrl, postgres, onInterrupted = () => undefined }: EventStoreConfiguration) {
  const store: EventStore = eventStoreUrl
    ? openEventStoreDb({ url: eventStoreUrl, onInterrupted })
    : openPostgresEventStore({ ...postgres, onInterrupted });
  return store;
}
